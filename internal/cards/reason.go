package cards

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

// reasons are the contributions that moved the score most, a line each; none for whom the basis is not meant.
func (p *Printer) reasons(c customer.Customer) string {
	const limit = 3
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
	text := p.called(c) + p.told(c)
	if c.Rule == scoring.AdjustmentRule {
		text = cmp.Or(p.words(c.Text), text) // who, why and until when
	}
	if !strings.HasSuffix(text, "）") { // which is wide enough to part the two
		text += " "
	}
	return text + signed(c.Points)
}

// called is what a contribution is called.
func (p *Printer) called(c scoring.Contribution) string { return c.Called(string(p.lang)) }

// words are what the model says of itself.
func (p *Printer) words(w scoring.Words) string {
	if p.lang == lang.English {
		return w.EN
	}
	return w.ZH
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
		return p.inBrackets(strings.Join(values, p.say("、", ", ")))
	default:
		return " " + values[0]
	}
}

func decimal(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
}

func (p *Printer) inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return p.sayf("（%s）", " (%s)", text)
}

func signed(v float64) string {
	if v < 0 {
		return points(v)
	}
	return "+" + points(v)
}
