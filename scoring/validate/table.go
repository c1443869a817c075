package validate

import (
	"cmp"
	"math"
	"slices"
)

// Table is what was known of each customer, by column. All columns have one entry per row.
type Table struct {
	Numbers    []NumberColumn
	Categories []CategoryColumn
}

// NumberColumn is a numeric field; NaN is missing.
type NumberColumn struct {
	Field  string // its name in the schema, in either language
	Values []float64
}

// CategoryColumn is a text field; "" is missing.
type CategoryColumn struct {
	Field  string
	Values []string
}

// Rows returns the table's rows from and up to, excluding to.
func (t Table) Rows(from, to int) Table {
	var out Table
	for _, c := range t.Numbers {
		out.Numbers = append(out.Numbers, NumberColumn{c.Field, c.Values[from:to]})
	}
	for _, c := range t.Categories {
		out.Categories = append(out.Categories, CategoryColumn{c.Field, c.Values[from:to]})
	}
	return out
}

func (t Table) len() int {
	for _, c := range t.Numbers {
		return len(c.Values)
	}
	for _, c := range t.Categories {
		return len(c.Values)
	}
	return 0
}

// Encoder turns rows into numbers for a regression, as it learned from training rows: missing numbers become the median, numbers are
// scaled to mean 0 and standard deviation 1, each text that occurred gets a column of its own, missing being one of them. A text
// that never occurred in training is none.
type Encoder struct {
	numbers []scaling
	levels  []map[string]int
	width   int
}

type scaling struct{ median, mean, deviation float64 }

// NewEncoder learns from training rows.
func NewEncoder(train Table) *Encoder {
	e := &Encoder{width: len(train.Numbers)}
	for _, c := range train.Numbers {
		e.numbers = append(e.numbers, learn(c.Values))
	}
	for _, c := range train.Categories {
		names := slices.Clone(c.Values)
		slices.Sort(names)
		levels := map[string]int{}
		for _, name := range slices.Compact(names) {
			levels[name] = e.width
			e.width++
		}
		e.levels = append(e.levels, levels)
	}
	return e
}

func learn(values []float64) scaling {
	there := known(values)
	if len(there) == 0 {
		return scaling{deviation: 1}
	}
	s := scaling{median: quantile(there, 0.5)}
	n := float64(len(values))
	for _, v := range values {
		s.mean += s.fill(v) / n
	}
	sum := 0.0
	for _, v := range values {
		sum += (s.fill(v) - s.mean) * (s.fill(v) - s.mean)
	}
	s.deviation = cmp.Or(math.Sqrt(sum/n), 1)
	return s
}

func (s scaling) fill(v float64) float64 {
	if math.IsNaN(v) {
		return s.median
	}
	return v
}

// Encode returns one row of numbers per row of the table, which has the columns that the encoder learned from.
func (e *Encoder) Encode(t Table) [][]float64 {
	out := make([][]float64, t.len())
	for i := range out {
		row := make([]float64, e.width)
		for k, c := range t.Numbers {
			s := e.numbers[k]
			row[k] = (s.fill(c.Values[i]) - s.mean) / s.deviation
		}
		for k, c := range t.Categories {
			if at, ok := e.levels[k][c.Values[i]]; ok {
				row[at] = 1
			}
		}
		out[i] = row
	}
	return out
}
