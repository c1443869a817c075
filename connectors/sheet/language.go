package sheet

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// Rule makes one field, as mapping.Rule does: From is the header of a column. In YAML a plain text is that alone, and "" leaves the field out.
type Rule struct {
	From    string            `yaml:"from,omitempty"`
	Expr    string            `yaml:"expr,omitempty"`
	Values  map[string]string `yaml:"values,omitempty"`
	Keep    bool              `yaml:"keep,omitempty"`
	Default *string           `yaml:"default,omitempty"`
	// Type is how the cells are read, where the field does not say that by itself; see Column.Type.
	Type string `yaml:"type,omitempty"`
}

// UnmarshalYAML reads a plain text as the header of a column.
func (r *Rule) UnmarshalYAML(decode func(any) error) error {
	var header string
	if err := decode(&header); err == nil {
		*r = Rule{From: header}
		return nil
	}
	type plainRule Rule
	return decode((*plainRule)(r))
}

var (
	errTwoForms = errors.New("the columns are said both under mapping: and by parts; say all of them under mapping")
	errAsOf     = errors.New("a file tells that of all its rows by as_of")
	errNoRules  = errors.New("mapping: says nothing of it")
)

// settle makes the parts of the rules.
func (m *Mapping) settle() error {
	if len(m.Rules) == 0 {
		m.old = m.Customer != nil || m.Order != nil || m.Activity != nil
		return nil
	}
	for _, part := range m.parts() {
		if !part.ID.none() || !part.Customer.none() || len(part.Fields) > 0 {
			return errTwoForms
		}
	}
	made := make(map[connectors.Kind]bool)
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(m.Rules)) {
		var target mapping.Target
		err := target.UnmarshalText([]byte(name))
		if err == nil {
			made[target.Kind()] = true
			err = m.rule(target, m.Rules[name])
		}
		if err != nil {
			problems = append(problems, &mapping.Error{Target: mapping.Target(name), Err: err})
		}
	}
	for kind := range m.parts() {
		if !made[kind] {
			problems = append(problems, fmt.Errorf("%s: %w", kind, errNoRules))
		}
	}
	return errors.Join(problems...)
}

// rule makes a part's column of a rule.
func (m *Mapping) rule(target mapping.Target, r Rule) error {
	c, err := r.column()
	if err != nil || c.none() {
		return err // a rule of nothing leaves the field out
	}
	at := map[connectors.Kind]**Part{connectors.Customer: &m.Customer, connectors.Order: &m.Order, connectors.Activity: &m.Activity}[target.Kind()]
	if *at == nil {
		*at = &Part{}
	}
	part := *at
	switch target.Field() {
	case mapping.ID:
		part.ID = c
	case mapping.CustomerID:
		part.Customer = c
	case mapping.ModifiedAt, mapping.Deleted:
		return errAsOf
	default:
		if part.Fields == nil {
			part.Fields = make(map[string]Column)
		}
		part.Fields[target.Field()] = c
	}
	return nil
}

// column is the rule as a Column.
func (r Rule) column() (c Column, err error) {
	c = Column{Column: r.From, Values: r.Values, Type: r.Type}
	if r.Expr != "" {
		if c.expr, err = mapping.ParseExpr(r.Expr); err != nil {
			return c, err
		}
	}
	nothing := r.From == "" && r.Expr == ""
	switch {
	case r.From != "" && r.Expr != "":
		return c, errors.New("has both from and expr")
	case nothing && r.Values != nil:
		return c, errors.New("values need from or expr")
	case r.Keep && r.Values == nil:
		return c, errors.New("keep is about values, and there are none")
	case nothing && r.Default != nil:
		return Column{Value: *r.Default, Type: r.Type}, nil
	}
	if r.Default != nil {
		c.Default = *r.Default
	}
	named := r.Values != nil && !r.Keep
	c.otherwise, c.Strict = named && r.Default != nil, named && r.Default == nil
	return c, nil
}
