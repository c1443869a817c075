package cards

import (
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/scoring"
)

// Explain returns a customer's score with everything that can be said about it.
func (p *Printer) Explain(c customer.Customer) scoring.Result { return p.explain(c) }

// Standing is the answer to 查: the tier and who has it for everybody; with the basis also the score, why nobody has it, and the main reasons.
func (p *Printer) Standing(c customer.Customer, owner string) string {
	var b strings.Builder
	b.WriteString(p.sayf("**%s**：%s", "**%s**: %s", Name(c), p.Tier(c.Tier)))
	if !p.sight.Basis {
		if owner != "" {
			b.WriteString(p.sayf("\n负责人：%s", "\nOwner: %s", owner))
		}
		return b.String()
	}
	b.WriteString(p.sayf("，得分 %s", ", score %s", points(c.Score.Total)))
	if owner != "" {
		b.WriteString(p.sayf("\n负责人：%s", "\nOwner: %s", owner))
	} else if c.Pool != "" {
		b.WriteString(p.sayf("\n在“%s”，暂无负责人", "\nIn “%s”, without an owner", c.Pool))
	}
	if waiting := p.Waiting(c); waiting != "" && owner == "" {
		b.WriteString(p.sayf("\n原因：%s", "\nBecause: %s", waiting))
	}
	if len(c.Tags) > 0 {
		b.WriteString(p.sayf("\n标记：%s", "\nMarks: %s", strings.Join(c.Tags, p.say("、", ", "))))
	}
	if reasons := p.reasons(c); reasons != "" {
		b.WriteString(p.sayf("\n主要依据：\n%s", "\nMain reasons:\n%s", reasons))
	}
	return b.String()
}

// Why is the answer to 为什么: every contribution with its value, source and time, dimension by dimension; they add up to the total. The origin that most
// of them share is told once at the end.
func (p *Printer) Why(c customer.Customer) string {
	r := p.explain(c)
	lines := []string{p.sayf("**%s**：得分 %s（%s）", "**%s**: score %s (%s)", Name(c), points(r.Total), p.Tier(c.Tier))}
	if len(r.Contributions) == 0 {
		return strings.Join(append(lines, p.say("还没有可用于评分的资料", "Nothing is known yet that a score could follow from")), "\n")
	}
	usual := usualOrigin(r.Contributions, p.zone)
	for _, d := range r.Dimensions {
		lines = append(lines, p.dimension(r, d, usual)...)
	}
	if none := p.withoutPoints(r); none != "" {
		lines = append(lines, p.sayf("未得分：%s", "Without points: %s", none))
	}
	if missing := p.withoutData(r); missing != "" {
		lines = append(lines, p.sayf("无资料：%s", "Not known: %s", missing))
	}
	if usual != "" {
		lines = append(lines, p.sayf("资料来源：%s", "Source: %s", usual))
	}
	return strings.Join(append(lines, p.sayf("评分模型：%s", "Model: %s", r.Model)), "\n")
}

// dimension lists what a dimension gave, under its sum; nothing where it gave nothing.
func (p *Printer) dimension(r scoring.Result, d scoring.DimensionScore, usual string) []string {
	var lines []string
	for _, c := range byWeight(r.Contributions) {
		if c.Dimension != d.ID || c.Points == 0 {
			continue
		}
		line := "- " + p.reason(c)
		if from := origin(c, p.zone); from != usual && c.Rule != scoring.AdjustmentRule {
			line += p.inBrackets(from)
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return nil
	}
	head := p.sayf("**%s %s 分**", "**%s %s points**", d.Called(string(p.lang)), points(d.Points))
	switch {
	case d.Raw > d.Points && d.Cap > d.Points: // the total has its limit, too
		head += p.say("（总分已满，只计入一部分）", " (the total is full, so only a part counts)")
	case d.Raw > d.Points && d.Cap > 0:
		head += p.sayf("（已到上限 %s）", " (at its limit of %s)", points(d.Cap))
	}
	return append([]string{head}, lines...)
}

// withoutPoints names what was known and gave nothing, with its value.
func (p *Printer) withoutPoints(r scoring.Result) string {
	var names []string
	for _, c := range r.Contributions {
		if c.Points == 0 {
			names = append(names, p.called(c)+p.told(c))
		}
	}
	return strings.Join(names, p.say("、", ", "))
}

// withoutData names what was not known.
func (p *Printer) withoutData(r scoring.Result) string {
	var names []string
	for _, m := range r.Missing {
		names = append(names, m.Called(string(p.lang)))
	}
	return strings.Join(names, p.say("、", ", "))
}

// usualOrigin is the origin of most contributions that gave points.
func usualOrigin(all []scoring.Contribution, zone *time.Location) string {
	count := make(map[string]int)
	usual := ""
	for _, c := range all {
		if c.Points == 0 {
			continue
		}
		from := origin(c, zone)
		if count[from]++; count[from] > count[usual] {
			usual = from
		}
	}
	return usual
}

// origin tells who said what a contribution follows from, and on which day.
func origin(c scoring.Contribution, zone *time.Location) string {
	if c.At.IsZero() {
		return c.Source
	}
	return strings.TrimSpace(c.Source + " " + c.At.In(zone).Format(time.DateOnly))
}
