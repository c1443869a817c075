package scoring

import "math"

// The kernels: each passes over one column and has no jump inside that depends on the data. len(sums) == len(column).

func addLeast(sums []int64, column []float64, edge float64, points int64) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += points & -int64(one(column[i] >= edge))
	}
}

func addMost(sums []int64, column []float64, edge float64, points int64) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += points & -int64(one(column[i] <= edge))
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

// ends are an interval's whole codes; a first of 1 keeps the missing out.
func (i interval) ends() (lo, width uint16) {
	low, high := max(math.Ceil(i.lo), 1), min(math.Floor(i.hi), maxTexts)
	if !(low <= high) {
		return 0, 0
	}
	return uint16(low), uint16(high-low) + 1 // all codes at most make a width of 65,535
}

func addCodes(sums []int64, column []uint16, in interval, points int64) {
	lo, width := in.ends()
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += points & -int64(one(column[i]-lo < width))
	}
}

func countCodes(hits []uint8, column []uint16, in interval) {
	lo, width := in.ends()
	column = column[:len(hits)]
	for i := range hits {
		hits[i] += uint8(one(column[i]-lo < width))
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

func addTable(sums []int64, column []uint16, table []int32) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += int64(table[column[i]])
	}
}

func addLine(sums []int64, column []float64, l line) {
	column = column[:len(sums)]
	for i := range sums {
		sums[i] += l.gain(column[i])
	}
}
