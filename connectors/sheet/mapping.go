package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// Mapping says what the columns of a file mean. It is written as YAML, what the columns are in the language of every connector's mapping (package mapping), where the
// source's fields are the headers:
//
//	sheet: 订单                       # by name; the first with a known header if empty
//	header_row: 3                     # found if absent
//	source: crm                       # whose ids these are; "sheet" if empty
//	as_of: 2017-12-31                 # when the file was true; the time of the import if empty
//	encoding: GB18030                 # UTF-8 and GB18030 are found without
//	date_formats: [D/M/YYYY, excel]   # where dates could be read in several ways
//	skip: [{column: 单号, prefix: C}] # rows that are none of ours
//	mapping:
//	  id: 客户 ID
//	  name: 客户名称
//	  segment: {from: 细分, values: {公司: company}, keep: true}
//	  order.id: 订单 ID
//	  order.date: 订单日期
//	  order.amount: {expr: number(数量) * number(单价)}
//	  order.status: {default: won}
//	order: {lines: sum}
//
// A row can tell of a customer, of its order and of its activity at once. A part whose id column the file does not have is left out, so
// that one mapping serves the several files of one system. Files that were written before there was a mapping: say the same by parts (Part); they are read as ever, and
// Modern tells how they are written now.
type Mapping struct {
	Sheet       string   `yaml:"sheet"`
	HeaderRow   int      `yaml:"header_row"`
	Source      string   `yaml:"source"`
	AsOf        string   `yaml:"as_of"`
	Encoding    string   `yaml:"encoding"`
	Delimiter   string   `yaml:"delimiter"`
	DateFormats []string `yaml:"date_formats"`
	Skip        []Skip   `yaml:"skip"`
	// Rules are how fields are made, by mapping.Target.
	Rules    map[string]Rule `yaml:"mapping"`
	Customer *Part           `yaml:"customer"`
	Order    *Part           `yaml:"order"`
	Activity *Part           `yaml:"activity"`

	old bool // written by parts
}

// Part says how a row tells of one kind of thing.
type Part struct {
	// ID is the column of the source's own id. Where a file, or a row, has none, Key names the fields (name, date, product …) of which a stable id
	// is made: the same row in a later file then changes the thing instead of adding another.
	ID  Column   `yaml:"id"`
	Key []string `yaml:"key"`
	// Customer is, for orders and activities, the column of the customer's id; the id of the row's customer part if empty.
	Customer Column `yaml:"customer"`
	// Lines "sum" joins rows with the same id to one thing: its amount and margin are the sums of theirs.
	Lines  string            `yaml:"lines"`
	Fields map[string]Column `yaml:"fields"`
}

// Column says where a value comes from, in the way of files without mapping:. In YAML a plain text is the header of a column.
type Column struct {
	Column  string            `yaml:"column"`
	Columns []string          `yaml:"columns"` // the first of them that is not empty in the row
	Product []string          `yaml:"product"` // of the numbers in these columns
	Value   string            `yaml:"value"`   // the same in every row
	Values  map[string]string `yaml:"values"`  // what the file's words mean; others stay, unless Strict
	Strict  bool              `yaml:"strict"`  // a word that Values does not name is a mistake
	Default string            `yaml:"default"` // where the cell is empty
	Type    string            `yaml:"type"`    // text, amount, number, date, phone, code, flag, status, activity; by the field if empty

	expr      mapping.Expr
	otherwise bool // a word that Values does not name takes Default
}

// Skip names rows that are left out: those for which every condition that is given holds.
type Skip struct {
	Column string   `yaml:"column"`
	Prefix string   `yaml:"prefix"`
	Is     []string `yaml:"is"`
	Empty  bool     `yaml:"empty"`
	AtMost *float64 `yaml:"at_most"`
}

// UnmarshalYAML reads a plain text as the header of a column.
func (c *Column) UnmarshalYAML(decode func(any) error) error {
	var name string
	if err := decode(&name); err == nil {
		*c = Column{Column: name}
		return nil
	}
	type plainColumn Column
	return decode((*plainColumn)(c))
}

// none reports whether nothing is said.
func (c Column) none() bool {
	return c.Column == "" && len(c.Columns) == 0 && len(c.Product) == 0 && c.Value == "" && c.expr.Empty()
}

// columns are all headers that are named.
func (c Column) columns() []string {
	all := slices.Concat(c.Columns, c.Product, c.expr.Sources())
	if c.Column != "" {
		all = append(all, c.Column)
	}
	return all
}

