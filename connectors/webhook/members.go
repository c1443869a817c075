package webhook

import (
	"fmt"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// members is how an object of our own form becomes a record of one kind: by the mapping, and what the mapping does not use under its own name.
type members struct {
	fields *mapping.Fields
	paths  mapping.Paths
	used   map[string]bool
}

func newMembers(m mapping.Mapping, kind connectors.Kind, zone *time.Location) (*members, error) {
	fields, err := m.Compile(kind, zone)
	if err != nil {
		return nil, err
	}
	paths, err := m.Paths(kind)
	if err != nil {
		return nil, err
	}
	out := &members{fields: fields, paths: paths, used: make(map[string]bool)}
	for _, p := range paths {
		out.used[p.Head()] = true
	}
	delete(out.used, "")
	for field, rule := range m.Of(kind) {
		if rule.None() {
			out.used[field] = true
		}
	}
	return out, nil
}

// fill fills a record, and names the member that cannot be read.
func (r *receiver) fill(rec *connectors.Record, top, o jsondoc.Object, place string) error {
	m := r.members[rec.Kind]
	mapped := map[string]bool{}
	err := m.fields.Apply(m.paths.Row(top, o), func(field, text string) error {
		mapped[field] = true
		return mapping.Set(rec, field, text, r.location)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	for _, member := range o.Members {
		switch {
		case m.used[member.Name]:
			continue
		case mapped[member.Name]:
			err = fmt.Errorf("stands for %s, and so does what the mapping says", quote(member.Name))
		default:
			err = r.set(rec, member.Name, member.Value)
		}
		if err != nil {
			return fmt.Errorf("%s.%s: %w", place, quote(member.Name), err)
		}
	}
	return nil
}
