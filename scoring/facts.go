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
	odd    bool     // a text without a code was set, so that codes alone do not tell
	cells  cells    // what expressions read
	origin []origin // what explanations add
}

// cells are the values by slot, numbers and texts apart because rules mostly read numbers and close neighbours come fast. num
// is NaN where the value is missing, whatever the kind; a text that is there has its code in the schema's dictionary, or
// uncoded. A flag is 1 or 0, a time its Unix milliseconds (exact in a float64), a list its length.
type cells struct {
	num  []float64
	text []string
	more *lists // nil while no list was set
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
	f := &Facts{schema: s, cells: cells{num: make([]float64, n), text: make([]string, n)}, origin: make([]origin, n)}
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
	text, code := f.schema.texts.intern(strings.ToValidUTF8(v, "\uFFFD"))
	if !f.set(name, Text, code, text, source, at) {
		return false
	}
	f.odd = f.odd || code == uncoded
	return true
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
		f.cells.drop(slot)
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
	Texts  []string  // not to be changed
	Events []Event   // by time, the oldest first; not to be changed
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
	case Texts:
		v.Texts = f.cells.texts(slot)
	case Events:
		v.Events = f.cells.events(slot)
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
	case Texts:
		return strings.Join(v.Texts, "、")
	case Events:
		return strconv.Itoa(len(v.Events))
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
			out.take(to, f, from)
		}
	}
	return out
}

// take copies one value from facts of another schema.
func (f *Facts) take(to int, of *Facts, from int) {
	num, text := of.cells.num[from], of.cells.text[from]
	if f.schema.fields[to].Kind == Text && num == num {
		text, num = f.schema.texts.intern(text)
		f.odd = f.odd || num == uncoded
	}
	f.cells.num[to], f.cells.text[to], f.origin[to] = num, text, of.origin[from]
	f.cells.copyLists(to, &of.cells, from)
}
