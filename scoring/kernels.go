package scoring

import "math"

// The kernels: each passes over a column and has no jump inside that depends on the data. Slices of rows are as long as sums;
// slices of words have a quarter of that, four rows in 16 bits each.

const (
	high = 0x8000_8000_8000_8000 // the topmost bit of each lane
	ones = 0x0001_0001_0001_0001
)

// lanes are the packed rows of a column that lie in an interval: from lo up to before past, both in each lane.
type lanes struct {
	column   []uint64
	lo, past uint64
}

// in has the topmost bit of the lanes that lie in the interval. A lane with that bit set and lo taken away keeps it when the
// lane was at least lo, and no lane borrows from its neighbour.
func (l *lanes) in(word uint64) uint64 {
	return ((word | high) - l.lo) &^ ((word | high) - l.past) & high
}

// lanesOf takes the words of a narrow column.
func lanesOf(c *column, i interval, words []uint64) lanes {
	low := max(math.Ceil(i.lo)+c.shift(), 1)
	past := min(math.Floor(i.hi)+c.shift(), laneMax) + 1
	if !(low < past) {
		low, past = 1, 1
	}
	return lanes{words, uint64(low) * ones, uint64(past) * ones}
}

// addPacked adds points, at most 65,535, to the packed sums of the rows inside, or of those outside.
func addPacked(sums []uint64, l lanes, flip, points uint64) {
	x := l.column[:len(sums)]
	for i := range sums {
		sums[i] += (l.in(x[i]) ^ flip) >> 15 * points
	}
}

// addPackedTwo does so for rows inside both (either is 0) or one of two (either is high).
func addPackedTwo(sums []uint64, a, b lanes, either, flip, points uint64) {
	x, y := a.column[:len(sums)], b.column[:len(sums)]
	for i := range sums {
		p, q := a.in(x[i]), b.in(y[i])
		sums[i] += (p&q | (p|q)&either ^ flip) >> 15 * points
	}
}

// unpack adds the packed sums, times unit and shifted by base, to the sums.
func unpack(sums []int64, packed []uint64, unit, base int64) {
	for i, w := range packed {
		s := sums[4*i : 4*i+4]
		s[0] += int64(w&0xffff)*unit + base
		s[1] += int64(w>>16&0xffff)*unit + base
		s[2] += int64(w>>32&0xffff)*unit + base
		s[3] += int64(w>>48)*unit + base
	}
}

// addTable adds what a table, as long as there are lanes, holds for each lane.
func addTable(sums []int64, column []uint64, table []int64) {
	for i, w := range column[:len(sums)/4] {
		s := sums[4*i : 4*i+4]
		s[0] += table[w&0xffff]
		s[1] += table[w>>16&0xffff]
		s[2] += table[w>>32&0xffff]
		s[3] += table[w>>48]
	}
}

func countLanes(hits []uint8, l lanes) {
	for i, w := range l.column[:len(hits)/4] {
		in := l.in(w) >> 15
		h := hits[4*i : 4*i+4]
		h[0] += uint8(in & 1)
		h[1] += uint8(in >> 16 & 1)
		h[2] += uint8(in >> 32 & 1)
		h[3] += uint8(in >> 48)
	}
}

// ends are the whole numbers of an interval; a missing cell, the lowest of all, is never among them.
func ends(i interval) (lo int32, width uint32) {
	low, top := max(math.Ceil(i.lo), -math.MaxInt32), min(math.Floor(i.hi), math.MaxInt32)
	if !(low <= top) {
		return 0, 0
	}
	return int32(low), uint32(int64(top)-int64(low)) + 1
}

func addMiddle(sums []int64, column []int32, in interval, points int64) {
	lo, width := ends(in)
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += points & -int64(one(uint32(column[i]-lo) < width))
	}
}

func countMiddle(hits []uint8, column []int32, in interval) {
	lo, width := ends(in)
	column = column[:len(hits)]
	for i := range hits {
		hits[i] += uint8(one(uint32(column[i]-lo) < width))
	}
}

func addSpan(sums []int64, column []float64, in interval, points int64) {
	lo, hi := in.lo, in.hi
	column = column[:len(sums)]
	for i := range sums {
		x := column[i]
		sums[i] += points & -int64(one(x >= lo)&one(x <= hi))
	}
}

func countSpan(hits []uint8, column []float64, in interval) {
	lo, hi := in.lo, in.hi
	column = column[:len(hits)]
	for i := range hits {
		x := column[i]
		hits[i] += uint8(one(x >= lo) & one(x <= hi))
	}
}

func addHits(sums []int64, hits []uint8, need uint8, points int64) {
	hits = hits[:len(sums)]
	for i := range sums {
		sums[i] += points & -int64(one(hits[i] >= need))
	}
}

func addCurve(sums []int64, column []float64, curve func(x float64) int64) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += curve(column[i])
	}
}

func addLine(sums []int64, column []float64, l line) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += l.gain(column[i])
	}
}

// numbers turns a middle column into plain numbers.
func numbers(out []float64, column []int32) {
	column = column[:len(out)]
	for i, v := range column {
		x := float64(v)
		if v == noMiddle {
			x = missing
		}
		out[i] = x
	}
}
