package sheet

import (
	"slices"
	"strings"

	"lingke/connectors"
)

// header is the row that names the columns.
type header struct {
	row   int
	names []string // by column; a later column of the same name is "名称 2"
	found bool
}

// searchDepth is how many rows that are not empty may stand above the header.
const searchDepth = 30

// searchRows is below which row no header is looked for.
const searchRows = 1000

// headerOf makes a header of a row. Names are unique, so that a mapping can tell them apart.
func headerOf(r row) header {
	h := header{row: r.n, found: true}
	seen := map[string]int{}
	for _, c := range r.cells {
		name := strings.Join(strings.Fields(c.text), " ")
		if seen[name]++; name != "" && seen[name] > 1 {
			name += " " + string(rune('0'+min(seen[name], 9)))
		}
		h.names = append(h.names, name)
	}
	return h
}

// column is the index of a column by its header, or -1. Case, width, blanks and units in brackets do not matter.
func (h header) column(name string) int {
	if i := slices.Index(h.names, name); i >= 0 {
		return i
	}
	want := normal(name)
	return slices.IndexFunc(h.names, func(n string) bool { return want != "" && normal(n) == want })
}

// nearest is the header that name was most likely meant to be.
func (h header) nearest(name string) string {
	byNormal := map[string]string{}
	var known []string
	for _, n := range h.names {
		if n != "" {
			byNormal[normal(n)] = n
			known = append(known, normal(n))
		}
	}
	return byNormal[nearest(normal(name), known)]
}

// headerScore counts the cells of a row that are known headers. A number is never one.
func headerScore(r row, known func(string) bool) (n int) {
	seen := map[string]bool{}
	for _, c := range r.cells {
		name := normal(c.text)
		if c.kind == text && !seen[name] && known(c.text) {
			n++
		}
		seen[name] = true
	}
	return n
}

// knownBy is what makes a text a header: the mapping names it, or the vocabulary has it.
func knownBy(m *Mapping, v vocabulary) func(string) bool {
	if m == nil {
		return func(s string) bool { return len(v.words[normal(s)]) > 0 }
	}
	named := map[string]bool{}
	for _, s := range m.Skip {
		named[normal(s.Column)] = true
	}
	for _, p := range m.parts() {
		for _, name := range p.columns() {
			named[normal(name)] = true
		}
	}
	return func(s string) bool { return named[normal(s)] }
}

// columns are all headers that a part names.
func (p *Part) columns() []string {
	all := append(p.ID.columns(), p.Customer.columns()...)
	for _, c := range p.Fields {
		all = append(all, c.columns()...)
	}
	return all
}

// guess makes the mapping that the headers speak of, nil where they speak of nothing.
func guess(h header, v vocabulary) *Mapping {
	meaning := func(w word) string {
		for _, name := range h.names {
			if name != "" && slices.Contains(v.words[normal(name)], w) {
				return name
			}
		}
		return ""
	}
	has := func(kind connectors.Kind, field string) bool { return meaning(word{kind, field}) != "" }
	m := &Mapping{}
	if has(connectors.Customer, "id") || has(connectors.Customer, connectors.FieldName) {
		m.Customer = guessPart(connectors.Customer, v, meaning)
		if has(connectors.Customer, connectors.FieldName) {
			m.Customer.Key = defaultKeys[connectors.Customer] // for rows without an id
		}
	}
	if has(connectors.Order, "id") || has(connectors.Order, connectors.FieldAmount) && has(connectors.Order, connectors.FieldDate) {
		m.Order = guessPart(connectors.Order, v, meaning)
		m.Order.Lines = "sum"
	}
	if has(connectors.Activity, connectors.FieldType) {
		m.Activity = guessPart(connectors.Activity, v, meaning)
	}
	if m.Customer == nil {
		return nil
	}
	return m
}

func guessPart(kind connectors.Kind, v vocabulary, meaning func(word) string) *Part {
	p := &Part{Fields: map[string]Column{}}
	for _, words := range v.words {
		for _, w := range words {
			name := meaning(w)
			switch {
			case w.kind != kind || name == "":
			case w.field == "id":
				p.ID = Column{Column: name}
			default:
				p.Fields[w.field] = Column{Column: name}
			}
		}
	}
	return p
}
