package scoring

import (
	"slices"
	"sync"
)

// Condition is a compiled yes/no expression over facts, the total and the tier. It is immutable and safe for concurrent use.
type Condition struct {
	text   string
	schema *Schema // the caller's, without score and tier
	slots  []int   // the schema's fields that it reads
	holds  test
	words  Words
}

func isOutcome(name string) bool {
	return slices.ContainsFunc(outcome, func(f Field) bool { return f.Name == name || f.ZH == name })
}

// outcome are the fields that a condition has beside the facts.
var outcome = []Field{
	{Name: "score", ZH: "得分", EN: "score", Kind: Number, Unit: "分"},
	{Name: "tier", ZH: "层级", EN: "tier", Kind: Text},
}

// ParseCondition compiles a condition such as `得分 > 80`, `true`, or `行业 == "制造业" && score > 50`. It may use the
// fields of s and score/得分 (the total) and tier/层级, but not days_since, as it has no clock. The error joins ProblemErrors whose Line and Column count within
// text.
func ParseCondition(text string, s *Schema) (*Condition, error) {
	wide, err := s.with(outcome...)
	if err != nil {
		return nil, err
	}
	e, faults := checker{schema: wide, timeless: true}.parse(text, Flag)
	if len(faults) > 0 {
		return nil, located(text, faults)
	}
	slots := slices.DeleteFunc(slices.Clone(e.slots), func(slot int) bool { return slot >= len(s.fields) })
	return &Condition{
		text: text, schema: s, slots: slots, holds: e.compileTest(e.root, true),
		words: Words{ZH: e.words(chinese), EN: e.words(english)},
	}, nil
}

func located(text string, faults []fault) error {
	var p problems
	runes := []rune(text)
	for _, f := range faults {
		line, column := 1, 1
		for _, r := range runes[:min(f.at, len(runes))] {
			column++
			if r == '\n' {
				line, column = line+1, 1
			}
		}
		p.add(line, column, f.what)
	}
	return p.err()
}

// String returns the text that the condition was parsed from.
func (c *Condition) String() string { return c.text }

// Fields lists the English ids of the facts that the condition reads.
func (c *Condition) Fields() []string {
	out := make([]string, len(c.slots))
	for i, slot := range c.slots {
		out[i] = c.schema.fields[slot].Name
	}
	return out
}

// Schema is what the condition's facts are of.
func (c *Condition) Schema() *Schema { return c.schema }

// Words returns the condition in words, for people.
func (c *Condition) Words() Words { return c.words }

// rows are the cells of one customer with its outcome behind, reused between matches.
var rows = sync.Pool{New: func() any { return new(cells) }}

// Match reports whether the condition certainly holds: a comparison with a missing value is unknown, which is no match (see
// the package comment). An empty tier and a NaN total are missing.
func (c *Condition) Match(f *Facts, total float64, tier string) bool {
	row := rows.Get().(*cells)
	known := 0.0
	if tier == "" {
		known = missing
	}
	f = f.in(c.schema)
	row.more = f.cells.more
	row.num = append(append(row.num[:0], f.cells.num...), total, known)
	row.text = append(append(row.text[:0], f.cells.text...), "", tier)
	holds := c.holds(row, missing)
	clear(row.text) // the pool keeps no customer's texts
	row.more = nil
	rows.Put(row)
	return holds
}
