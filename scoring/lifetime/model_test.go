package lifetime

import (
	"errors"
	"math"
	"testing"
	"time"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"
)

func drawBuying(t *rapid.T) Buying {
	p := func(name string, low, high float64) float64 {
		return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, name))
	}
	return Buying{p("r", 0.01, 50), p("alpha", 0.01, 500), p("a", 0.01, 1000), p("b", 0.01, 1000)}
}

func drawHistory(t *rapid.T) History {
	h := History{Repeats: rapid.IntRange(0, 2000).Draw(t, "repeats"), Age: rapid.Float64Range(0, 1000).Draw(t, "age")}
	if h.Repeats > 0 {
		h.Recency = h.Age * rapid.Float64Range(0, 1).Draw(t, "recency")
		h.Spend = rapid.Float64Range(0, 1e6).Draw(t, "spend")
	}
	return h
}

func TestEveryAnswerIsFiniteAndInItsRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, h := drawBuying(t), drawHistory(t)
		alive := m.Alive(h)
		if !(alive >= 0 && alive <= 1) {
			t.Fatalf("P(alive) = %v", alive)
		}
		before := 0.0
		for _, horizon := range []float64{0, 0.01, 1, 13, 52, 520} {
			n := m.Purchases(h, horizon)
			if !(n >= before-1e-6*(1+before)) || math.IsInf(n, 0) {
				t.Fatalf("%v purchases by %v, %v before", n, horizon, before)
			}
			before = n
		}
		if l := m.LogLikelihood(h); math.IsNaN(l) || math.IsInf(l, 0) {
			t.Fatalf("log-likelihood %v", l)
		}
	})
}

// TestExpectationIsTheIntegral computes the expectation without the hypergeometric function, from E[X(t)] =
// ∫ E[rate × P(alive at s)] ds, and by that also at A = 1 and A + B = 1, where the closed form has holes.
func TestExpectationIsTheIntegral(t *testing.T) {
	t.Parallel()
	for _, m := range []Buying{
		{0.243, 4.414, 0.793, 2.426}, {2, 10, 1, 3}, {2, 10, 1.00005, 3}, {0.5, 3, 0.4, 0.6}, {0.5, 3, 0.4, 0.5999}, {3, 20, 50, 200}, {12, 100, 8, 4}, {0.5, 3, 0.2, 0.3},
	} {
		for _, horizon := range []float64{1, 10, 60} {
			got, want := m.NewcomerPurchases(horizon), byIntegral(m, horizon)
			near(t, "E[X(t)]", got, want, 1e-5*(1+want))
		}
	}
}

func byIntegral(m Buying, horizon float64) float64 {
	// Given p, E[rate exp(-rate p s)] = R Alpha^R / (Alpha + p s)^(R+1), whose integral over s is elementary; what is left is p,
	// with
	// p = u^(1/A) against a pole of its density at 0 and 1 - p = v^(1/B) against one at 1.
	given := func(p float64) float64 {
		if p < 1e-12 {
			return m.R / m.Alpha * horizon
		}
		return -math.Expm1(-m.R*math.Log1p(p*horizon/m.Alpha)) / p
	}
	a, b := min(m.A, 1), min(m.B, 1)
	low := quad.Fixed(func(u float64) float64 {
		p := math.Pow(u, 1/a)
		return given(p) * math.Pow(p, m.A-a) * math.Pow(1-p, m.B-1) / a
	}, 0, math.Pow(0.5, a), 2000, quad.Legendre{}, 0)
	high := quad.Fixed(func(v float64) float64 {
		q := math.Pow(v, 1/b)
		return given(1-q) * math.Pow(1-q, m.A-1) * math.Pow(q, m.B-b) / b
	}, 0, math.Pow(0.5, b), 2000, quad.Legendre{}, 0)
	return (low + high) / mathext.Beta(m.A, m.B)
}

func TestProbabilitiesAddUpAndGiveTheExpectation(t *testing.T) {
	t.Parallel()
	m := publishedBuying
	sum, mean := 0.0, 0.0
	for n := range 400 {
		p := m.Probability(n, 39)
		sum, mean = sum+p, mean+float64(n)*p
	}
	near(t, "sum", sum, 1, 1e-9)
	near(t, "mean", mean, m.NewcomerPurchases(39), 1e-6)
}

