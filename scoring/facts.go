package scoring

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Facts are one customer's values at one instant. A field that was not set is missing, which is not 0.
//
// Facts may be read by several goroutines while nobody sets them.
type Facts struct {
	schema *Schema
	cells  cells    // what expressions read
	origin []origin // what explanations add
}

// cells are the values by slot, numbers and texts apart because rules mostly read numbers and close neighbours come fast. num
// is NaN where the value is missing, whatever the kind; texts that are there have 0. A flag is 1 or 0, a time its Unix
// milliseconds (exact in a float64).
type cells struct {
	num  []float64
	text []string
}

func (c *cells) missing(slot int) bool { return c.num[slot] != c.num[slot] }

// missing is the number that stands for no number.
var missing = math.NaN()

type origin struct {
	source string
	at     time.Time
}

// NewFacts returns facts in which everything is missing.
func (s *Schema) NewFacts() *Facts {
	n := len(s.fields)
	f := &Facts{schema: s, cells: cells{make([]float64, n), make([]string, n)}, origin: make([]origin, n)}
	for i := range f.cells.num {
		f.cells.num[i] = missing
	}
	return f
}

// Schema returns the schema whose fields f has.
func (f *Facts) Schema() *Schema { return f.schema }

// SetNumber sets a field of kind Number, named in either language: its value, who said so (a connector's name) and when.
// It reports whether it did: an unknown name, another kind, an infinity or NaN change nothing. at is kept in UTC with
// milliseconds.
func (f *Facts) SetNumber(name string, v float64, source string, at time.Time) bool {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return false
	}
	return f.set(name, Number, v+0, "", source, at) // + 0 makes -0 a plain 0
}

// SetText sets a field of kind Text, as SetNumber does. "" is a value; a text that is not known is left unset.
func (f *Facts) SetText(name, v, source string, at time.Time) bool {
	return f.set(name, Text, 0, strings.ToValidUTF8(v, "\uFFFD"), source, at)
}

// SetFlag sets a field of kind Flag, as SetNumber does.
func (f *Facts) SetFlag(name string, v bool, source string, at time.Time) bool {
	num := 0.0
	if v {
		num = 1
	}
	return f.set(name, Flag, num, "", source, at)
}

// SetTime sets a field of kind Time, as SetNumber does; v keeps milliseconds.
func (f *Facts) SetTime(name string, v time.Time, source string, at time.Time) bool {
	return f.set(name, Time, float64(v.UnixMilli()), "", source, at)
}

// Clear makes a field missing again.
func (f *Facts) Clear(name string) {
	if _, slot, ok := f.schema.Lookup(name); ok {
		f.cells.num[slot], f.cells.text[slot], f.origin[slot] = missing, "", origin{}
	}
}

func (f *Facts) set(name string, k Kind, num float64, text, source string, at time.Time) bool {
	field, slot, ok := f.schema.Lookup(name)
	if !ok || field.Kind != k {
		return false
	}
	f.cells.num[slot], f.cells.text[slot] = num, text
	f.origin[slot] = origin{strings.ToValidUTF8(source, "\uFFFD"), milliseconds(at)}
	return true
}

// milliseconds keeps what every store keeps, so that facts are the same before and after a round trip.
func milliseconds(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// Value is one field's value with its origin. Only the part that Kind names is set.
type Value struct {
	Kind   Kind
	Number float64
	Text   string
	Flag   bool
	Time   time.Time
	Source string    // who said so
	At     time.Time // when, UTC
}

// Get returns a field's value; false if it is missing or there is no such field.
func (f *Facts) Get(name string) (Value, bool) {
	_, slot, ok := f.schema.Lookup(name)
	if !ok || f.cells.missing(slot) {
		return Value{}, false
	}
	return f.value(slot), true
}

// value returns the value in a slot that is not missing.
func (f *Facts) value(slot int) Value {
	num, o := f.cells.num[slot], f.origin[slot]
	v := Value{Kind: f.schema.fields[slot].Kind, Source: o.source, At: o.at}
	switch v.Kind {
	case Number:
		v.Number = num
	case Text:
		v.Text = f.cells.text[slot]
	case Flag:
		v.Flag = num == 1
	case Time:
		v.Time = time.UnixMilli(int64(num)).UTC()
	}
	return v
}

// String writes the value as people read it: "125000.5", "制造业", "true", "2026-03-01".
func (v Value) String() string {
	switch v.Kind {
	case Number:
		return decimal(v.Number)
	case Flag:
		return strconv.FormatBool(v.Flag)
	case Time:
		return v.Time.In(china).Format(time.DateOnly)
	}
	return v.Text
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// china is the zone of dates that name none, in rules and in explanations. It has had no summer time since 1991, so a
// fixed offset is exact for customer data and needs no zone files.
var china = time.FixedZone("Asia/Shanghai", 8*60*60)

// in returns the facts laid out for schema s: f itself if it was made by s, else a copy of the fields that both know.
// Facts that are nil have every value missing.
func (f *Facts) in(s *Schema) *Facts {
	if f != nil && f.schema == s {
		return f
	}
	out := s.NewFacts()
	if f == nil {
		return out
	}
	for from, field := range f.schema.fields {
		if to, ok := s.slots[field.Name]; ok && s.fields[to].Kind == field.Kind {
			out.cells.num[to], out.cells.text[to], out.origin[to] = f.cells.num[from], f.cells.text[from], f.origin[from]
		}
	}
	return out
}