// maxMapping bounds a mapping file.
const maxMapping = 1 << 20

// ParseMapping reads a mapping file; the error wraps ErrMapping and shows the place.
func ParseMapping(file string, content []byte) (*Mapping, error) {
	if len(content) > maxMapping {
		return nil, fmt.Errorf("%w: %s is larger than a megabyte", ErrMapping, file)
	}
	var m Mapping
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s: %s", ErrMapping, file, yaml.FormatError(err, false, true))
	}
	if err := errors.Join(m.settle(), m.check()); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMapping, file, err)
	}
	return &m, nil
}

var (
	sourceName = regexp.MustCompile(`^[\pL][\pL\pN_-]{0,39}$`)
	columnType = []string{"", "text", "amount", "number", "date", "phone", "code", "flag", "status", "activity"}
)

// check reports everything that is wrong without a file to look at.
func (m *Mapping) check() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if m.Customer == nil && m.Order == nil && m.Activity == nil {
		bad("none of customer, order and activity is described")
	}
	if m.Source != "" && !sourceName.MatchString(m.Source) {
		bad("source: expected a short name of letters and digits")
	}
	if m.HeaderRow < 0 {
		bad("header_row: rows count from 1")
	}
	if m.AsOf != "" {
		if _, err := m.asOf(time.UTC); err != nil {
			bad("as_of: %w", err)
		}
	}
	if m.Encoding != "" && m.encodingName() == "" {
		bad("encoding: %q is none of UTF-8 and GB18030 (GBK, GB2312)", m.Encoding)
	}
	if d := []rune(m.Delimiter); len(d) > 1 && m.Delimiter != "tab" {
		bad("delimiter: expected one character, or tab")
	}
	for _, f := range m.DateFormats {
		if _, err := parseLayout(f); err != nil {
			bad("date_formats: %w", err)
		}
	}
	for kind, p := range m.parts() {
		problems = append(problems, p.check(kind)...)
	}
	return errors.Join(problems...)
}

func (p *Part) check(kind connectors.Kind) (problems []error) {
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%s: %w", kind, fmt.Errorf(format, args...)))
	}
	if p.Lines != "" && p.Lines != "sum" {
		bad("lines: expected sum")
	}
	if p.Lines == "sum" && kind != connectors.Order {
		bad("lines: only an order has lines")
	}
	if kind == connectors.Customer && !p.Customer.none() {
		bad("customer: a customer belongs to nobody; did you mean id?")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		c := p.Fields[name]
		if !fieldName(name) {
			bad("fields: %q is no field name: letters, digits and _", name)
		}
		if c.none() {
			bad("fields: %s: name a column, columns, product or value", name)
		}
		if !slices.Contains(columnType, c.Type) {
			bad("fields: %s: unknown type %q; known are %s", name, c.Type, strings.Join(columnType[1:], ", "))
		}
	}
	for _, name := range p.Key {
		if _, ok := p.Fields[name]; !ok && name != "customer" {
			bad("key: %q is none of the fields", name)
		}
	}
	return problems
}

// fieldName keeps names out that databases treat specially.
func fieldName(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsAny(s, ".$ \t\n\x00")
}

// parts are the parts that are described.
func (m *Mapping) parts() map[connectors.Kind]*Part {
	all := map[connectors.Kind]*Part{}
	for kind, p := range map[connectors.Kind]*Part{connectors.Customer: m.Customer, connectors.Order: m.Order, connectors.Activity: m.Activity} {
		if p != nil {
			all[kind] = p
		}
	}
	return all
}

// encodingName is Encoding in the words of this package, "" where nothing is said or known.
func (m *Mapping) encodingName() string {
	switch strings.ToUpper(strings.ReplaceAll(m.Encoding, "-", "")) {
	case "UTF8":
		return utf8Plain
	case "GB18030", "GBK", "GB2312", "CP936":
		return gb18030
	}
	return ""
}

func (m *Mapping) delimiter() rune {
	if m.Delimiter == "tab" {
		return '\t'
	}
	for _, r := range m.Delimiter {
		return r
	}
	return 0
}

// asOf is the instant that the file tells of; for a day alone its end.
func (m *Mapping) asOf(zone *time.Location) (time.Time, error) {
	t, ok, err := dates{zone: zone}.parse(m.AsOf)
	if err != nil || !ok {
		return time.Time{}, errors.Join(err, notDate)
	}
	if t.Hour() == 0 && t.Minute() == 0 {
		t = t.AddDate(0, 0, 1).Add(-time.Second)
	}
	return t, nil
}
