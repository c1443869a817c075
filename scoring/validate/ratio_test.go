package validate

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
)

// TestTimesIsThePublishedInterval: the physicians' health study (Agresti, Categorical Data Analysis, 3.1.2): 189 of 11,034 on placebo and 104 of 11,037 on
// aspirin had an infarct: relative risk 1.82, 95 % interval 1.43 to 2.30.
func TestTimesIsThePublishedInterval(t *testing.T) {
	t.Parallel()
	e := Times(189, 11034, 104, 11037)
	for _, x := range [][2]float64{{e.Value, 0.82}, {e.Low, 0.43}, {e.High, 1.31}} {
		if math.Abs(x[0]-x[1]) > 0.006 {
			t.Errorf("%+v, want 0.82 (0.43 to 1.31)", e)
		}
	}
}

func TestTooFewMakeNoClaim(t *testing.T) {
	t.Parallel()
	var a, b Sums
	for i := range 12 {
		a.Add(float64(i))
		b.Add(float64(i))
	}
	var p Pairs
	for range 12 {
		p.Add(1, 2)
	}
	for _, e := range []Estimate{Times(5, 6, 4, 6), Times(0, 100, 9, 100), TimesOf(&a, &b), p.Change(), (&Pairs{}).Change(), (&Sums{}).Mean()} {
		if !e.TooFew || e.Shown() {
			t.Errorf("%+v", e)
		}
		if text, err := json.Marshal(e); err != nil || !json.Valid(text) {
			t.Errorf("%s, %v", text, err)
		}
	}
}

// TestIntervalsOfRatiosHoldTheTruth in about 95 of 100 draws of skewed amounts, as orders are.
func TestIntervalsOfRatiosHoldTheTruth(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(1, 2))
	amount := func() float64 { // half buy nothing
		if g.Float64() < 0.5 {
			return 0
		}
		return math.Exp(8 + 0.8*g.NormFloat64())
	}
	const runs, truth = 600, 0.25
	grown, more := 0, 0
	for range runs {
		var p Pairs
		var treated, held Sums
		for range 300 {
			before := amount()
			p.Add(before, (1+truth)*(0.5*before+0.5*amount()))
			treated.Add((1 + truth) * amount())
			held.Add(amount())
		}
		within := func(e Estimate) int {
			if !e.TooFew && e.Low <= truth && truth <= e.High {
				return 1
			}
			return 0
		}
		grown, more = grown+within(p.Change()), more+within(TimesOf(&treated, &held))
	}
	if min(grown, more) < runs*93/100 || max(grown, more) > runs*98/100 {
		t.Errorf("the intervals hold the truth in %d (paired) and %d of %d draws", grown, more, runs)
	}
}
