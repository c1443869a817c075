package kingdee

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// call is one request's body in whichever of the four envelopes it came: named members, a positional list, or a list as
// JSON text inside the full envelope.
type call struct {
	named  map[string]json.RawMessage // by lower-case name; nil for a positional call
	params []json.RawMessage
}

var errBody = errors.New("请求内容不是有效的 JSON")

// parseCall reads a body. An empty one is an empty named call, as the heartbeat calls send it.
func parseCall(body []byte) (call, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return call{named: map[string]json.RawMessage{}}, nil
	}
	named, err := object(body)
	if err != nil {
		return call{}, err
	}
	list, ok := named["parameters"]
	if !ok {
		return call{named: named}, nil
	}
	var c call
	if err := json.Unmarshal(unquote(list), &c.params); err != nil {
		return call{}, fmt.Errorf("parameters: %w", errBody)
	}
	return c, nil
}

// object reads a JSON object, or one inside a JSON string, with its member names in lower case: "formid" and "formId" are
// both in use.
func object(raw []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(unquote(raw), &members); err != nil {
		return nil, errBody
	}
	lower := make(map[string]json.RawMessage, len(members))
	for name, value := range members {
		lower[strings.ToLower(name)] = value
	}
	return lower, nil
}

// unquote gives the text inside a JSON string, and anything else as it is.
func unquote(raw json.RawMessage) json.RawMessage {
	var text string
	if len(raw) > 0 && bytes.TrimSpace(raw)[:1][0] == '"' && json.Unmarshal(raw, &text) == nil {
		return json.RawMessage(text)
	}
	return raw
}

// text gives the parameter at a position or under one of the names. Numbers count as their text.
func (c call) text(at int, names ...string) string {
	raw := c.raw(at, names...)
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if plain := string(bytes.TrimSpace(raw)); plain != "null" {
		return plain
	}
	return ""
}

func (c call) raw(at int, names ...string) json.RawMessage {
	if c.named == nil {
		if at < len(c.params) {
			return c.params[at]
		}
		return nil
	}
	for _, name := range names {
		if raw, ok := c.named[name]; ok {
			return raw
		}
	}
	return nil
}

// data gives the object under "data" or at a position.
func (c call) data(at int) (members, error) {
	raw := c.raw(at, "data")
	if len(raw) == 0 {
		return nil, errors.New("缺少参数 data")
	}
	m, err := object(raw)
	return members(m), err
}

// members are the named values of a data object; the names are in lower case.
type members map[string]json.RawMessage

func (m members) text(name string) string {
	return call{named: m}.text(0, name)
}

// number reads an integer that may be sent as a string. Absent, null and "" are 0.
func (m members) number(name string) (int, error) {
	text := strings.TrimSpace(m.text(name))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("参数 %s 不是有效的数字", name)
	}
	return n, nil
}

// flag reads a boolean that may be sent as a string.
func (m members) flag(name string, otherwise bool) bool {
	b, err := strconv.ParseBool(strings.ToLower(m.text(name)))
	if err != nil {
		return otherwise
	}
	return b
}

// list reads a list of texts, or a comma-separated text.
func (m members) list(name string) ([]string, error) {
	raw := m[name]
	var items []any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&items); err == nil {
		return texts(items), nil
	} else if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if len(raw) > 0 && raw[0] == '{' {
		return nil, fmt.Errorf("参数 %s 应为数组", name)
	}
	return splitList(m.text(name)), nil
}

func texts(items []any) []string {
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, fmt.Sprint(item))
	}
	return out
}

func splitList(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
