package mapping

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"lingke/connectors/jsondoc"
)

// function is one that expressions may call.
type function struct {
	takes  []kind
	result kind
	do     func(s scope, args []value) (value, error)
}

// functions are all of them, besides field("name"):
//
//	number(text)                 of "1,250.50"; what is no number is an error
//	text(number)                 its shortest decimal
//	round(number, places)        half away from zero, 0 to 6 places
//	trim upper lower (text)      without blanks around it; in capitals; in small letters
//	digits(text)                 its digits only
//	len(text)                    characters
//	cut(text, from, count)       count characters, the first is number 0
//	replace(text, old, new)      every old
//	split(text, by, n)           the n-th part, the first is number 0, -1 the last; "" where there are fewer
//	date(text, form)             a time written as form says: yyyy MM dd HH mm ss
//	unix(text)                   a time as seconds or milliseconds since 1970
var functions = map[string]function{
	"number": {[]kind{aText}, aNumber, func(_ scope, a []value) (value, error) { return number(a[0].text) }},
	"text":   {[]kind{aNumber}, aText, func(_ scope, a []value) (value, error) { return value{text: numberText(a[0].number)}, nil }},
	"round":  {[]kind{aNumber, aNumber}, aNumber, func(_ scope, a []value) (value, error) { return round(a[0].number, a[1].number) }},
	"trim":   textual(strings.TrimSpace),
	"upper":  textual(strings.ToUpper),
	"lower":  textual(strings.ToLower),
	"digits": textual(digits),
	"len": {[]kind{aText}, aNumber, func(_ scope, a []value) (value, error) {
		return value{number: float64(utf8.RuneCountInString(a[0].text))}, nil
	}},
	"cut": {[]kind{aText, aNumber, aNumber}, aText, func(_ scope, a []value) (value, error) {
		return value{text: cut(a[0].text, a[1].number, a[2].number)}, nil
	}},
	"replace": {[]kind{aText, aText, aText}, aText, func(_ scope, a []value) (value, error) { return replace(a[0].text, a[1].text, a[2].text) }},
	"split": {[]kind{aText, aText, aNumber}, aText, func(_ scope, a []value) (value, error) {
		return value{text: part(a[0].text, a[1].text, a[2].number)}, nil
	}},
	"date": {[]kind{aText, aText}, aText, func(s scope, a []value) (value, error) { return dateOf(a[0].text, a[1].text, s.zone) }},
	"unix": {[]kind{aText}, aText, func(s scope, a []value) (value, error) { return unix(a[0].text, s.zone) }},
}

func textual(do func(string) string) function {
	return function{[]kind{aText}, aText, func(_ scope, a []value) (value, error) { return bounded(do(a[0].text)) }}
}

func (c *compiler) call(name string, args []ast.Node) (kind, step, error) {
	if name == "field" {
		if text, ok := oneText(args); ok {
			return c.source(text)
		}
		return "", nil, errors.New(`field takes one name in quotes`)
	}
	f, ok := functions[name]
	if !ok {
		names := slices.Sorted(maps.Keys(functions))
		return "", nil, fmt.Errorf("no function %q%s; known are field, %s", name, Meant(name, names), strings.Join(names, ", "))
	}
	if len(args) != len(f.takes) {
		return "", nil, fmt.Errorf("%s takes %d arguments, %d are given", name, len(f.takes), len(args))
	}
	steps := make([]step, len(args))
	for i, a := range args {
		var err error
		if steps[i], err = c.want(a, f.takes[i]); err != nil {
			return "", nil, err
		}
	}
	return f.result, func(s scope) (value, error) {
		values := make([]value, len(steps))
		for i, run := range steps {
			var err error
			if values[i], err = run(s); err != nil {
				return value{}, err
			}
		}
		return f.do(s, values)
	}, nil
}

func oneText(args []ast.Node) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	text, ok := args[0].(*ast.StringNode)
	if !ok || text.Value == "" {
		return "", false
	}
	return text.Value, true
}

func number(text string) (value, error) {
	plainly := strings.NewReplacer(",", "", "，", "", " ", "").Replace(text)
	if !jsondoc.Decimal(plainly) {
		return value{}, fmt.Errorf("%.40q: %w", text, jsondoc.ErrNumber)
	}
	n, err := strconv.ParseFloat(plainly, 64)
	if err != nil {
		return value{}, fmt.Errorf("%.40q: %w", text, jsondoc.ErrNumber)
	}
	return finite(n)
}

func round(n, places float64) (value, error) {
	if places != math.Trunc(places) || places < 0 || places > maxPlaces {
		return value{}, fmt.Errorf("round to 0 to %d places", maxPlaces)
	}
	scale := math.Pow10(int(places))
	return finite(math.Round(n*scale) / scale)
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text)
}

func cut(text string, from, count float64) string {
	runes := []rune(text)
	start := int(min(max(from, 0), float64(len(runes))))
	return string(runes[start : start+int(min(max(count, 0), float64(len(runes)-start)))])
}

func replace(text, old, by string) (value, error) {
	if old == "" {
		return value{text: text}, nil
	}
	if strings.Count(text, old)*len(by) > maxText {
		return value{}, fmt.Errorf("the text has more than %d bytes", maxText)
	}
	return bounded(strings.ReplaceAll(text, old, by))
}

func part(text, by string, n float64) string {
	if by == "" {
		return text
	}
	parts := strings.Split(text, by)
	if n < 0 {
		n += float64(len(parts))
	}
	if n < 0 || n >= float64(len(parts)) {
		return ""
	}
	return strings.TrimSpace(parts[int(n)])
}

// Layout turns a form such as "yyyy-MM-dd HH:mm:ss" into Go's.
func Layout(form string) string { return layouts.Replace(form) }

var layouts = strings.NewReplacer("yyyy", "2006", "yy", "06", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05", "M", "1", "d", "2", "H", "15")

func dateOf(text, form string, zone *time.Location) (value, error) {
	t, err := time.ParseInLocation(layouts.Replace(form), text, zone)
	if err != nil {
		return value{}, fmt.Errorf("%.40q is not written as %q", text, form)
	}
	return value{text: t.Format(time.RFC3339)}, nil
}

func unix(text string, zone *time.Location) (value, error) {
	t, ok := sinceEpoch(text)
	if !ok {
		return value{}, fmt.Errorf("%.40q is not 10 or 13 digits since 1970", text)
	}
	return value{text: t.In(zone).Format(time.RFC3339)}, nil
}
