package report

import (
	"math"
	"slices"
	"time"

	"lingke/scoring"
	"lingke/scoring/validate"
)

// factColumn collects one field's values; numbers or texts, by the field's kind.
type factColumn struct {
	field   scoring.Field
	told    bool
	numbers []float64
	texts   []string
}

func newSample(s *scoring.Schema) *Sample {
	out := &Sample{schema: s, rules: make(map[string]int)}
	for _, f := range s.Fields() {
		switch f.Kind {
		case scoring.Number, scoring.Text, scoring.Flag:
			out.facts = append(out.facts, &factColumn{field: f})
		case scoring.Time, scoring.Texts, scoring.Events: // no single value that a fit could use
		}
	}
	return out
}

// add takes a customer in: its facts into the columns and, with a model, its score and what each rule gave.
func (s *Sample) add(c validate.Case, f *scoring.Facts, m *scoring.Model, at time.Time) {
	if m != nil {
		result := m.Score(f, at)
		c.Score = result.Total
		s.gave(result)
	}
	for _, col := range s.facts {
		col.add(f, len(s.Cases))
	}
	s.Cases = append(s.Cases, c)
}

func (c *factColumn) add(f *scoring.Facts, before int) {
	v, ok := f.Get(c.field.Name)
	if !ok && !c.told {
		return
	}
	if !c.told { // the first that is told: nothing was known of those before
		c.told = true
		for range before {
			c.append(scoring.Value{}, false)
		}
	}
	c.append(v, ok)
}

func (c *factColumn) append(v scoring.Value, known bool) {
	switch {
	case c.field.Kind == scoring.Number && known:
		c.numbers = append(c.numbers, v.Number)
	case c.field.Kind == scoring.Number:
		c.numbers = append(c.numbers, math.NaN())
	case known:
		c.texts = append(c.texts, v.String())
	default:
		c.texts = append(c.texts, "")
	}
}

// gave notes what each rule gave the next case.
func (s *Sample) gave(r scoring.Result) {
	n := len(s.Cases)
	for _, c := range r.Contributions {
		i, known := s.rules[c.Rule]
		if !known {
			i = len(s.Rules)
			s.rules[c.Rule], s.Rules = i, append(s.Rules, Rule{ID: c.Rule, Name: c.Name, NameEN: c.Called("en")})
		}
		rule := &s.Rules[i]
		rule.Points = append(rule.Points, make([]float64, n-len(rule.Points))...)
		rule.Points = append(rule.Points, c.Raw)
		if most := max(c.Max, math.Abs(c.Raw)); most > math.Abs(rule.Present) {
			rule.Present = math.Copysign(most, c.Raw)
		}
	}
}

// finish fills up what ended early and makes the table.
func (s *Sample) finish() {
	for i := range s.Rules {
		s.Rules[i].Points = append(s.Rules[i].Points, make([]float64, len(s.Cases)-len(s.Rules[i].Points))...)
	}
	for _, c := range s.facts {
		switch {
		case !c.told:
		case c.field.Kind == scoring.Number:
			s.Table.Numbers = append(s.Table.Numbers, validate.NumberColumn{Field: c.field.Name, Values: c.numbers})
		default:
			s.Table.Categories = append(s.Table.Categories, validate.CategoryColumn{Field: c.field.Name, Values: c.texts})
		}
	}
	s.facts = nil
}

// told are the fields that the model reads: those told by the sample, and not.
func (s *Sample) told() (told, lacking []string) {
	for _, name := range s.reads {
		known := slices.ContainsFunc(s.Table.Numbers, func(c validate.NumberColumn) bool { return c.Field == name }) ||
			slices.ContainsFunc(s.Table.Categories, func(c validate.CategoryColumn) bool { return c.Field == name })
		if known {
			told = append(told, name)
		} else {
			lacking = append(lacking, name)
		}
	}
	return told, lacking
}

func (s *Sample) outcomes() []bool {
	won := make([]bool, len(s.Cases))
	for i, c := range s.Cases {
		won[i] = c.Won
	}
	return won
}
