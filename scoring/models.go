package scoring

import (
	"cmp"
	"time"
)

// Title returns the model's name for people, lang as in Result.Sentences; its name where the file gives no title.
func (m *Model) Title(lang string) string {
	return cmp.Or(called(lang, m.spec.Title, m.spec.TitleEN, Words{}), m.name)
}

// Covers reports whether the model is for this customer: whether its scope certainly holds. A model without a scope is for
// all.
func (m *Model) Covers(f *Facts, at time.Time) bool { return m.holds(m.scope, f, at) }

// Enough reports whether enough is known about the customer for the score to mean something.
func (m *Model) Enough(f *Facts, at time.Time) bool { return m.holds(m.enough, f, at) }

func (m *Model) holds(t test, f *Facts, at time.Time) bool {
	return t == nil || t(&f.in(m.schema).cells, float64(at.UnixMilli()))
}

// Models are several models side by side. The first that covers a customer leads for it; a pilot therefore stands before the
// model that is for all.
type Models []*Model

// Lead returns the model that leads for the customer; nil if none covers it.
func (all Models) Lead(f *Facts, at time.Time) *Model {
	for _, m := range all {
		if m.Covers(f, at) {
			return m
		}
	}
	return nil
}

// Score returns the result of every model that covers the customer, the leading one first.
func (all Models) Score(f *Facts, at time.Time) []Result {
	var out []Result
	for _, m := range all {
		if m.Covers(f, at) {
			out = append(out, m.Score(f, at))
		}
	}
	return out
}
