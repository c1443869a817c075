package report

import (
	"math"
	"strings"
	"time"

	"lingke/internal/lang"
	"lingke/scoring/validate"
)

// Brief is what a chat shows of the report: a line for each tier, band and play, without columns, which a chat does not keep under each other.
func (e Effects) Brief(l lang.Language, zone *time.Location) string {
	w := wording{l}
	lines := []string{e.Said(w.Language, zone)}
	for _, t := range e.Tiers {
		lines = append(lines, w.Sayf("**%s**　%d 个客户，消费 %s", "**%s**: %d customers, spent %s", w.tier(t.Tier, t.Title, t.TitleEN), t.Customers, w.yuan(t.Spent.Yuan())),
			w.Say("- 留存 ", "- retention ")+w.percent(t.Retention), w.Say("- 消费增长 ", "- spending ")+w.change(t.Growth),
			w.Say("- 满意度 ", "- satisfaction ")+w.score(t.Satisfaction), w.Say("- 任务完成 ", "- tasks done ")+w.percent(t.Done))
	}
	if e.Derived > 0 {
		lines = append(lines, w.Sayf("其中 %d 个客户期初还没有评过分，层级按当时的资料推算。", "%d of these customers had no score when the period began; their tiers follow from what was known then.", e.Derived))
	}
	if len(e.Bands) > 0 {
		lines = append(lines, w.Say("**新客户成交率**", "**Conversion of newcomers by score**"))
	}
	for _, b := range e.Bands {
		lines = append(lines, "- "+w.band(b.Name)+w.Say("：", ": ")+w.percent(b.Conversion))
	}
	if len(e.Plays) > 0 {
		lines = append(lines, w.Say("**打法**", "**Plays**"))
	}
	for _, p := range e.Plays {
		lines = append(lines, "- "+p.Line(l))
	}
	for _, d := range e.Disagree {
		if d.Opposed > 0 {
			lines = append(lines, w.Sayf("- %s 与 %s 对 %d 个客户的看法正好相反", "- %s and %s see %d customers the opposite way", e.Scheme, d.Scheme, d.Opposed))
		}
	}
	return strings.Join(lines, "\n")
}

// Brief is what a chat shows of the progress.
func (p Progress) Brief(l lang.Language, zone *time.Location) string {
	w := wording{l}
	lines := []string{p.Said(w.Language, zone), w.Say("合计：", "In all: ") + w.standing(p.All)}
	for _, t := range p.Teams {
		lines = append(lines, "**"+t.Name+w.Say("**　", "**: ")+w.standing(t))
		for _, x := range p.People {
			if x.Team == t.Name {
				lines = append(lines, "- "+x.Name+w.Say("：", ": ")+w.standing(x))
			}
		}
	}
	for _, x := range p.People {
		if x.Team == "" {
			lines = append(lines, "- "+x.Name+w.Say("：", ": ")+w.standing(x))
		}
	}
	return strings.Join(lines, "\n")
}

// Brief is what a chat shows of the forecast.
func (f Forecast) Brief(l lang.Language) string {
	w := wording{l}
	lines := []string{w.Sayf("**今后 %d 周销售预测（%.0f%% 区间）**", "**Sales in the next %d weeks (%.0f%% intervals)**", f.Weeks, 100*f.Level)}
	if f.TooFew {
		return strings.Join(append(lines, w.Sayf("样本太少：买过的客户有 %d 个，至少要 %d 个，其中 %d 个买过不止一次。", "Too few: %d customers have bought; it takes %d, of whom %d more than once.",
			f.Buyers, minBuyers, minRepeaters)), "\n")
	}
	for _, x := range f.Tiers {
		lines = append(lines, w.Sayf("- %s：%.0f 次（%.0f–%.0f），%s 元（%s–%s）", "- %s: %.0f purchases (%.0f–%.0f), %s yuan (%s–%s)", w.tier(x.Tier, x.Title, x.TitleEN),
			x.Purchases.Expected, x.Purchases.Low, x.Purchases.High, grouped(x.Revenue.Expected), grouped(x.Revenue.Low), grouped(x.Revenue.High)))
	}
	return strings.Join(append(lines, w.Say("只含已买过的客户的再次购买，不含新客户。", "Of customers who have bought before; without new ones.")), "\n")
}

