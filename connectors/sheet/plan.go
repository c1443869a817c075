package sheet

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lingke/connectors"
)

// Use says which column a field is read from.
type Use struct {
	Column string          `json:"column,omitempty"` // letter; empty for a constant
	Header string          `json:"header,omitempty"`
	Kind   connectors.Kind `json:"kind"`
	Field  string          `json:"field"`
	Type   string          `json:"type"`
}

// Unused is a column that no field is read from.
type Unused struct {
	Column  string `json:"column"`
	Header  string `json:"header"`
	Nearest string `json:"nearest,omitempty"` // the known header that it may be meant to be
}

// plan is a mapping laid over the columns of one file.
type plan struct {
	header  header
	parts   []partPlan
	skips   []skipPlan
	used    []Use
	ignored []Unused
	notes   []Reason
}

// partPlan is one part; customers come before what belongs to them.
type partPlan struct {
	kind     connectors.Kind
	id       *source
	key      []string
	customer *source
	lines    bool
	fields   []source
}

// source is a field and where its value comes from.
type source struct {
	field   string
	typ     string
	col     Column
	cols    []int // in order of preference, or the factors of a product
	factor  int64 // by the unit in the header
	product bool
	read    map[string]int // the columns of an expression, by what it calls them
}

type skipPlan struct {
	Skip

	col int
}

// usualTypes are the types of fields that are no plain text.
var usualTypes = map[string]string{
	connectors.FieldAmount: "amount", connectors.FieldMargin: "amount", connectors.FieldDate: "date", connectors.FieldOpened: "date", connectors.FieldPhone: "phone",
	connectors.FieldStatus: "status", connectors.FieldType: "activity", connectors.FieldCreditCode: "code", "headcount": "number", "annual_revenue": "amount",
}

// defaultKeys make the id where a file has none.
var defaultKeys = map[connectors.Kind][]string{
	connectors.Customer: {connectors.FieldName},
	connectors.Order:    {"customer", connectors.FieldDate, connectors.FieldProduct},
	connectors.Activity: {"customer", connectors.FieldDate, connectors.FieldType},
}

// newPlan lays a mapping over a header. The error wraps ErrMapping and names every column that is needed and missing, with the nearest one.
func newPlan(m *Mapping, h header, v vocabulary) (*plan, error) {
	p := &plan{header: h}
	var problems []error
	for _, kind := range []connectors.Kind{connectors.Customer, connectors.Order, connectors.Activity} {
		part := m.parts()[kind]
		if part == nil {
			continue
		}
		if err := p.add(kind, part, v); err != nil {
			problems = append(problems, err)
		}
	}
	if len(p.parts) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrMapping, errors.Join(problems...))
	}
	for _, err := range problems { // another file of the same system
		p.notes = append(p.notes, because("未读取：%s", "not read: %s", err.Error()))
	}
	for _, s := range m.Skip {
		col := h.column(s.Column)
		if col < 0 {
			return nil, fmt.Errorf("%w: skip: %w", ErrMapping, p.missing(s.Column))
		}
		p.skips = append(p.skips, skipPlan{s, col})
	}
	p.findUnused(v)
	return p, nil
}

func (p *plan) missing(name string) error {
	if near := p.header.nearest(name); near != "" {
		return fmt.Errorf("row %d has no column %q; the nearest is %q", p.header.row, name, near)
	}
	return fmt.Errorf("row %d has no column %q", p.header.row, name)
}

func (p *plan) add(kind connectors.Kind, part *Part, v vocabulary) error {
	out := partPlan{kind: kind, key: part.Key, lines: part.Lines == "sum"}
	var err error
	if out.id, err = p.idSource(kind, "id", part.ID); err != nil {
		return err
	}
	if out.customer, err = p.idSource(kind, "customer", part.Customer); err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(part.Fields)) {
		s, err := p.source(kind, field, part.Fields[field], v)
		if err != nil {
			p.notes = append(p.notes, because("%s.%s 未读取：%s", "%s.%s is not read: %s", kind, field, err.Error()))
			continue
		}
		out.fields = append(out.fields, s)
	}
	if out.id == nil && len(out.key) == 0 {
		out.key = defaultKeys[kind]
	}
	if need := needed[kind]; out.id == nil && !out.has(out.key[0]) || need != "" && !out.has(need) {
		return fmt.Errorf("%s: expected a column for its %s", kind, strings.Trim(strings.Join([]string{"id or " + out.firstKey(), need}, ", and its "), ", "))
	}
	p.parts = append(p.parts, out)
	p.used = append(p.used, out.uses(p.header)...)
	return nil
}

// needed are the fields without which a record of the kind says nothing.
var needed = map[connectors.Kind]string{connectors.Order: connectors.FieldAmount, connectors.Activity: connectors.FieldType}

func (part partPlan) firstKey() string {
	if len(part.key) > 0 {
		return part.key[0]
	}
	return "key"
}

func (part partPlan) has(field string) bool {
	return field == "customer" || slices.ContainsFunc(part.fields, func(s source) bool { return s.field == field })
}

func (p *plan) idSource(kind connectors.Kind, field string, c Column) (*source, error) {
	if c.none() {
		return nil, nil //nolint:nilnil // no id is no mistake
	}
	s, err := p.source(kind, field, c, vocabulary{})
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", kind, field, err)
	}
	s.typ = "text"
	return &s, nil
}

func (p *plan) source(_ connectors.Kind, field string, c Column, v vocabulary) (source, error) {
	s := source{field: field, col: c, typ: c.Type, factor: 1, product: len(c.Product) > 0}
	if s.typ == "" {
		s.typ = usualTypes[field]
	}
	if s.typ == "" {
		s.typ = v.types[field]
	}
	if s.typ == "" {
		s.typ = "text"
	}
	var lacking error
	if !c.expr.Empty() {
		s.read = map[string]int{}
	}
	for _, name := range c.columns() {
		col := p.header.column(name)
		if col < 0 {
			lacking = p.missing(name)
			if s.product {
				return s, lacking
			}
			continue
		}
		s.cols = append(s.cols, col)
		if s.read != nil {
			s.read[name] = col
		} else if s.typ == "amount" {
			s.factor = headerFactor(p.header.names[col])
		}
	}
	if len(s.cols) == 0 && c.Value == "" && lacking != nil {
		return s, lacking
	}
	return s, nil
}

func (part partPlan) uses(h header) (all []Use) {
	add := func(s *source) {
		if s == nil {
			return
		}
		for _, col := range s.cols {
			all = append(all, Use{Column: letters(col), Header: h.names[col], Kind: part.kind, Field: s.field, Type: s.typ})
		}
		if len(s.cols) == 0 {
			all = append(all, Use{Kind: part.kind, Field: s.field, Type: s.typ})
		}
	}
	add(part.id)
	add(part.customer)
	for i := range part.fields {
		add(&part.fields[i])
	}
	return all
}

// findUnused lists the columns that have a header and are not read.
func (p *plan) findUnused(v vocabulary) {
	read := map[string]bool{}
	for _, u := range p.used {
		read[u.Column] = true
	}
	for _, s := range p.skips {
		read[letters(s.col)] = true
	}
	for col, name := range p.header.names {
		if name == "" || read[letters(col)] || slices.Contains(ownColumns, normal(name)) {
			continue
		}
		near := v.nearest(name)
		if near == normal(name) {
			near = ""
		}
		p.ignored = append(p.ignored, Unused{Column: letters(col), Header: name, Nearest: near})
	}
}
