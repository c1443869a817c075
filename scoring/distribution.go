package scoring

import (
	"fmt"
	"slices"
	"sort"
)

// Distribution is how a value is spread over the customers, kept between runs, so that a single customer's rank among all
// is known at once. It is immutable.
type Distribution struct {
	// Knots are values at even distances in rank, ascending; all values where these are few.
	Knots []float64 `json:"knots"`
}

// maxKnots is how finely a distribution is kept: ranks are right to 0.1 % of the customers.
const maxKnots = 1001

// NewDistribution returns the distribution of values; missing ones (NaN) do not count. The values are left as they are.
func NewDistribution(values []float64) Distribution {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if v == v {
			sorted = append(sorted, v+0)
		}
	}
	slices.Sort(sorted)
	n := len(sorted)
	if n <= maxKnots {
		return Distribution{sorted}
	}
	d := Distribution{make([]float64, maxKnots)}
	for i := range d.Knots {
		d.Knots[i] = sorted[i*(n-1)/(maxKnots-1)]
	}
	return d
}

// Rank returns the share of customers below x, of those at x the half: 0 to 1. It is 0 where nothing was kept.
func (d Distribution) Rank(x float64) float64 {
	if len(d.Knots) == 0 || x != x {
		return 0
	}
	below := sort.SearchFloat64s(d.Knots, x)
	upTo := below
	for ; upTo < len(d.Knots) && d.Knots[upTo] == x; upTo++ {
	}
	return float64(below+upTo) / float64(2*len(d.Knots))
}

// Quintile returns which fifth x is in, from 1 (the lowest) to 5: one more than the edges at 20, 40, 60 and 80 % that lie
// below x, the edges being interpolated between neighbours. It is 0 where nothing was kept.
func (d Distribution) Quintile(x float64) int {
	if len(d.Knots) == 0 || x != x {
		return 0
	}
	q := 1
	for fifth := 1; fifth < 5; fifth++ {
		q += one(x > d.at(fifth))
	}
	return q
}

func (d Distribution) at(fifth int) float64 {
	place := (len(d.Knots) - 1) * fifth
	i, part := place/5, float64(place%5)/5
	if part == 0 {
		return d.Knots[i]
	}
	return d.Knots[i] + float64(part*(d.Knots[i+1]-d.Knots[i]))
}

func (d Distribution) validate() error {
	if len(d.Knots) > maxKnots || !slices.IsSorted(d.Knots) {
		return fmt.Errorf("a distribution has at most %d knots, ascending", maxKnots)
	}
	return nil
}

// Ranked lists the ids of the indicators that rank a customer among all, and need a distribution of their values.
func (m *Model) Ranked() []string {
	var out []string
	for _, d := range m.spec.Dimensions {
		for _, i := range d.Indicators {
			if i.ranks() {
				out = append(out, i.ID)
			}
		}
	}
	return out
}

// Value returns what an indicator looks at, before it becomes points: what distributions are made of. It is false for a
// missing value, for texts, and for an id that is no indicator's.
func (m *Model) Value(indicator string, f *Facts, at int64) (float64, bool) {
	for _, d := range m.spec.Dimensions {
		for _, i := range d.Indicators {
			if i.ID == indicator && i.value.kind == Number {
				v := i.value.compileNumber(i.value.root)(&f.in(m.schema).cells, float64(at))
				return v, v == v
			}
		}
	}
	return 0, false
}

// WithDistributions returns the model with these distributions, by indicator, in place of those it has. They belong to its
// version, so that a score can be repeated. An indicator that ranks and has no distribution gives nothing and is listed as
// missing.
func (m *Model) WithDistributions(by map[string]Distribution) (*Model, error) {
	spec := m.spec
	spec.Dimensions = slices.Clone(spec.Dimensions)
	for i := range spec.Dimensions {
		d := &spec.Dimensions[i]
		d.Indicators = slices.Clone(d.Indicators)
		for k := range d.Indicators {
			ind := &d.Indicators[k]
			dist, ok := by[ind.ID]
			if !ok || !ind.ranks() {
				continue
			}
			if err := dist.validate(); err != nil {
				return nil, fmt.Errorf("model %s: %s: %w", m.name, ind.ID, err)
			}
			ind.Spread = &dist
		}
	}
	return spec.compile(m.schema)
}

func (i *indicatorSpec) ranks() bool { return i.Rank != nil || i.Quintile != nil }

// rankCurve brings the share of customers that lie below.
func (i *indicatorSpec) rankCurve(full float64) func(x float64) int64 {
	if i.Spread == nil || len(i.Spread.Knots) == 0 {
		return func(float64) int64 { return 0 }
	}
	share := i.Spread.Rank
	turned, way := false, i.Rank
	if i.Quintile != nil {
		share = func(x float64) float64 { return float64(i.Spread.Quintile(x)-1) / 4 }
		way = i.Quintile
	}
	turned = way.Reverse
	return func(x float64) int64 {
		switch {
		case x != x:
			return 0
		case turned:
			return portion(1-share(x), full)
		}
		return portion(share(x), full)
	}
}