// wording writes figures in a language.
type wording struct{ lang.Language }

// tier is a tier's name.
func (w wording) tier(tier, title, english string) string {
	if w.Language == lang.English {
		return name(tier, english)
	}
	return name(tier, title)
}

func (w wording) yuan(v float64) string { return grouped(math.Round(v)) + w.Say(" 元", " yuan") }

// band is the name of a band of scores, which are stored in Chinese: 80 以上.
func (w wording) band(name string) string {
	if w.Language != lang.English {
		return name
	}
	if name == "全部" {
		return "all"
	}
	if above, is := strings.CutSuffix(name, " 以上"); is {
		return "above " + above
	}
	if upTo, is := strings.CutSuffix(name, " 及以下"); is {
		return "up to " + upTo
	}
	return name
}

// heads are the headings of a table, parted by bars.
func (w wording) heads(zh, en string) []string { return strings.Split(w.Say(zh, en), "|") }

func (w wording) money(e validate.Estimate) string {
	if e.TooFew {
		return w.tooFew(e.N)
	}
	return w.Sayf("%.0f 元（%.0f–%.0f，n=%d）", "%.0f yuan (%.0f–%.0f, n=%d)", e.Value, e.Low, e.High, e.N)
}

func (w wording) days(e validate.Estimate) string {
	if e.TooFew {
		return w.tooFew(e.N)
	}
	return w.Sayf("%.0f（%.0f–%.0f，n=%d）", "%.0f (%.0f–%.0f, n=%d)", e.Value, e.Low, e.High, e.N)
}

func (w wording) tooFew(n int) string { return w.Sayf("样本太少（n=%d）", "too few (n=%d)", n) }

func (w wording) percent(e validate.Estimate) string {
	if e.TooFew {
		return w.tooFew(e.N)
	}
	return w.Sayf("%.1f%%（%.1f–%.1f%%，n=%d）", "%.1f%% (%.1f–%.1f%%, n=%d)", 100*e.Value, 100*e.Low, 100*e.High, e.N)
}

func (w wording) change(e validate.Estimate) string {
	if e.TooFew || math.IsNaN(e.Value) {
		return w.tooFew(e.Positives)
	}
	return w.Sayf("%+.0f%%（%+.0f…%+.0f%%，n=%d）", "%+.0f%% (%+.0f…%+.0f%%, n=%d)", 100*e.Value, 100*e.Low, 100*e.High, e.Positives)
}

func (w wording) score(e validate.Estimate) string {
	if e.TooFew {
		return w.tooFew(e.N)
	}
	return w.Sayf("%.1f（%.1f–%.1f，n=%d）", "%.1f (%.1f–%.1f, n=%d)", e.Value, e.Low, e.High, e.N)
}

// lift is an effect with its interval: "+25 %，95 % 区间 8…41 %，n=412".
func (w wording) lift(e validate.Estimate) string {
	if e.TooFew || math.IsNaN(e.Value) {
		return w.Say("样本太少", "too few")
	}
	s := w.Sayf("%+.0f %%，95 %% 区间 %.0f…%.0f %%，n=%d", "%+.0f %%, 95 %% interval %.0f…%.0f %%, n=%d", 100*e.Value, 100*e.Low, 100*e.High, e.N)
	if !e.Shown() {
		s += w.Say("，未显示效果", ", no effect shown")
	}
	return s
}

func (w wording) standing(x Standing) string {
	if x.Due == 0 {
		return w.Say("没有到期的任务", "nothing was due")
	}
	s := w.Sayf("%d 项到期，完成 %d（%.0f%%），按时 %d", "%d due, %d done (%.0f%%), %d in time", x.Due, x.Done, 100*float64(x.Done)/float64(x.Due), x.OnTime)
	if x.Overdue > 0 {
		s += w.Sayf("，超时 %d", ", %d late", x.Overdue)
	}
	return s
}
