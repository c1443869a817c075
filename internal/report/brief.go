package report

import (
	"fmt"
	"strings"
	"time"
)

// Brief is what a chat shows of the report: a line for each tier, band and play, without columns, which a chat does not keep under each other.
func (e Effects) Brief(zone *time.Location) string {
	lines := []string{e.Period.Text(zone)}
	for _, t := range e.Tiers {
		lines = append(lines, fmt.Sprintf("**%s**　%d 个客户，消费 %s", name(t.Tier, t.Title), t.Customers, yuan(t.Spent)),
			"- 留存 "+percent(t.Retention), "- 消费增长 "+change(t.Growth), "- 满意度 "+score(t.Satisfaction), "- 任务完成 "+percent(t.Done))
	}
	if e.Derived > 0 {
		lines = append(lines, fmt.Sprintf("其中 %d 个客户期初还没有评过分，层级按当时的资料推算。", e.Derived))
	}
	if len(e.Bands) > 0 {
		lines = append(lines, "**新客户成交率**")
	}
	for _, b := range e.Bands {
		lines = append(lines, "- "+b.Name+"："+percent(b.Conversion))
	}
	if len(e.Plays) > 0 {
		lines = append(lines, "**打法**")
	}
	for _, p := range e.Plays {
		lines = append(lines, "- "+p.Line())
	}
	for _, d := range e.Disagree {
		if d.Opposed > 0 {
			lines = append(lines, fmt.Sprintf("- %s 与 %s 对 %d 个客户的看法正好相反", e.Scheme, d.Scheme, d.Opposed))
		}
	}
	return strings.Join(lines, "\n")
}

// Brief is what a chat shows of the progress.
func (p Progress) Brief(zone *time.Location) string {
	lines := []string{p.Period.Text(zone), "合计：" + p.All.line()}
	for _, t := range p.Teams {
		lines = append(lines, "**"+t.Name+"**　"+t.line())
		for _, x := range p.People {
			if x.Team == t.Name {
				lines = append(lines, "- "+x.Name+"："+x.line())
			}
		}
	}
	for _, x := range p.People {
		if x.Team == "" {
			lines = append(lines, "- "+x.Name+"："+x.line())
		}
	}
	return strings.Join(lines, "\n")
}

func (x Standing) line() string {
	if x.Due == 0 {
		return "没有到期的任务"
	}
	s := fmt.Sprintf("%d 项到期，完成 %d（%.0f%%），按时 %d", x.Due, x.Done, 100*float64(x.Done)/float64(x.Due), x.OnTime)
	if x.Overdue > 0 {
		s += fmt.Sprintf("，超时 %d", x.Overdue)
	}
	return s
}

// Brief is what a chat shows of the forecast.
func (f Forecast) Brief() string {
	t := f.Tables()[0]
	lines := []string{"**" + t.Title + "**"}
	for _, row := range t.Rows[1:] {
		lines = append(lines, fmt.Sprintf("- %s：%s，%s", row[0], row[2], row[3]))
	}
	return strings.Join(append(lines, t.Notes...), "\n")
}
