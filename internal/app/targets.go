package app

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/mapping"
	"lingke/scoring"
)

// plainFields are fields of customers that no rule reads and that people know all the same: who a customer is, and what connectors tell by themselves.
var plainFields = []string{
	connectors.FieldName, connectors.FieldCreditCode, connectors.FieldPhone, connectors.FieldMobile, connectors.FieldContact, connectors.FieldPool, connectors.FieldOwner, connectors.FieldTaxNumber,
	connectors.FieldKind, connectors.FieldSameAs, mapping.ID, mapping.ModifiedAt, mapping.Deleted,
	"number", "short_name", "address", "group", "seller", "department", "description", "website", "email", "price_level", "credit_limit", "enabled", "stopped",
}

// unknownTargets names every field of customers that a connector's mappings make and nothing else knows, with the nearest that is known: most of them are slips. Such a
// field is kept and shown, but no rule can read it.
func (a *App) unknownTargets(schema *scoring.Schema, c configs.Connector) (out configs.Problems) {
	of, known := a.connectorTypes()[c.Type]
	if !known {
		return nil
	}
	all := of.mappings(c.Settings)
	for _, place := range slices.Sorted(maps.Keys(all)) {
		for _, field := range slices.Sorted(maps.Keys(all[place].Of(connectors.Customer))) {
			_, _, ruled := schema.Lookup(field)
			if ruled || slices.Contains(plainFields, field) {
				continue
			}
			p := c.Settings.Problem(place+"."+field, fmt.Sprintf("no rule and no page knows a customer's field %q; it is kept and shown only", field))
			p.Hint = "to use it in rules, declare it in a file that fields: names"
			if near := nearestField(schema, field); near != "" {
				p.Hint = fmt.Sprintf("did you mean %q?", near)
			}
			out = append(out, p)
		}
	}
	return out
}

// nearestField is the known field that a name was most likely meant to be.
func nearestField(schema *scoring.Schema, field string) string {
	if near := mapping.Nearest(field, plainFields); near != "" {
		return near
	}
	return schema.Nearest(field)
}

// mappingsIn are the customers' mappings in a connector's settings, by place: "mapping", "resources[0].mapping".
func mappingsIn(v reflect.Value) map[string]mapping.Mapping {
	out := make(map[string]mapping.Mapping)
	var walk func(place string, v reflect.Value)
	walk = func(place string, v reflect.Value) {
		if m, ok := v.Interface().(mapping.Mapping); ok {
			out[strings.TrimPrefix(place, ".")] = m
			return
		}
		switch {
		case v.Kind() == reflect.Struct:
			if kind := v.FieldByName("Kind"); kind.IsValid() && kind.String() != string(connectors.Customer) {
				return // plain names are those of its kind there
			}
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() {
					walk(place+"."+strings.ToLower(f.Name), v.Field(i))
				}
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", place, i), v.Index(i))
			}
		}
	}
	walk("", v)
	return out
}
