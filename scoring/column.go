package scoring

import "math"

// column is one field of all rows, as narrow as its values allow: most fields are small counts, and scoring many customers
// takes as long as their columns take to pass by. narrow packs four rows into a word, 15 bits each, with the value + 1 (a
// text's code as it is), so that 0 is missing; middle and wide hold one row each. A value that does not fit widens the
// column once for all.
type column struct {
	text   bool
	narrow []uint64
	middle []int32 // noMiddle is missing
	wide   []float64
	hi     uint16 // the highest narrow lane that was ever set
}

const (
	laneBits = 16
	laneMax  = 1<<15 - 1
	noMiddle = math.MinInt32
)

func (c *column) empty() bool { return c.narrow == nil && c.middle == nil && c.wide == nil }

// shift is what a lane has more than its value.
func (c *column) shift() float64 { return float64(one(!c.text)) }

func (c *column) lane(row int) uint16 { return uint16(c.narrow[row/4] >> (row % 4 * laneBits)) }

func (c *column) setLane(row int, v uint16) {
	at := row % 4 * laneBits
	c.narrow[row/4] = c.narrow[row/4]&^(0xffff<<at) | uint64(v)<<at
	c.hi = max(c.hi, v)
}

// get returns the cell of a row.
func (c *column) get(row int) float64 {
	switch {
	case c.wide != nil:
		return c.wide[row]
	case c.middle != nil && c.middle[row] != noMiddle:
		return float64(c.middle[row])
	case c.narrow != nil && c.lane(row) != 0:
		return float64(c.lane(row)) - c.shift()
	}
	return missing
}

// set stores a cell, in a column for so many rows.
func (c *column) set(row int, v float64, rows int) {
	if c.text && !(v > 0) { // an uncoded text counts as missing; its row is kept apart
		v = missing
	}
	switch {
	case c.empty():
		if v == v {
			c.narrow = make([]uint64, (rows+3)/4)
			c.set(row, v, rows)
		}
	case c.wide != nil:
		c.wide[row] = v
	case v != v:
		c.forget(row)
	case c.narrow != nil && v >= 0 && v+c.shift() <= laneMax && v == math.Trunc(v):
		c.setLane(row, uint16(v+c.shift()))
	case c.middle != nil && middling(v):
		c.middle[row] = int32(v)
	default:
		c.widen(rows, v)
		c.set(row, v, rows)
	}
}

func middling(v float64) bool { return math.Abs(v) <= math.MaxInt32 && v == math.Trunc(v) }

func (c *column) forget(row int) {
	if c.narrow != nil {
		c.setLane(row, 0)
	} else {
		c.middle[row] = noMiddle
	}
}

// widen makes room for a value that does not fit. Columns are as long as whole words of four rows.
func (c *column) widen(rows int, v float64) {
	n := (rows + 3) / 4 * 4
	next := column{text: c.text}
	if c.narrow != nil && middling(v) {
		next.middle = make([]int32, n)
	} else {
		next.wide = make([]float64, n)
	}
	for row := range n {
		old := missing
		if row < rows {
			old = c.get(row)
		}
		switch {
		case next.wide != nil:
			next.wide[row] = old
		case old != old:
			next.middle[row] = noMiddle
		default:
			next.middle[row] = int32(old)
		}
	}
	*c = next
}
