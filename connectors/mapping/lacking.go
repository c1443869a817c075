package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"lingke/connectors/jsondoc"
)

// Lacking names every rule that reads what no item of a document has, with the nearest member of the first item. Sources leave out what is empty, so this is a doubt. A
// document without items has none. The errors are Errors joined.
func (r *Reader) Lacking(doc any) error {
	items := r.list(doc)
	if len(items) == 0 {
		return nil
	}
	var members []string
	if first, ok := items[0].(jsondoc.Object); ok {
		for _, m := range first.Members {
			members = append(members, m.Name)
		}
	}
	var all []error
	for _, rule := range r.fields.rules {
		for _, source := range rule.Sources() {
			p := r.paths[source]
			if !slices.ContainsFunc(items, func(item any) bool { return len(p.Find(doc, item)) > 0 }) {
				all = append(all, &Error{NewTarget(r.kind, rule.field), fmt.Errorf("the source has no field %q%s", source, Meant(source, members))})
			}
		}
	}
	return errors.Join(all...)
}

// SourceFields are the members of some rows, for CheckSource.
func SourceFields[M ~map[string]any](rows []M) []SourceField {
	names := make(map[string]bool)
	for _, row := range rows {
		for name := range row {
			names[name] = true
		}
	}
	var out []SourceField
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out = append(out, SourceField{Name: name})
	}
	return out
}
