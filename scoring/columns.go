package scoring

// Columns hold the facts of many customers field by field, for scoring all of them at once. A row is set once and again
// when its customer changes; scoring never rebuilds them. They keep what Total needs and no origins: Score explains a customer
// from its Facts.
//
// Different rows may not be set at the same time; any number of goroutines may score while nobody sets.
type Columns struct {
	schema *Schema
	rows   int
	slots  []column
	odd    map[int]*Facts // by row: customers with a value that no column can hold
}

// NewColumns returns columns of this many rows in which everything is missing.
func (s *Schema) NewColumns(rows int) *Columns {
	c := &Columns{schema: s, rows: rows, slots: make([]column, len(s.fields)), odd: map[int]*Facts{}}
	for slot, f := range s.fields {
		c.slots[slot].text = f.Kind == Text
	}
	return c
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
	for slot := range c.slots {
		c.slots[slot].set(row, f.cells.num[slot], c.rows)
	}
	delete(c.odd, row)
	if f.odd || f.cells.more != nil {
		c.odd[row] = f.clone() // texts without codes and lists have no column
	}
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
	for done := 0; done < len(out); {
		n := min(blockRows-(first+done)%4, len(out)-done)
		b.score(first+done, out[done:done+n])
		done += n
	}
	if len(c.odd) > 0 {
		for i := range out {
			if f := c.odd[first+i]; f != nil {
				out[i] = int32(m.total(f, float64(at)))
			}
		}
	}
}
