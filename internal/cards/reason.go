package cards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/scoring"
)

// reasons are the contributions that moved the score most, a line each; none for whom the basis is not meant.
func (p *Printer) reasons(c customer.Customer, limit int) string {
	if !p.sight.Basis {
		return ""
	}
	var lines []string
	for _, k := range byWeight(p.explain(c).Contributions) {
		if len(lines) < limit && k.Points != 0 {
			lines = append(lines, "- "+p.reason(k))
		}
	}
	return strings.Join(lines, "\n")
}

// byWeight sorts contributions by how far they moved the score, in either direction.
func byWeight(all []scoring.Contribution) []scoring.Contribution {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b scoring.Contribution) int { return cmp.Compare(abs(b.Points), abs(a.Points)) })
	return sorted
}

func abs(v float64) float64 { return max(v, -v) }

// reason is a contribution in one short line: what was looked at, what was found there, what it gave.
func (p *Printer) reason(c scoring.Contribution) string {
	text := c.Name + p.told(c)
	if c.Rule == scoring.AdjustmentRule {
		text = cmp.Or(c.Text.ZH, text) // who, why and until when
	}
	if !strings.HasSuffix(text, "）") { // which is wide enough to part the two
		text += " "
	}
	return text + signed(c.Points)
}

// told is the value behind a contribution. A rule's name says what was asked, so its values stand in brackets; an indicator's name is that of its value.
func (p *Printer) told(c scoring.Contribution) string {
	var values []string
	for _, e := range c.Evidence {
		if !e.Told {
			values = append(values, p.value(e))
		}
	}
	switch {
	case len(values) == 0:
		return ""
	case c.Max == 0 || len(values) > 1:
		return inBrackets(strings.Join(values, "、"))
	default:
		return " " + values[0]
	}
}

// value writes a value as people say it: 115 万元, 1300 人, 3 天前. An amount stays hidden from those whom it is not meant for.
func (p *Printer) value(e scoring.Evidence) string {
	if access.Amount(e.Field, e.Unit) && !p.sight.Money {
		return "金额保密"
	}
	n, err := strconv.ParseFloat(e.Value, 64)
	switch {
	case err != nil || e.Unit == "":
		return e.Value
	case e.Unit == "天" && strings.HasPrefix(e.Name.ZH, "距上次"):
		return ago(n)
	case e.Unit == "元":
		return yuan(n)
	default:
		return e.Value + " " + e.Unit
	}
}

func ago(days float64) string {
	if days < 1 {
		return "1 天内"
	}
	return fmt.Sprintf("%.0f 天前", days)
}

// yuan writes an amount in 万 and 亿, with at most two decimals.
func yuan(amount float64) string {
	const wan, yi = 1e4, 1e8
	switch size := abs(amount); {
	case size >= yi:
		return decimal(amount/yi) + " 亿元"
	case size >= wan:
		return decimal(amount/wan) + " 万元"
	default:
		return decimal(amount) + " 元"
	}
}

func decimal(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
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
