package yonyou

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object as it came. Numbers are json.Number: ids have 19 digits, and money is exact.
type object map[string]any

// decodeJSON reads exactly one JSON value into v, numbers kept as they are written.
func decodeJSON(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w: %q", errNoAnswer, err, excerpt(body[:min(len(body), 200)]))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one JSON value", errNoAnswer)
	}
	return nil
}

// at finds a value by its key, or by keys joined with dots.
func (o object) at(path string) any {
	if v, ok := o[path]; ok {
		return v
	}
	head, rest, dotted := strings.Cut(path, ".")
	if !dotted {
		return nil
	}
	inner, _ := o[head].(map[string]any)
	return object(inner).at(rest)
}

// text is the canonical text of the first of these paths that holds anything.
func (o object) text(paths ...string) string {
	for _, p := range paths {
		if v := text(o.at(p)); v != "" {
			return v
		}
	}
	return ""
}

// id is text, without the 0 and null that stand for none.
func (o object) id(paths ...string) string {
	for _, p := range paths {
		if v := text(o.at(p)); v != "" && v != "0" && v != "null" {
			return v
		}
	}
	return ""
}

// languages are the keys of a text in several languages, the two generations of YonBIP's interfaces together.
var languages = []string{"simplifiedName", "zh_CN", "traditionalName", "zh_TW", "englishName", "en_US"}

// text is the canonical text of a JSON value: a plain decimal, "true", the text without blanks around it, the Chinese of
// a text in several languages; "" for null and for lists.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(v, ""), "\x00", ""))
	case json.Number:
		if d, ok := decimal(v.String()); ok {
			return d
		}
		return ""
	case bool:
		return strconv.FormatBool(v)
	case map[string]any:
		return object(v).text(languages...)
	}
	return ""
}

var number = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)

// rational reads a number as people and machines write it: 1,250.5 or 1.2505E3, from a JSON number or a text.
func rational(v any) (*big.Rat, bool) {
	s := ""
	switch v := v.(type) {
	case string:
		s = strings.ReplaceAll(strings.TrimSpace(v), ",", "")
	case json.Number:
		s = v.String()
	}
	if !number.MatchString(s) {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// decimal writes a number without exponent, leading plus, needless zeros or minus zero.
func decimal(s string) (string, bool) {
	r, ok := rational(s)
	if !ok {
		return "", false
	}
	out := plain(r)
	return out, number.MatchString(out) // not with more digits than it may have
}

// plain writes a rational that has an exact decimal.
func plain(r *big.Rat) string {
	places, _ := r.FloatPrec()
	return r.FloatString(places)
}

// shanghai is the zone of all times of these platforms, which carry none. China has had one offset since 1991.
var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// stampLayout is how a time is written in a filter.
const stampLayout = time.DateTime

// instant reads a time of the platforms: local, or milliseconds since 1970 where it is a number.
func instant(v any) (time.Time, bool) {
	if n, ok := v.(json.Number); ok {
		ms, err := strconv.ParseInt(n.String(), 10, 64)
		return time.UnixMilli(ms).UTC(), err == nil && ms > 0
	}
	s, _ := v.(string)
	s = strings.TrimSpace(s)
	for _, layout := range []string{stampLayout, "2006-01-02T15:04:05", time.DateOnly, "2006/1/2 15:04:05", "2006/1/2"} {
		if t, err := time.ParseInLocation(layout, s, shanghai); err == nil {
			return t.UTC().Truncate(time.Millisecond), t.Year() > 1900
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC().Truncate(time.Millisecond), true
	}
	return time.Time{}, false
}

// instant is the first of these values that is a time.
func (o object) instant(paths ...string) (time.Time, bool) {
	for _, p := range paths {
		if t, ok := instant(o.at(p)); ok {
			return t, true
		}
	}
	return time.Time{}, false
}

// stamp writes an instant as the platforms' clock shows it.
func stamp(t time.Time) string { return t.In(shanghai).Format(stampLayout) }

// has tells whether there is any value at path, null included.
func (o object) has(path string) bool {
	if _, ok := o[path]; ok {
		return true
	}
	head, rest, dotted := strings.Cut(path, ".")
	inner, ok := o[head].(map[string]any)
	return dotted && ok && object(inner).has(rest)
}
