package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"lingke/internal/customer"
	"lingke/scoring"
)

// reasons are the contributions that moved the score most, a line each.
func (p *Printer) reasons(r scoring.Result, limit int) string {
	top := slices.Clone(r.Contributions)
	slices.SortStableFunc(top, func(a, b scoring.Contribution) int { return cmp.Compare(abs(b.Points), abs(a.Points)) })
	var lines []string
	for _, c := range top[:min(limit, len(top))] {
		lines = append(lines, "- "+reason(c))
	}
	return strings.Join(lines, "\n")
}

func abs(v float64) float64 { return max(v, -v) }

func reason(c scoring.Contribution) string {
	return fmt.Sprintf("%s %s%s", c.Name, signed(c.Points), inBrackets(c.Value))
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return "（" + text + "）"
}

func signed(v float64) string {
	if v < 0 {
		return points(v)
	}
	return "+" + points(v)
}

// Standing is the answer to 查: the tier for everybody; with basis also the score, who has it, and the main reasons.
func (p *Printer) Standing(c customer.Customer, owner string, basis bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**：%s", Name(c), p.Tier(c.Tier))
	if !basis {
		return b.String()
	}
	fmt.Fprintf(&b, "，得分 %s", points(c.Score.Total))
	if owner != "" {
		fmt.Fprintf(&b, "\n负责人：%s", owner)
	} else if c.Pool != "" {
		fmt.Fprintf(&b, "\n在“%s”，暂无负责人", c.Pool)
	}
	if reasons := p.reasons(c.Score, 3); reasons != "" {
		fmt.Fprintf(&b, "\n主要依据：\n%s", reasons)
	}
	return b.String()
}

// Why is the answer to 为什么: every contribution with its value, source and time; they add up to the total.
func (p *Printer) Why(c customer.Customer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**：得分 %s，%s（模型 %s）", Name(c), points(c.Score.Total), p.Tier(c.Tier), c.Score.Model)
	for _, k := range c.Score.Contributions {
		fmt.Fprintf(&b, "\n- %s", reason(k))
		if k.Source != "" {
			fmt.Fprintf(&b, "，来源 %s", k.Source)
		}
		if !k.At.IsZero() {
			fmt.Fprintf(&b, "，%s", k.At.In(p.zone).Format("2006-01-02"))
		}
	}
	if len(c.Score.Contributions) == 0 {
		b.WriteString("\n还没有可用于评分的资料")
	}
	return b.String()
}
