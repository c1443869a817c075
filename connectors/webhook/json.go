package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth allows for {"data":[{"data":{…}}]} and one level more, which is then refused by its name.
const maxDepth = 6

// object is a JSON object that remembers the order of its members and the first name that came twice. encoding/json
// would silently keep the last of them.
type object struct {
	members []member
	twice   string
}

type member struct {
	name  string
	value any // object, []any, string, json.Number, bool, nil
}

// get returns the member called name.
func (o object) get(name string) (any, bool) {
	for _, m := range o.members {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// parseJSON reads body, which must be one JSON value and nothing else. Numbers stay as they were written.
func parseJSON(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, errors.New("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := value(d, maxDepth)
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON near byte %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the body goes on after its JSON, at byte %d", d.InputOffset())
	}
	return v, nil
}

// value reads the next value.
func value(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, plainError(err)
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth == 0 {
		return nil, errors.New("nested too deep")
	}
	if delim == '{' {
		return members(d, depth-1)
	}
	return items(d, depth-1)
}

// members reads an object after its brace.
func members(d *json.Decoder, depth int) (object, error) {
	var o object
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return o, plainError(err)
		}
		name, ok := token.(string)
		if !ok {
			return o, errors.New("a member has no name")
		}
		v, err := value(d, depth)
		if err != nil {
			return o, err
		}
		if seen[name] && o.twice == "" {
			o.twice = name
		}
		seen[name] = true
		o.members = append(o.members, member{name, v})
	}
	_, err := d.Token()
	return o, plainError(err)
}

// items reads an array after its bracket.
func items(d *json.Decoder, depth int) ([]any, error) {
	list := []any{}
	for d.More() {
		v, err := value(d, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, plainError(err)
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
