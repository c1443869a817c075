package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"lingke/internal/lang"
)

// Table is a part of a report, as people read it: in a chat, as a sheet of a workbook. The first row are the headings.
type Table struct {
	Title string
	Rows  [][]string
	Notes []string // below it
}

// Tables are the parts of the report, money in whole yuan.
func (e Effects) Tables(l lang.Language) []Table {
	w := wording{l}
	tables := []Table{e.tierTable(w), e.workTable(w), e.bandTable(w), e.playTable(w)}
	for _, d := range e.Disagree {
		tables = append(tables, d.table(w, e.Scheme))
	}
	if len(e.Lost) > 0 {
		t := Table{Title: w.Say("输单原因", "Why deals were lost"), Rows: [][]string{w.heads("原因|单数", "Reason|Deals")}}
		for _, r := range e.Lost {
			t.Rows = append(t.Rows, []string{w.reason(r.Reason), fmt.Sprint(r.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// Text is the report as text tables.
func (e Effects) Text(l lang.Language, zone *time.Location) string {
	return l.Say("分层效果报表　", "What tiers, scores and plays brought: ") + e.Said(l, zone) + "\n\n" + Text(l, e.Tables(l))
}

// Said is the period as people write it; the day on which it ends is the last one of it.
func (p Period) Said(l lang.Language, zone *time.Location) string {
	return l.Sayf("%s 至 %s", "%s to %s", p.From.In(zone).Format(time.DateOnly), p.To.Add(-time.Millisecond).In(zone).Format(time.DateOnly))
}

func (w wording) reason(told string) string {
	if told == noReason {
		return w.Say("未写明", "none given")
	}
	return told
}

// Text sets tables below each other.
func Text(l lang.Language, tables []Table) string {
	var parts []string
	for _, t := range tables {
		parts = append(parts, l.Sayf("【%s】\n", "[%s]\n", t.Title)+table(t.Rows)+strings.Join(append(t.Notes, ""), "\n"))
	}
	return strings.Join(parts, "\n")
}

func (e Effects) tierTable(w wording) Table {
	t := Table{Title: w.Say("各层效果", "What the tiers brought"), Rows: [][]string{w.heads("层级|客户|留存|期内消费|上期消费|消费增长|满意度|投诉", "Tier|Customers|Retention|Spent|Spent before|Growth|Satisfaction|Complaints")}}
	for _, x := range e.Tiers {
		t.Rows = append(t.Rows, []string{
			w.tier(x.Tier, x.Title, x.TitleEN), fmt.Sprint(x.Customers), w.percent(x.Retention), w.yuan(x.Spent.Yuan()), w.yuan(x.Before.Yuan()), w.change(x.Growth), w.score(x.Satisfaction), fmt.Sprint(x.Complaints),
		})
	}
	t.Notes = append(t.Notes, w.Say("留存：期初前一年内买过的客户，期内又买的比例；消费增长：与之前同样长的时期相比。层级按期初。",
		"Retention: of the customers who had bought in the year before the period, those who bought again in it. Growth: against as long a time before. Tiers as the period began."))
	if e.Unjudged > 0 {
		t.Notes = append(t.Notes, w.Sayf("%d 个客户期初还不存在，未计入。", "%d customers were not there yet as the period began, and are not counted.", e.Unjudged))
	}
	if e.Derived > 0 {
		t.Notes = append(t.Notes, w.Sayf("%d 个客户期初还没有评过分，层级按当时的资料推算。", "%d customers had no score when the period began; their tiers follow from what was known then.", e.Derived))
	}
	return t
}

func (e Effects) workTable(w wording) Table {
	t := Table{Title: w.Say("各层投入与任务", "Work by tier"), Rows: [][]string{w.heads("层级|任务|完成率|按时率|跟进|每次投入带来的消费|近一年服务成本", "Tier|Tasks|Done|In time|Contacts|Spent for each effort|Cost of service, 1 year")}}
	for _, x := range e.Tiers {
		back, cost := w.yuan(x.Return.Yuan()), w.yuan(x.Cost.Yuan())
		if x.Return == 0 {
			back = "—"
		}
		if x.Cost == 0 {
			cost = "—"
		}
		t.Rows = append(t.Rows, []string{w.tier(x.Tier, x.Title, x.TitleEN), fmt.Sprint(x.Tasks), w.percent(x.Done), w.percent(x.OnTime), fmt.Sprint(x.Contacts), back, cost})
	}
	return t
}

func (e Effects) bandTable(w wording) Table {
	t := Table{Title: w.Say("新客户按得分段", "Newcomers by score"), Rows: [][]string{w.heads("得分段|新增|已分配|已联系|成交率|输单|平均成交额|成交天数（中位）|好线索（销售反馈）", "Score|New|Assigned|Contacted|Won|Lost|Mean deal|Days to the deal (median)|Good leads, say reps")}}
	for _, b := range e.Bands {
		t.Rows = append(t.Rows, []string{
			w.band(b.Name), fmt.Sprint(b.Conversion.N), fmt.Sprint(b.Assigned), fmt.Sprint(b.Contacted), w.percent(b.Conversion), fmt.Sprint(b.Lost), w.money(b.Deal), w.days(b.Days), w.percent(b.Good),
		})
	}
	t.Notes = append(t.Notes, w.Say("得分按到来一天后的资料计算，不含之后才知道的。", "Scores are those of what was known a day after they came."))
	return t
}

func (e Effects) playTable(w wording) Table {
	t := Table{Title: w.Say("打法效果（与随机留出的客户相比）", "Plays, against customers held out"), Rows: [][]string{w.heads("打法|执行|留出|响应率|购买率|留出购买率|购买提升|消费提升|结论", "Play|Treated|Held out|Answered|Bought|Held out who bought|More buyers|More spending|Shown")}}
	for _, p := range e.Plays {
		t.Rows = append(t.Rows, []string{
			p.Name(w.Language), fmt.Sprint(p.Treated), fmt.Sprint(p.Held), w.percent(p.Answered), w.percent(p.Rate), w.percent(p.HeldRate), w.lift(p.Bought), w.lift(p.Spent), p.Verdict(w.Language),
		})
		if p.Waiting > 0 {
			t.Notes = append(t.Notes, w.Sayf("%s：另有 %d 个客户的观察期未满，未计入。", "%s: %d more customers are still being watched, and are not counted.", p.Name(w.Language), p.Waiting))
		}
	}
	if len(e.Plays) == 0 {
		t.Notes = append(t.Notes, w.Say("没有观察期已满的打法。", "No play has been watched long enough."))
	}
	return t
}

// Verdict says whether the play is shown to make more of the treated buy.
func (p PlayEffect) Verdict(l lang.Language) string {
	switch {
	case p.Bought.TooFew:
		return l.Say("样本太少", "too few")
	case !p.Bought.Shown():
		return l.Say("未显示效果", "no effect shown")
	case p.Bought.Low > 0:
		return l.Say("有效", "works")
	}
	return l.Say("适得其反", "does harm")
}

// Line is the effect in one line: "购买率 +25 %，95 % 区间 8…41 %，n=412", or that there are too few.
func (p PlayEffect) Line(l lang.Language) string {
	w := wording{l}
	return p.Name(l) + w.Say("：购买率 ", ": buyers ") + w.lift(p.Bought)
}

func (d Disagreement) table(w wording, leading string) Table {
	t := Table{Title: w.Sayf("分层方案对照：%s（行）与 %s（列）", "Schemes: %s (rows), %s (columns)", leading, d.Scheme), Rows: [][]string{append([]string{""}, d.Tiers...)}}
	for i, row := range d.Counts {
		cells := []string{d.Rows[i]}
		for _, n := range row {
			cells = append(cells, fmt.Sprint(n))
		}
		t.Rows = append(t.Rows, cells)
	}
	if d.Opposed > 0 {
		var names []string
		for _, x := range d.Apart {
			names = append(names, x.Name)
		}
		t.Notes = append(t.Notes, w.Sayf("一方最高而另一方最低的有 %d 个：%s", "%d are highest for one and lowest for the other: %s", d.Opposed, strings.Join(names, w.Say("、", ", "))))
	}
	return t
}

// Tables are the progress as people read it.
func (p Progress) Tables(l lang.Language) []Table {
	w := wording{l}
	people := Table{Title: w.Say("任务进度（按人）", "Tasks by person"), Rows: [][]string{w.heads("团队|姓名|到期|完成|按时|超时未完成|完成率", "Team|Name|Due|Done|In time|Late and open|Done of due")}}
	for _, x := range p.People {
		people.Rows = append(people.Rows, append([]string{x.Team, x.Name}, x.cells()...))
	}
	teams := Table{Title: w.Say("任务进度（按团队）", "Tasks by team"), Rows: [][]string{w.heads("团队|到期|完成|按时|超时未完成|完成率", "Team|Due|Done|In time|Late and open|Done of due")}}
	all := p.All
	all.Name = w.Say("合计", "In all")
	for _, x := range append(p.Teams[:len(p.Teams):len(p.Teams)], all) {
		teams.Rows = append(teams.Rows, append([]string{x.Name}, x.cells()...))
	}
	return []Table{teams, people}
}

func (x Standing) cells() []string {
	rate := "—"
	if x.Due > 0 {
		rate = fmt.Sprintf("%.0f%%", 100*float64(x.Done)/float64(x.Due))
	}
	return []string{fmt.Sprint(x.Due), fmt.Sprint(x.Done), fmt.Sprint(x.OnTime), fmt.Sprint(x.Overdue), rate}
}

// Text is the progress as text tables.
func (p Progress) Text(l lang.Language, zone *time.Location) string {
	return l.Say("任务进度　", "Tasks: ") + p.Said(l, zone) + "\n\n" + Text(l, p.Tables(l))
}

func name(tier, title string) string {
	if title == "" || title == tier {
		return tier
	}
	return tier + " " + title
}
func grouped(v float64) string {
	digits, sign := fmt.Sprintf("%.0f", math.Abs(v)), ""
	if v < 0 {
		sign = "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
