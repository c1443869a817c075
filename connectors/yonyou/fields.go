package yonyou

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// fields fills the fields of one kind of record: by the paths that a dialect knows, and by the operator's rules over them.
type fields struct {
	known []column
	rules *mapping.Fields
	gone  []string // fields that the operator wants left out
}

// column is one field of ours and where its value may stand in a row.
type column struct {
	field string
	paths []string
}

// rowPath is what a rule may read: a key, or keys joined with dots.
var rowPath = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_!]*(\.[A-Za-z_][A-Za-z0-9_!]*)*$`)

// newFields puts the operator's rules over what the dialect knows. What is wrong with them is added to wrong.
func newFields(kind connectors.Kind, known map[string][]string, m mapping.Mapping, wrong *problems) *fields {
	f := &fields{}
	made := make(mapping.Mapping)
	rules := m.Of(kind)
	for _, field := range slices.Sorted(maps.Keys(rules)) {
		rule, target := rules[field], mapping.NewTarget(kind, field)
		switch {
		case field == mapping.ID, field == mapping.CustomerID, field == mapping.ModifiedAt, field == mapping.Deleted:
			*wrong = append(*wrong, fmt.Sprintf("mapping.%s: the connector knows this by itself", target))
		case rule.None():
			f.gone = append(f.gone, field)
		default:
			made[target] = rule
		}
		for _, source := range rule.Sources() {
			if !rowPath.MatchString(source) {
				*wrong = append(*wrong, fmt.Sprintf("mapping.%s: %q is not the key of a value", target, source))
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(known)) {
		if _, other := rules[field]; !other {
			f.known = append(f.known, column{field: field, paths: known[field]})
		}
	}
	var err error
	if f.rules, err = made.Compile(kind, shanghai); err != nil {
		*wrong = append(*wrong, err.Error())
	}
	return f
}

// fill puts the values of a row into a record. What the dialect knows is not told where it is empty; what a rule says is,
// and empties ours, unless the row does not have the key at all: an interface may leave out what it does not know.
func (f *fields) fill(rec *connectors.Record, row object) error {
	if rec.Fields == nil {
		rec.Fields = make(map[string]string, len(f.known))
	}
	for _, c := range f.known {
		if v := cut(row.text(c.paths...)); v != "" {
			rec.Fields[c.field] = v
		}
	}
	for _, field := range f.gone {
		delete(rec.Fields, field)
	}
	err := f.rules.Apply(func(source string) (string, bool, error) {
		return row.text(source), row.has(source), nil
	}, func(field, text string) error {
		rec.Fields[field] = cut(text)
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", rec.Kind, rec.ID, err)
	}
	return nil
}

// longestText is the longest text that the gateway keeps, in bytes.
const longestText = 4096

// cut shortens a text to longestText at a character's end.
func cut(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "")
}