func TestUnitsDoNotMatter(t *testing.T) {
	t.Parallel()
	weeks := histories(t, cdnow(t), calibrationEnd)[:600]
	days := make([]History, len(weeks))
	for i, h := range weeks {
		days[i] = History{h.Repeats, h.Recency * 7, h.Age * 7, h.Spend * 100}
	}
	a, _, _ := FitBuying(weeks)
	b, _, _ := FitBuying(days)
	near(t, "alpha in days", b.Alpha/7, a.Alpha, 1e-3)
	near(t, "a", b.A, a.A, 1e-3)
	c, _, _ := FitSpending(weeks)
	d, _, _ := FitSpending(days)
	near(t, "gamma in cents", d.Gamma/100, c.Gamma, 1e-2)
}

func TestWhatCannotBeFittedIsRefused(t *testing.T) {
	t.Parallel()
	many := func(h History) []History {
		out := make([]History, 30)
		for i := range out {
			out[i] = h
		}
		return out
	}
	for _, c := range []struct {
		name string
		all  []History
		want error
	}{
		{"nobody", nil, ErrTooFew},
		{"five customers", many(History{1, 2, 3, 4})[:5], ErrTooFew},
		{"nobody came again", many(History{Age: 10}), ErrTooFew},
		{"all on one day", many(History{}), ErrTooFew},
		{"last purchase after the end", many(History{1, 5, 3, 4}), ErrHistory},
		{"recency without repeats", many(History{0, 5, 9, 0}), ErrHistory},
		{"NaN", many(History{1, math.NaN(), 3, 4}), ErrHistory},
		{"negative amount", many(History{1, 2, 3, -4}), ErrHistory},
	} {
		if _, _, err := FitBuying(c.all); !errors.Is(err, c.want) {
			t.Errorf("%s: FitBuying: %v, want %v", c.name, err, c.want)
		}
		if _, _, err := FitSpending(c.all); !errors.Is(err, c.want) {
			t.Errorf("%s: FitSpending: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSummarise(t *testing.T) {
	t.Parallel()
	china := time.FixedZone("Asia/Shanghai", 8*3600)
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name      string
		purchases []Purchase
		until     time.Time
		want      History
		ok        bool
	}{
		{"nothing yet", nil, at(20, 0), History{}, false},
		{"only later", []Purchase{{at(21, 1), 5}}, at(20, 0), History{}, false},
		{"one purchase is no repeat", []Purchase{{at(6, 1), 5}}, at(20, 0), History{Age: 2}, true},
		{"two on one day are one", []Purchase{{at(6, 1), 5}, {at(13, 2), 3}, {at(13, 3), 4}}, at(20, 0), History{1, 1, 2, 7}, true},
		{"the order does not matter", []Purchase{{at(13, 3), 4}, {at(6, 1), 5}, {at(13, 2), 3}}, at(20, 0), History{1, 1, 2, 7}, true},
		{"days are those of the zone of until", []Purchase{{at(5, 17), 5}, {at(12, 17), 3}, {at(13, 2), 4}}, at(19, 16).In(china), History{1, 1, 2, 7}, true},
		{"a purchase later on the last day counts", []Purchase{{at(6, 1), 5}, {at(20, 9), 3}}, at(20, 8), History{1, 2, 2, 3}, true},
	} {
		got, ok := Summarise(c.purchases, c.until)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: %+v %v, want %+v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestQuadrant(t *testing.T) {
	t.Parallel()
	c := Cross{Value: 10000, Potential: 50}
	for _, q := range []struct {
		value, potential float64
		want             Quadrant
	}{
		{10000, 50, Star}, {9999.99, 50, Growth}, {10000, 49.9, Maintain}, {0, 0, Transform},
		{math.NaN(), 50, Unknown}, {10000, math.NaN(), Unknown},
	} {
		if got := c.Quadrant(q.value, q.potential); got != q.want {
			t.Errorf("%v, %v: %q, want %q", q.value, q.potential, got, q.want)
		}
	}
	if Star.Chinese() != "明星" || Transform.Chinese() != "转型" {
		t.Error("Chinese names")
	}
}

func TestCrossAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []float64
		share  float64
		want   float64
	}{
		{"best 20 % of ten", []float64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, 0.2, 9},
		{"unknown does not count", []float64{10, math.NaN(), 9, 8, 7, math.NaN(), 6}, 0.2, 10},
		{"mostly 0: 0 is not much", []float64{0, 0, 0, 0, 5}, 0.5, math.Nextafter(0, 1)},
		{"all the same: all have it", []float64{3, 3, 3}, 0.3, 3},
		{"one customer", []float64{7}, 0.2, 7},
		{"nothing known", []float64{math.NaN()}, 0.2, math.Inf(1)},
	} {
		if got := CrossAt(c.values, c.values, c.share); got.Value != c.want || got.Potential != c.want {
			t.Errorf("%s: %+v, want %v", c.name, got, c.want)
		}
	}
}
