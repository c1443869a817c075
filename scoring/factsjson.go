package scoring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrUnknownField is what decoding facts reports for a name that the schema does not have.
var ErrUnknownField = errors.New("unknown field")

// storedFact is one value as it is kept: v is a number, a string, a boolean, or for a time an RFC 3339 string.
type storedFact struct {
	V      json.RawMessage `json:"v"`
	Source string          `json:"source,omitempty"`
	At     *time.Time      `json:"at,omitempty"`
}

// MarshalJSON writes the facts that are there, by English id in alphabetical order, so that equal facts are equal bytes:
// {"order_amount_365d":{"v":125000.5,"source":"kingdee","at":"2026-03-01T00:00:00Z"}}.
func (f *Facts) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for _, slot := range f.schema.sorted {
		if f.cells.missing(slot) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		fact, err := f.encode(slot)
		if err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.schema.fields[slot].Name, err)
		}
		out = append(out, '"')
		out = append(out, f.schema.fields[slot].Name...)
		out = append(out, '"', ':')
		out = append(out, fact...)
	}
	return append(out, '}'), nil
}

func (f *Facts) encode(slot int) ([]byte, error) {
	v := f.value(slot)
	raw, err := json.Marshal(v.any())
	if err != nil {
		return nil, err
	}
	s := storedFact{V: raw, Source: v.Source}
	if !v.At.IsZero() {
		s.At = &v.At
	}
	return json.Marshal(s)
}

func (v Value) any() any {
	switch v.Kind {
	case Number:
		return v.Number
	case Flag:
		return v.Flag
	case Time:
		return v.Time
	case Texts:
		return v.Texts
	case Events:
		return v.Events
	}
	return v.Text
}

// UnmarshalJSON reads what MarshalJSON wrote. Facts that no schema made take the built-in one; DecodeFacts is the way for
// others. f is unchanged on error.
func (f *Facts) UnmarshalJSON(text []byte) error {
	s := f.schema
	if s == nil {
		s = BuiltIn()
	}
	read, err := s.DecodeFacts(text)
	if err != nil {
		return err
	}
	*f = *read
	return nil
}

// DecodeFacts reads what MarshalJSON wrote. Names may be in either language; ErrUnknownField is reported for others, and a
// value of the wrong kind is an error that names the field.
func (s *Schema) DecodeFacts(text []byte) (*Facts, error) {
	stored, err := decodeStored(text)
	if err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	f := s.NewFacts()
	for name, fact := range stored {
		if err := f.restore(name, fact); err != nil {
			return nil, fmt.Errorf("facts: %w", err)
		}
	}
	return f, nil
}

func decodeStored(text []byte) (map[string]storedFact, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var stored map[string]storedFact
	if err := d.Decode(&stored); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text behind the object")
	}
	return stored, nil
}

func (f *Facts) restore(name string, fact storedFact) error {
	field, slot, ok := f.schema.Lookup(name)
	if !ok {
		return fmt.Errorf("%w %q%s", ErrUnknownField, name, hint(f.schema.Nearest(name)))
	}
	if !f.cells.missing(slot) {
		return fmt.Errorf("field %s is there under both its names", field.Name)
	}
	at := time.Time{}
	if fact.At != nil {
		at = *fact.At
	}
	set, err := f.restoreValue(field, fact, at)
	if err == nil && !set {
		err = errors.New("not a finite value")
	}
	if err != nil {
		return fmt.Errorf("field %s needs a %s: %w", name, field.Kind, err)
	}
	return nil
}

func (f *Facts) restoreValue(field Field, fact storedFact, at time.Time) (bool, error) {
	switch field.Kind {
	case Number:
		v, err := decodeAs[float64](fact.V)
		return err == nil && f.SetNumber(field.Name, v, fact.Source, at), err
	case Flag:
		v, err := decodeAs[bool](fact.V)
		return err == nil && f.SetFlag(field.Name, v, fact.Source, at), err
	case Time:
		v, err := decodeAs[time.Time](fact.V)
		return err == nil && f.SetTime(field.Name, v, fact.Source, at), err
	case Texts:
		v, err := decodeAs[[]string](fact.V)
		return err == nil && f.SetTexts(field.Name, v, fact.Source, at), err
	case Events:
		v, err := decodeAs[[]Event](fact.V)
		return err == nil && f.SetEvents(field.Name, v, fact.Source, at), err
	}
	v, err := decodeAs[string](fact.V)
	return err == nil && f.SetText(field.Name, v, fact.Source, at), err
}

// decodeAs refuses null, which encoding/json would take for any type.
func decodeAs[T any](raw json.RawMessage) (T, error) {
	var v *T
	if len(raw) == 0 {
		return *new(T), errors.New("v is absent")
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return *new(T), err
	}
	if v == nil {
		return *new(T), errors.New("v is null")
	}
	return *v, nil
}

func hint(nearest string) string {
	if nearest == "" {
		return ""
	}
	return "; nearest known: " + nearest
}
