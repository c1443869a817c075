package approval

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// record makes the customer that an approved form speaks of. A field that the form leaves empty is not told: people fill in what changes.
func (c *Conn) record(id string, i instance, at time.Time) (connectors.Record, error) {
	r := connectors.Record{Kind: connectors.Customer, Fields: make(map[string]string, len(c.cfg.Mapping))}
	err := c.fields.Apply(i.row, func(field, text string) error {
		if text == "" {
			return nil
		}
		return mapping.Set(&r, field, text, c.cfg.Location)
	})
	if err != nil {
		return r, err
	}
	if r.ModifiedAt.IsZero() {
		r.ModifiedAt = at
	}
	if r.ID == "" && r.Fields[connectors.FieldName] == "" {
		return r, fmt.Errorf("%w: %s: the form names no customer", connectors.ErrBadRecord, connectors.FieldName)
	}
	r.ID = cmp.Or(r.ID, r.Fields[connectors.FieldCreditCode], id)
	return r, nil
}

// row gives the form's values by the names that a mapping uses.
func (i instance) row(name string) (text string, told bool, err error) {
	component, ok := i.find(name)
	if !ok {
		return "", false, fmt.Errorf("%w: the form has no field %q; it has %s", connectors.ErrBadRecord, name, i.names())
	}
	return plain(component.Value), true, nil
}

// find returns the form's field of that alias, id or label, in this order.
func (i instance) find(name string) (component, bool) {
	for _, of := range []func(component) string{
		func(c component) string { return c.BizAlias }, func(c component) string { return c.ID }, func(c component) string { return c.Name },
	} {
		for _, c := range i.Form {
			if of(c) == name {
				return c, true
			}
		}
	}
	return component{}, false
}

// names lists the form's fields for whoever has to mend a configuration.
func (i instance) names() string {
	names := make([]string, len(i.Form))
	for n, c := range i.Form {
		names[n] = c.Name
	}
	return strings.Join(names, ", ")
}

// plain returns what a person would read in a field. Values are text; several choices, phone numbers and the like are JSON as text.
func plain(value string) string {
	value = strings.TrimSpace(value)
	if value == "null" {
		return ""
	}
	var choices []string
	if strings.HasPrefix(value, "[") && json.Unmarshal([]byte(value), &choices) == nil {
		return strings.Join(choices, "、")
	}
	var wrapped struct{ Value *string }
	if strings.HasPrefix(value, "{") && json.Unmarshal([]byte(value), &wrapped) == nil && wrapped.Value != nil {
		return strings.TrimSpace(*wrapped.Value)
	}
	return value
}
