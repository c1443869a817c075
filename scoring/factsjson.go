package scoring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
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
		out = append(appendText(out, f.schema.fields[slot].Name), ':')
		var err error
		if out, err = f.appendFact(out, slot); err != nil {
			return nil, fmt.Errorf("fact %s: %w", f.schema.fields[slot].Name, err)
		}
	}
	return append(out, '}'), nil
}

// appendFact writes one value as storedFact reads it.
func (f *Facts) appendFact(out []byte, slot int) ([]byte, error) {
	v := f.value(slot)
	out = append(out, `{"v":`...)
	var err error
	if out, err = v.appendJSON(out); err != nil {
		return nil, err
	}
	if v.Source != "" {
		out = appendText(append(out, `,"source":`...), v.Source)
	}
	if !v.At.IsZero() {
		if out, err = v.At.AppendText(append(out, `,"at":"`...)); err != nil {
			return nil, err
		}
		out = append(out, '"')
	}
	return append(out, '}'), nil
}

// appendJSON writes what encoding/json would write, without its detours: rescoring a store writes some dozen facts for each customer.
func (v Value) appendJSON(out []byte) ([]byte, error) {
	switch v.Kind {
	case Number:
		if size := math.Abs(v.Number); size == 0 || size >= 1e-6 && size < 1e21 {
			return strconv.AppendFloat(out, v.Number, 'f', -1, 64), nil
		}
	case Text:
		return appendText(out, v.Text), nil
	case Flag:
		return strconv.AppendBool(out, v.Flag), nil
	}
	raw, err := json.Marshal(v.any())
	return append(out, raw...), err
}

// appendText quotes a text. Plain ones need no look at each character's escape.
func appendText(out []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0xe2 { // 0xe2 begins U+2028, which JSON in scripts escapes
			raw, _ := json.Marshal(text) // a text always encodes
			return append(out, raw...)
		}
	}
	return append(append(append(out, '"'), text...), '"')
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
