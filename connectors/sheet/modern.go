package sheet

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// Modern is what can take the place of the parts in a file that has no mapping: yet, as text; "" where it has one. The two are read alike.
func (m *Mapping) Modern() string {
	if !m.old {
		return ""
	}
	rules, options := make(map[string]Rule), yaml.MapSlice{}
	for _, kind := range []connectors.Kind{connectors.Customer, connectors.Order, connectors.Activity} {
		part := m.parts()[kind]
		if part == nil {
			continue
		}
		part.eachColumn(func(field string, c Column) { rules[string(mapping.NewTarget(kind, field))] = c.rule() })
		if left := part.options(); len(left) > 0 {
			options = append(options, yaml.MapItem{Key: string(kind), Value: left})
		}
	}
	var all yaml.MapSlice
	for _, target := range slices.Sorted(maps.Keys(rules)) {
		var value any = rules[target]
		if r := rules[target]; r.plain() {
			value = r.From
		}
		all = append(all, yaml.MapItem{Key: target, Value: value})
	}
	text, err := yaml.Marshal(append(yaml.MapSlice{{Key: "mapping", Value: all}}, options...))
	if err != nil {
		return "" // texts always encode
	}
	return string(text)
}

// eachColumn calls fn for every target that the part makes.
func (p *Part) eachColumn(fn func(field string, c Column)) {
	if !p.ID.none() {
		fn(mapping.ID, p.ID)
	}
	if !p.Customer.none() {
		fn(mapping.CustomerID, p.Customer)
	}
	for field, c := range p.Fields {
		fn(field, c)
	}
}

// options are what a part says besides.
func (p *Part) options() (out yaml.MapSlice) {
	if len(p.Key) > 0 {
		out = append(out, yaml.MapItem{Key: "key", Value: p.Key})
	}
	if p.Lines != "" {
		out = append(out, yaml.MapItem{Key: "lines", Value: p.Lines})
	}
	return out
}

func (r Rule) plain() bool {
	return r.Expr == "" && r.Values == nil && !r.Keep && r.Default == nil && r.Type == ""
}

// rule is a column of the old form as a rule.
func (c Column) rule() Rule {
	r := Rule{From: c.Column, Values: c.Values, Keep: len(c.Values) > 0 && !c.Strict, Type: c.Type}
	switch {
	case len(c.Product) > 0:
		r.From, r.Expr = "", joinedFields(c.Product, "number(", ")", " * ")
	case len(c.Columns) > 0:
		r.From, r.Expr = "", joinedFields(slices.Concat(c.Columns, oneOf(c.Column)), "", "", " ?? ")
	}
	if text := c.Value + c.Default; text != "" {
		r.Default = &text
	}
	return r
}

func oneOf(header string) []string {
	if header == "" {
		return nil
	}
	return []string{header}
}

func joinedFields(headers []string, before, after, between string) string {
	parts := make([]string, len(headers))
	for i, h := range headers {
		parts[i] = before + "field(" + strconv.Quote(h) + ")" + after
	}
	return strings.Join(parts, between)
}
