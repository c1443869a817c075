package kingdee

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cell converts a value to what the field holds.
func (c *change) cell(x *field, value any) (any, error) {
	if value == nil {
		return nil, nil
	}
	bad := func(err error) error {
		if err == nil {
			return nil
		}
		return invalid(x.key, fmt.Sprintf("字段“%s”的值无效", x.name))
	}
	switch x.kind {
	case reference:
		return c.point(x, value)
	case Integer:
		n, err := integer(value)
		return n, bad(err)
	case Decimal:
		n, err := strconv.ParseFloat(scalar(value), 64)
		return n, bad(err)
	case Date:
		if scalar(value) == "" {
			return nil, nil
		}
		at, err := c.s.instant(value)
		return at, bad(err)
	}
	if _, ok := value.(map[string]any); ok {
		return nil, invalid(x.key, fmt.Sprintf("字段“%s”应为文本", x.name))
	}
	return scalar(value), nil
}

func (s *Server) instant(value any) (time.Time, error) {
	if at, ok := value.(time.Time); ok {
		return s.precise(at.In(zone)), nil
	}
	at, err := parseTime(scalar(value))
	return s.precise(at), err
}

// point resolves a reference: {"FNumber":…} over the wire; PutRecord also takes a number, a name or an internal id.
func (c *change) point(x *field, value any) (any, error) {
	text, name := pointer(value)
	if text == "" {
		return nil, nil
	}
	if id, ok := c.s.itemByText(x.table, text); ok {
		return id, nil
	}
	if id, err := integer(text); err == nil {
		if _, ok := c.s.item(x.table, id); ok {
			return id, nil
		}
	}
	if t, ok := c.s.refs[x.table]; ok && c.loose {
		return t.add(text, name).ID, nil
	}
	return nil, invalid(x.key, fmt.Sprintf("字段“%s”的编码值[\"%s\"]不存在", x.name, text))
}

func integer(value any) (int64, error) {
	text := scalar(value)
	if text == "" {
		return 0, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

// scalar is the text of a JSON value; numbers are written without an exponent.
func scalar(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// pointer reads what a reference names: a number (or a name in its place) and a name.
func pointer(value any) (text, name string) {
	nested, ok := value.(map[string]any)
	if !ok {
		return scalar(value), scalar(value)
	}
	for key, v := range nested {
		switch strings.ToLower(key) {
		case "fnumber", "fuserid":
			text = scalar(v)
		case "fname":
			name = scalar(v)
		}
	}
	return cmp.Or(text, name), cmp.Or(name, text)
}
