package scoring

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Sentences explains the result in chat language, the weightiest contribution first, then what had no data. lang "en" gives
// English, anything else Chinese:
//
//	行业 = 制造业 且 员工人数 > 500：+20（员工人数 1200，来源 kingdee，2026-03-01）
func (r Result) Sentences(lang string) []string {
	sorted := slices.Clone(r.Contributions)
	slices.SortStableFunc(sorted, func(a, b Contribution) int {
		return cmp.Compare(math.Abs(b.Points), math.Abs(a.Points))
	})
	l := languageOf(lang)
	out := make([]string, 0, len(sorted)+len(r.Missing)+1)
	if r.TooLittle {
		out = append(out, l.tooLittle)
	}
	for _, c := range sorted {
		out = append(out, c.Sentence(lang))
	}
	for _, m := range r.Missing {
		out = append(out, m.Text.in(l)+l.colon+l.noData)
	}
	return out
}

// Sentence explains one contribution, as Sentences does.
func (c Contribution) Sentence(lang string) string {
	l := languageOf(lang)
	text := c.Text.in(l)
	out := text + l.colon + signed(c.Points)
	if c.Max != 0 {
		out += "/" + decimal(c.Max)
	}
	inner := l.evidence(c.Evidence, text)
	if c.Fresh != 0 {
		inner = strings.TrimPrefix(inner+l.faded+signed(c.Fresh), l.comma)
	}
	if c.Capped {
		inner = strings.TrimPrefix(inner+l.before+signed(c.Raw), l.comma)
	}
	if inner == "" {
		return out
	}
	return out + l.open + inner + l.close
}

func (w Words) in(l *language) string {
	if l.chinese {
		return w.ZH
	}
	return w.EN
}

func signed(points float64) string {
	if points < 0 {
		return "−" + decimal(-points)
	}
	return "+" + decimal(points)
}

// evidence lists the values that the text does not tell already; those of one origin stand together before it. A field that
// is all of the text is not named again.
func (l *language) evidence(all []Evidence, text string) string {
	var groups []string
	for i := 0; i < len(all); {
		last := i
		var values []string
		for ; last < len(all) && sameOrigin(all[i], all[last]); last++ {
			if !all[last].Told {
				values = append(values, l.value(all[last], text))
			}
		}
		if len(values) > 0 {
			groups = append(groups, strings.Join(values, l.list)+l.origin(all[i]))
		}
		i = last
	}
	return strings.Join(groups, l.semicolon)
}

func sameOrigin(a, b Evidence) bool { return a.Source == b.Source && day(a.At) == day(b.At) }

func (l *language) value(e Evidence, text string) string {
	name := e.Name.in(l)
	if name == text {
		return e.Value
	}
	return name + " " + e.Value
}

func (l *language) origin(e Evidence) string {
	out := ""
	if e.Source != "" {
		out += l.comma + l.from + e.Source
	}
	if !e.At.IsZero() {
		out += l.comma + day(e.At)
	}
	return out
}

// day is the date in China.
func day(t time.Time) string { return t.In(china).Format(time.DateOnly) }
