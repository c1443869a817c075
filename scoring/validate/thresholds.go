package validate

import (
	"math"
	"slices"
)

// auc is that of the field alone, where it is known.
func (c NumberColumn) auc(won []bool) Estimate {
	var cases []Case
	for i, v := range c.Values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			cases = append(cases, Case{Score: v, Won: won[i]})
		}
	}
	return AUC(cases)
}

// thresholds are rounded quantiles that part the known values.
func (c NumberColumn) thresholds(steps int) []float64 {
	v := known(c.Values)
	var out []float64
	for i := 1; i <= steps; i++ {
		at := round2(quantile(v, float64(i)/float64(steps+1)))
		if at > v[0] && at <= v[len(v)-1] && !slices.Contains(out, at) {
			out = append(out, at)
		}
	}
	return out
}

// round2 keeps two digits, as people would choose a threshold.
func round2(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	if unit < 1 {
		return math.Round(v/unit) / math.Round(1/unit)
	}
	return math.Round(v/unit) * unit
}

// levels are the rows by text, and the texts in order; "" is missing and none.
func (c CategoryColumn) levels() (map[string][]int, []string) {
	of := map[string][]int{}
	var names []string
	for i, v := range c.Values {
		if v == "" {
			continue
		}
		if of[v] == nil {
			names = append(names, v)
		}
		of[v] = append(of[v], i)
	}
	slices.Sort(names)
	return of, names
}
