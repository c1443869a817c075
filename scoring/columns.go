package scoring

import "math"

// Columns hold the facts of many customers field by field, for scoring all of them at once. A row is set once and again
// when its customer changes; scoring never rebuilds them. They keep what Total needs and no origins: Score explains a customer
// from its Facts.
//
// Different rows may not be set at the same time; any number of goroutines may score while nobody sets.
type Columns struct {
	schema *Schema
	rows   int
	num    [][]float64 // by slot; nil for texts and for fields that no row has
	code   [][]uint16  // by slot, texts only; 0 is missing
	odd    map[int]*Facts
}

// NewColumns returns columns of this many rows in which everything is missing.
func (s *Schema) NewColumns(rows int) *Columns {
	n := len(s.fields)
	return &Columns{schema: s, rows: rows, num: make([][]float64, n), code: make([][]uint16, n), odd: map[int]*Facts{}}
}

// Len returns the number of rows.
func (c *Columns) Len() int { return c.rows }

// Set puts one customer's facts into a row, counted from 0, in place of what was there. It panics for a row that is not
// there. The facts may be changed and used for the next customer afterwards.
func (c *Columns) Set(row int, f *Facts) {
	if row < 0 || row >= c.rows {
		panic("scoring: row out of range")
	}
	f = f.in(c.schema)
	for slot := range c.schema.fields {
		if c.schema.fields[slot].Kind == Text {
			c.setCode(slot, row, f.cells.num[slot])
		} else {
			c.setNumber(slot, row, f.cells.num[slot])
		}
	}
	delete(c.odd, row)
	if f.odd || f.cells.more != nil {
		c.odd[row] = f.clone() // texts without codes and lists have no column
	}
}

func (c *Columns) setNumber(slot, row int, v float64) {
	column := c.num[slot]
	if column == nil {
		if v != v {
			return
		}
		column = make([]float64, c.rows)
		for i := range column {
			column[i] = missing
		}
		c.num[slot] = column
	}
	column[row] = v
}

func (c *Columns) setCode(slot, row int, code float64) {
	if !(code > 0) {
		code = 0
	}
	if c.code[slot] == nil {
		if code == 0 {
			return
		}
		c.code[slot] = make([]uint16, c.rows)
	}
	c.code[slot][row] = uint16(code)
}

// clone copies the facts without their origins.
func (f *Facts) clone() *Facts {
	out := f.schema.NewFacts()
	for slot := range f.schema.fields {
		out.take(slot, f, slot)
	}
	clear(out.origin)
	return out
}

// Totals scores the rows from first on, as many as out holds, into whole thousandths: Total(facts, at) is out[i]/1000. It
// allocates a fixed amount of memory, whatever the number of rows, and may run in several goroutines over different rows.
func (m *Model) Totals(c *Columns, first int, at int64, out []int32) {
	if c.schema != m.schema {
		panic("scoring: columns of another schema than the model's")
	}
	b := newBlock(m, c, float64(at))
	for from := 0; from < len(out); from += blockRows {
		b.score(first+from, out[from:min(from+blockRows, len(out))])
	}
	if len(c.odd) > 0 {
		for i := range out {
			if f := c.odd[first+i]; f != nil {
				out[i] = int32(m.total(f, float64(at)))
			}
		}
	}
}

// column returns a number column's part, or one in which all is missing.
func (b *block) column(slot, n int) []float64 {
	if col := b.from.num[slot]; col != nil {
		return col[b.first : b.first+n]
	}
	return b.nothing[:n]
}

func (b *block) codes(slot, n int) []uint16 {
	if col := b.from.code[slot]; col != nil {
		return col[b.first : b.first+n]
	}
	return b.noText[:n]
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// isText reports whether the slot's column holds codes.
func (b *block) isText(slot int) bool { return b.from.schema.fields[slot].Kind == Text }

func finite(v float64) bool { return !math.IsInf(v, 0) }
