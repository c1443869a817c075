// Package jsondoc reads JSON from outside strictly and finds values in it: a name that comes twice is noticed, numbers stay as they were written,
// and nothing nests deeper than its reader allows. Parse gives a tree of Object, []any, string, json.Number, bool and nil; Path says where in it a value stands.
package jsondoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Object is a JSON object that remembers the order of its members and the first name that came twice. encoding/json
// would silently keep the last of them.
type Object struct {
	Members []Member
	Twice   string
}

// Member is a name of an object with its value: Object, []any, string, json.Number, bool or nil.
type Member struct {
	Name  string
	Value any
}

// Get returns the member called name, the first where there are several.
func (o Object) Get(name string) (any, bool) {
	for _, m := range o.Members {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// Parse reads body, which must be one JSON value and nothing else, nested at most depth deep. Numbers stay as they were written. The library checks the grammar; the walk
// over what it found valid costs a fraction of its tokens, and every push takes this way before its sender hears an answer.
func Parse(body []byte, depth int) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("the body is not valid UTF-8")
	}
	if !json.Valid(body) {
		return nil, whyInvalid(body)
	}
	w := walker{text: body}
	v, err := w.value(depth)
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON near byte %d: %w", w.at, err)
	}
	return v, nil
}

// whyInvalid names the place.
func whyInvalid(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	var first json.RawMessage
	err := d.Decode(&first)
	if err == nil {
		return fmt.Errorf("the body goes on after its JSON, at byte %d", d.InputOffset())
	}
	at := d.InputOffset()
	if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
		at = s.Offset
	}
	return fmt.Errorf("the body is not JSON near byte %d: %w", at, plainError(err))
}

// plainError tells an end from a syntax error and keeps the text short.
func plainError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if s := (*json.SyntaxError)(nil); errors.As(err, &s) {
		return errors.New(strings.ToValidUTF8(s.Error(), "?"))
	}
	return err
}

// walker goes over valid JSON.
type walker struct {
	text []byte
	at   int
}

var errDepth = errors.New("nested too deep")

// next skips blanks and returns the byte there.
func (w *walker) next() byte {
	for {
		switch c := w.text[w.at]; c {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return c
		}
	}
}

// value reads the next value.
func (w *walker) value(depth int) (any, error) {
	c := w.next()
	switch c {
	case '{', '[':
		if depth == 0 {
			return nil, errDepth
		}
		w.at++
		if c == '{' {
			return w.members(depth - 1)
		}
		return w.items(depth - 1)
	case '"':
		return w.string()
	case 't':
		w.at += len("true")
		return true, nil
	case 'f':
		w.at += len("false")
		return false, nil
	case 'n':
		w.at += len("null")
		return nil, nil
	default:
		return w.number(), nil
	}
}

// members reads an object after its brace.
func (w *walker) members(depth int) (Object, error) {
	var o Object
	var seen names
	for w.next() != '}' {
		if w.text[w.at] == ',' {
			w.at++
			w.next()
		}
		name, err := w.string()
		if err != nil {
			return o, err
		}
		w.next()
		w.at++ // the colon
		v, err := w.value(depth)
		if err != nil {
			return o, err
		}
		if seen.add(name, o.Members) && o.Twice == "" {
			o.Twice = name
		}
		o.Members = append(o.Members, Member{name, v})
	}
	w.at++
	return o, nil
}

// names tells whether a name was there before, without a map for the few members that most objects have.
type names map[string]bool

func (n *names) add(name string, before []Member) bool {
	const few = 16
	if len(before) < few {
		return slices.ContainsFunc(before, func(m Member) bool { return m.Name == name })
	}
	if *n == nil {
		*n = make(names, 2*few)
		for _, m := range before {
			(*n)[m.Name] = true
		}
	}
	known := (*n)[name]
	(*n)[name] = true
	return known
}

// items reads an array after its bracket.
func (w *walker) items(depth int) ([]any, error) {
	list := []any{}
	for w.next() != ']' {
		if w.text[w.at] == ',' {
			w.at++
		}
		v, err := w.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	w.at++
	return list, nil
}

// string reads the string whose quote is next. Escapes are rare and left to the library.
func (w *walker) string() (string, error) {
	start, escaped := w.at, false
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			escaped = true
			w.at++
		}
	}
	w.at++
	if !escaped {
		return string(w.text[start+1 : w.at-1]), nil
	}
	var s string
	err := json.Unmarshal(w.text[start:w.at], &s)
	return s, err
}

// number reads up to what cannot belong to it.
func (w *walker) number() json.Number {
	start := w.at
	for w.at < len(w.text) && !strings.ContainsRune(" \t\n\r,]}", rune(w.text[w.at])) {
		w.at++
	}
	return json.Number(w.text[start:w.at])
}
