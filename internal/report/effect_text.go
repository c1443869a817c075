package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring/validate"
)

// Table is a part of a report, as people read it: in a chat, as a sheet of a workbook. The first row are the headings.
type Table struct {
	Title string
	Rows  [][]string
	Notes []string // below it
}

// Tables are the parts of the report in Chinese, money in whole yuan.
func (e Effects) Tables() []Table {
	tables := []Table{e.tierTable(), e.workTable(), e.bandTable(), e.playTable()}
	for _, d := range e.Disagree {
		tables = append(tables, d.table(e.Scheme))
	}
	if len(e.Lost) > 0 {
		t := Table{Title: "输单原因", Rows: [][]string{{"原因", "单数"}}}
		for _, r := range e.Lost {
			t.Rows = append(t.Rows, []string{r.Reason, fmt.Sprint(r.N)})
		}
		tables = append(tables, t)
	}
	return tables
}

// Text is the report as text tables.
func (e Effects) Text(zone *time.Location) string {
	return "分层效果报表　" + e.Period.Text(zone) + "\n\n" + Text(e.Tables())
}

// Text is the period as people write it; the day on which it ends is the last one of it.
func (p Period) Text(zone *time.Location) string {
	return p.From.In(zone).Format("2006-01-02") + " 至 " + p.To.Add(-time.Millisecond).In(zone).Format("2006-01-02")
}

// Text sets tables below each other.
func Text(tables []Table) string {
	var parts []string
	for _, t := range tables {
		parts = append(parts, "【"+t.Title+"】\n"+table(t.Rows)+strings.Join(append(t.Notes, ""), "\n"))
	}
	return strings.Join(parts, "\n")
}

func (e Effects) tierTable() Table {
	t := Table{Title: "各层效果", Rows: [][]string{{"层级", "客户", "留存", "期内消费", "上期消费", "消费增长", "满意度", "投诉"}}}
	for _, x := range e.Tiers {
		t.Rows = append(t.Rows, []string{
			name(x.Tier, x.Title), fmt.Sprint(x.Customers), percent(x.Retention), yuan(x.Spent), yuan(x.Before), change(x.Growth), score(x.Satisfaction), fmt.Sprint(x.Complaints),
		})
	}
	t.Notes = append(t.Notes, "留存：期初前一年内买过的客户，期内又买的比例；消费增长：与之前同样长的时期相比。层级按期初。")
	if e.Unjudged > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d 个客户期初还不存在，未计入。", e.Unjudged))
	}
	if e.Derived > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%d 个客户期初还没有评过分，层级按当时的资料推算。", e.Derived))
	}
	return t
}

func (e Effects) workTable() Table {
	t := Table{Title: "各层投入与任务", Rows: [][]string{{"层级", "任务", "完成率", "按时率", "跟进", "每次投入带来的消费", "近一年服务成本"}}}
	for _, x := range e.Tiers {
		back, cost := yuan(x.Return), yuan(x.Cost)
		if x.Return == 0 {
			back = "—"
		}
		if x.Cost == 0 {
			cost = "—"
		}
		t.Rows = append(t.Rows, []string{name(x.Tier, x.Title), fmt.Sprint(x.Tasks), percent(x.Done), percent(x.OnTime), fmt.Sprint(x.Contacts), back, cost})
	}
	return t
}

func (e Effects) bandTable() Table {
	t := Table{Title: "新客户按得分段", Rows: [][]string{{"得分段", "新增", "已分配", "已联系", "成交率", "输单", "平均成交额", "成交天数（中位）", "好线索（销售反馈）"}}}
	for _, b := range e.Bands {
		t.Rows = append(t.Rows, []string{
			b.Name, fmt.Sprint(b.Conversion.N), fmt.Sprint(b.Assigned), fmt.Sprint(b.Contacted), percent(b.Conversion), fmt.Sprint(b.Lost), money(b.Deal), days(b.Days), percent(b.Good),
		})
	}
	t.Notes = append(t.Notes, "得分按到来一天后的资料计算，不含之后才知道的。")
	return t
}

func (e Effects) playTable() Table {
	t := Table{Title: "打法效果（与随机留出的客户相比）", Rows: [][]string{{"打法", "执行", "留出", "响应率", "购买率", "留出购买率", "购买提升", "消费提升", "结论"}}}
	for _, p := range e.Plays {
		t.Rows = append(t.Rows, []string{
			p.Title, fmt.Sprint(p.Treated), fmt.Sprint(p.Held), percent(p.Answered), percent(p.Rate), percent(p.HeldRate), wording{}.lift(p.Bought), wording{}.lift(p.Spent), p.Verdict(),
		})
		if p.Waiting > 0 {
			t.Notes = append(t.Notes, fmt.Sprintf("%s：另有 %d 个客户的观察期未满，未计入。", p.Title, p.Waiting))
		}
	}
	if len(e.Plays) == 0 {
		t.Notes = append(t.Notes, "没有观察期已满的打法。")
	}
	return t
}

// Verdict says whether the play is shown to make more of the treated buy.
func (p PlayEffect) Verdict() string {
	switch {
	case p.Bought.TooFew:
		return "样本太少"
	case !p.Bought.Shown():
		return "未显示效果"
	case p.Bought.Low > 0:
		return "有效"
	}
	return "适得其反"
}

// Line is the effect in one line: "购买率 +25 %，95 % 区间 8…41 %，n=412", or that there are too few.
func (p PlayEffect) Line(l lang.Language) string {
	w := wording{l}
	return p.Title + w.Say("：购买率 ", ": buyers ") + w.lift(p.Bought)
}

func (d Disagreement) table(leading string) Table {
	t := Table{Title: fmt.Sprintf("分层方案对照：%s（行）与 %s（列）", leading, d.Scheme), Rows: [][]string{append([]string{""}, d.Tiers...)}}
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
		t.Notes = append(t.Notes, fmt.Sprintf("一方最高而另一方最低的有 %d 个：%s", d.Opposed, strings.Join(names, "、")))
	}
	return t
}

// Tables are the progress as people read it.
func (p Progress) Tables() []Table {
	people := Table{Title: "任务进度（按人）", Rows: [][]string{{"团队", "姓名", "到期", "完成", "按时", "超时未完成", "完成率"}}}
	for _, x := range p.People {
		people.Rows = append(people.Rows, append([]string{x.Team, x.Name}, x.cells()...))
	}
	teams := Table{Title: "任务进度（按团队）", Rows: [][]string{{"团队", "到期", "完成", "按时", "超时未完成", "完成率"}}}
	for _, x := range append(p.Teams[:len(p.Teams):len(p.Teams)], p.All) {
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
func (p Progress) Text(zone *time.Location) string {
	return "任务进度　" + p.Period.Text(zone) + "\n\n" + Text(p.Tables())
}

func name(tier, title string) string {
	if title == "" || title == tier {
		return tier
	}
	return tier + " " + title
}

// yuan is an amount in whole yuan with its thousands told apart.
func yuan(m customer.Money) string { return grouped(math.Round(m.Yuan())) + " 元" }

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

// change is a relative change with its interval.
func change(e validate.Estimate) string { return wording{}.change(e) }

func score(e validate.Estimate) string { return wording{}.score(e) }
