package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// Row gives the source's value of a field by its name or path, and whether the source tells it at all.
type Row func(source string) (text string, told bool, err error)

// Fields makes the fields of one kind. It is read-only and may be used by several goroutines.
type Fields struct {
	kind  connectors.Kind
	zone  *time.Location
	rules []named
}

type named struct {
	field string
	Rule
}

// Compile checks the mapping and returns what makes the fields of a kind. Dates without a zone are meant in zone. The error wraps connectors.ErrConfig.
func (m Mapping) Compile(kind connectors.Kind, zone *time.Location) (*Fields, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	f := &Fields{kind: kind, zone: zone}
	of := m.Of(kind)
	for _, field := range slices.Sorted(maps.Keys(of)) {
		f.rules = append(f.rules, named{field, of[field]})
	}
	return f, nil
}

// Apply works every rule out over one row and hands over each field that is told, with its canonical text (see Canonical). The error wraps connectors.ErrBadRecord and names the
// field; put is then not called for the others.
func (f *Fields) Apply(row Row, put func(field, text string) error) error {
	for _, r := range f.rules {
		text, told, err := r.value(row, f.zone)
		if err == nil && told {
			text, err = Canonical(f.kind, r.field, text, f.zone)
		}
		if err == nil && told {
			err = put(r.field, text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w: %w", NewTarget(f.kind, r.field), connectors.ErrBadRecord, err)
		}
	}
	return nil
}

// value works the rule out over one row.
func (r Rule) value(row Row, zone *time.Location) (text string, told bool, err error) {
	switch {
	case !r.Expr.Empty():
		text, told, err = r.Expr.Value(row, zone)
	case !r.From.Empty():
		text, told, err = row(r.From.String())
	case r.Default != nil:
		return *r.Default, true, nil
	}
	if err != nil || !told {
		return "", false, err
	}
	text = strings.TrimSpace(text)
	if text == "" && r.Default != nil {
		return *r.Default, true, nil
	}
	if r.Values == nil || text == "" {
		return text, true, nil
	}
	if meaning, ok := r.Values[text]; ok {
		return meaning, true, nil
	}
	if r.Keep {
		return text, true, nil
	}
	if r.Default != nil {
		return *r.Default, true, nil
	}
	return "", false, fmt.Errorf("%.60q is not in the table of values and there is no default", text)
}
