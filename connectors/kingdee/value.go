package kingdee

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// cellKind is what JSON made of a cell.
type cellKind byte

const (
	null cellKind = iota
	text
	number
	boolean
	nested // an object or array: never a value of a query
)

// cell is one value of a row, undecided yet what it means. A number keeps the digits it came with.
type cell struct {
	kind cellKind
	text string
}

// UnmarshalJSON keeps the text of any JSON value.
func (c *cell) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case 'n':
		*c = cell{}
	case '"':
		c.kind = text
		if inside := b[1 : len(b)-1]; bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
			c.text = string(inside) // nearly always, and much faster
			return nil
		}
		return json.Unmarshal(b, &c.text)
	case 't', 'f':
		*c = cell{boolean, string(b)}
	case '{', '[':
		*c = cell{nested, string(b)}
	default:
		*c = cell{number, string(b)}
	}
	return nil
}

// MarshalJSON writes the cell as it came.
func (c cell) MarshalJSON() ([]byte, error) {
	switch c.kind {
	case null:
		return []byte("null"), nil
	case text:
		return json.Marshal(c.text)
	}
	return []byte(c.text), nil
}

// append writes the cell behind out as MarshalJSON does, but leaves the characters of HTML as they are.
func (c cell) append(out []byte) ([]byte, error) {
	switch {
	case c.kind == null:
		return append(out, "null"...), nil
	case c.kind != text:
		return append(out, c.text...), nil
	case plainText(c.text):
		out = append(out, '"')
		return append(append(out, c.text...), '"'), nil
	}
	quoted, err := json.Marshal(c.text)
	return append(out, quoted...), err
}

// plainText reports whether a text stands in JSON as it is.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.ValidString(s)
}

// value is the canonical text of a cell: a plain decimal, an RFC 3339 time, or the text without blanks around it; "" for
// null and for the year 1, which is how an empty date is written. ok is false for what is no value.
func (c cell) value(zone *time.Location) (string, bool) {
	switch c.kind {
	case number:
		return plainDecimal(c.text)
	case text:
		if looksLikeTime(c.text) {
			if t, err := naiveTime(c.text); err == nil {
				return dateText(t, zone), true
			}
		}
		return strings.TrimSpace(strings.ToValidUTF8(c.text, "")), true
	case boolean:
		return c.text, true
	case null:
		return "", true
	}
	return "", false
}

// looksLikeTime keeps the slow parser away from other texts. A day without a time may be a code and stays what it is.
func looksLikeTime(s string) bool {
	return len(s) >= len("2006/1/2 15:04:05") && '0' <= s[0] && s[0] <= '9' && (s[4] == '-' || s[4] == '/')
}

func dateText(t time.Time, zone *time.Location) string {
	if t.Year() <= 1 {
		return ""
	}
	return inZone(t, zone).Format(time.RFC3339Nano)
}

// decimal is the value of a cell that must be a number; some sites send amounts as text.
func (c cell) decimal() (string, bool) {
	if c.kind == text || c.kind == number {
		return plainDecimal(strings.ReplaceAll(strings.TrimSpace(c.text), ",", ""))
	}
	return "", false
}

// identifier is the value of a cell that names a thing; "" for none. Kingdee's ids are numbers, and 0 stands for none.
func (c cell) identifier() string {
	v := strings.TrimSpace(c.text)
	if c.kind == number {
		v, _ = plainDecimal(c.text)
	}
	if v == "0" || (c.kind != number && c.kind != text) {
		return ""
	}
	return v
}

// most digits that a number may have when it is written out.
const mostDigits = 100

// plainDecimal writes a JSON number without exponent, leading plus, needless zeros or minus zero, and without ever going
// through a float. ok is false where it is no number or longer than mostDigits.
func plainDecimal(s string) (string, bool) {
	sign := ""
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		s, sign = rest, "-"
	}
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil || n > mostDigits || n < -mostDigits {
			return "", false
		}
		mantissa, exponent = s[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || len(digits) > mostDigits || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	out := pointAt(digits, len(whole)+exponent)
	if out == "0" {
		return out, true
	}
	return sign + out, true
}

// pointAt puts a decimal point after the first n of digits, n possibly outside of them.
func pointAt(digits string, n int) string {
	if n < 0 {
		digits, n = strings.Repeat("0", -n)+digits, 0
	}
	if n > len(digits) {
		digits += strings.Repeat("0", n-len(digits))
	}
	whole := strings.TrimLeft(digits[:n], "0")
	fraction := strings.TrimRight(digits[n:], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// Times carry no zone: they are the site's local time. Inside this package such a time is "naive": its clock reading in
// time.UTC, so that reckoning with it needs no zone.

// filterTime is how a time is written in a filter.
const filterTime = "2006-01-02 15:04:05"

// naiveTime reads a time as Kingdee writes it, with or without a fraction of a second.
func naiveTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-01-02T15:04:05", filterTime, "2006/1/2 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.DateOnly, s)
}

// inZone is the instant at which a clock in zone shows what t does.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// naive is what a clock in zone shows at t.
func naive(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return inZone(t, time.UTC)
}
