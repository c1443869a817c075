package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lingke/connectors"
)

// SourceField is a field that a source says it has.
type SourceField struct {
	Name  string // as a mapping names it
	Label string // as people see it there; may be empty
}

// CheckSource names every rule of a kind that reads what the source does not have, with the nearest that it has. A source that tells none of its fields passes. A path counts as
// there where it or what it begins with is: FGroup.FName where FGroup is. The errors are Errors joined.
func (m Mapping) CheckSource(kind connectors.Kind, has []SourceField) error {
	if len(has) == 0 {
		return nil
	}
	names := make([]string, len(has))
	for i, f := range has {
		names[i] = f.Name
	}
	var all []error
	of := m.Of(kind)
	for _, field := range slices.Sorted(maps.Keys(of)) {
		for _, source := range of[field].Sources() {
			if !slices.ContainsFunc(names, func(n string) bool { return leads(n, source) }) {
				all = append(all, &Error{NewTarget(kind, field), fmt.Errorf("the source has no field %q%s", source, Meant(source, names))})
			}
		}
	}
	return errors.Join(all...)
}

func leads(name, source string) bool {
	return strings.EqualFold(name, source) || len(source) > len(name) && strings.EqualFold(name, source[:len(name)]) && strings.ContainsRune(".[", rune(source[len(name)]))
}
