package scoring

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"unicode"
)

// Kind is what sort of value a field holds.
type Kind uint8

// The kinds of fields.
const (
	Number Kind = iota // a finite float64
	Text               // UTF-8
	Flag               // yes or no
	Time               // an instant, millisecond precision
	Texts              // a list of texts, such as the products bought
	Events             // dated events, such as what the customer did
)

// String returns the kind's name as error messages write it.
func (k Kind) String() string {
	switch k {
	case Number:
		return "number"
	case Text:
		return "text"
	case Flag:
		return "flag"
	case Time:
		return "time"
	case Texts:
		return "list of texts"
	case Events:
		return "list of events"
	}
	return "kind " + strconv.Itoa(int(k))
}

// Field is one thing that can be known about a customer.
type Field struct {
	Name string // stable English id, e.g. "order_amount_365d"; stored facts use it
	ZH   string // Chinese name, e.g. "近一年消费额"; as good as Name in rules
	EN   string // what English readers see, e.g. "orders in 365 days"
	Kind Kind
	Unit string // e.g. "元", "次", "天"; may be empty
	Days int    // the window that it covers, ending at the instant of scoring; 0: none
	From string // where it comes from: "profile", "activities", "orders", "service", "finance", "people"; may be empty
}

// Schema is a fixed set of fields. It is immutable but for the texts that it remembers to compare them fast.
type Schema struct {
	fields []Field
	slots  map[string]int // by English id and by Chinese name
	sorted []int          // slots in the order of their ids, for stable JSON
	texts  *dictionary
}

// maxFields bounds a schema: facts take a slot per field.
const maxFields = 512

// NewSchema makes a schema of these fields. Names must be usable in expressions (a letter first, then letters, digits and
// "_"), no two fields may share one, and the words of the expression language are refused.
func NewSchema(fields ...Field) (*Schema, error) {
	for _, f := range fields {
		if reserved[f.Name] || reserved[f.ZH] {
			return nil, fmt.Errorf("field %q (%s): the name has a meaning in expressions", f.Name, f.ZH)
		}
	}
	return newSchema(fields)
}

func newSchema(fields []Field) (*Schema, error) { return newSchemaWith(fields, newDictionary()) }

func newSchemaWith(fields []Field, texts *dictionary) (*Schema, error) {
	if len(fields) > maxFields {
		return nil, fmt.Errorf("%d fields, at most %d are possible", len(fields), maxFields)
	}
	s := &Schema{fields: slices.Clone(fields), slots: make(map[string]int, 2*len(fields)), texts: texts}
	for slot, f := range s.fields {
		if err := s.add(slot, f); err != nil {
			return nil, err
		}
		s.sorted = append(s.sorted, slot)
	}
	slices.SortFunc(s.sorted, func(a, b int) int {
		if s.fields[a].Name < s.fields[b].Name {
			return -1
		}
		return 1
	})
	return s, nil
}

func (s *Schema) add(slot int, f Field) error {
	if f.Kind > Events {
		return fmt.Errorf("field %q: unknown %s", f.Name, f.Kind)
	}
	if f.EN == "" {
		s.fields[slot].EN = f.Name
	}
	if f.ZH == "" {
		s.fields[slot].ZH = f.Name
	}
	for i, name := range []string{f.Name, s.fields[slot].ZH} {
		if !identifier(name) {
			return fmt.Errorf("field %q: a name is a letter followed by letters, digits and _", name)
		}
		if taken, ok := s.slots[name]; ok && (i == 0 || taken != slot) {
			return fmt.Errorf("field %q: the name is already that of %q", name, s.fields[taken].Name)
		}
		s.slots[name] = slot
	}
	return nil
}

func identifier(name string) bool {
	for i, r := range name {
		if !unicode.IsLetter(r) && (i == 0 || r != '_' && !unicode.IsDigit(r)) {
			return false
		}
	}
	return name != "" && len(name) <= 200
}

// Lookup finds a field by its English id or its Chinese name, and its slot: the index in Fields.
func (s *Schema) Lookup(name string) (Field, int, bool) {
	slot, ok := s.slots[name]
	if !ok {
		return Field{}, 0, false
	}
	return s.fields[slot], slot, true
}

// Fields returns all fields in the order of their slots.
func (s *Schema) Fields() []Field { return slices.Clone(s.fields) }

// Nearest returns the known field name, in either language, that name was most likely meant to be; "" if none is near.
func (s *Schema) Nearest(name string) string {
	known := make([]string, 0, 2*len(s.fields))
	for _, f := range s.fields {
		known = append(known, f.Name, f.ZH)
	}
	return nearest(name, known)
}

// Extend returns a schema that has further fields, such as a company's own ones, behind those of s.
func (s *Schema) Extend(more ...Field) (*Schema, error) {
	for _, f := range more {
		if reserved[f.Name] || reserved[f.ZH] {
			return nil, fmt.Errorf("field %q (%s): the name has a meaning in expressions", f.Name, f.ZH)
		}
	}
	return s.with(more...)
}

// Only returns a schema of some of the fields, in this order: facts of which only so much is needed take less room and are
// scored faster. An unknown name is an error.
func (s *Schema) Only(names ...string) (*Schema, error) {
	fields := make([]Field, 0, len(names))
	for _, name := range names {
		f, _, ok := s.Lookup(name)
		if !ok {
			return nil, fmt.Errorf("%w %q%s", ErrUnknownField, name, hint(s.Nearest(name)))
		}
		fields = append(fields, f)
	}
	return newSchema(fields)
}

// with returns a schema that has further fields behind those of s.
func (s *Schema) with(more ...Field) (*Schema, error) {
	return newSchemaWith(slices.Concat(s.fields, more), s.texts)
}

// reserved are the names that expressions need for themselves.
var reserved = map[string]bool{
	"score": true, "得分": true, "tier": true, "层级": true,
	"true": true, "false": true, "nil": true, "and": true, "or": true, "not": true, "in": true, "let": true, "if": true,
	"else": true, "contains": true, "startsWith": true, "endsWith": true, "matches": true,
	"min": true, "max": true, "abs": true, "has": true, "days_since": true, "len": true,
}

// BuiltIn returns the schema of the fields that Lingke derives by itself. It is the same one each time.
func BuiltIn() *Schema { return builtIn() }

var builtIn = sync.OnceValue(func() *Schema {
	s, err := NewSchema(builtInFields...)
	if err != nil {
		panic("scoring: built-in fields: " + err.Error()) // the list below is constant, and a test calls this
	}
	return s
})
