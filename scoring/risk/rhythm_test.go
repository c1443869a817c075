package risk

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, within)
	}
}

// With a shape of 1 the rhythm is the MBG/NBD model; its parameters on CDNOW, in weeks, are published with lifetimes and BTYDplus.
func TestShapeOneGivesThePublishedParametersOfMBGNBD(t *testing.T) {
	t.Parallel()
	all := spells(cdnow(t), date(1997, 9, 30))
	m, fit, err := FitRhythm(all, 1)
	if err != nil {
		t.Fatal(err)
	}
	free, freeFit, err := FitRhythm(all, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("shape 1: %+v, %.3f; free: %+v, %.3f", m, fit.LogLikelihood, free, freeFit.LogLikelihood)
	near(t, "r", m.R, 0.525, 5e-4)
	near(t, "alpha in weeks", m.Alpha/7, 6.183, 5e-3)
	near(t, "a", m.A, 0.891, 1e-3)
	near(t, "b", m.B, 1.614, 2e-3)
	if freeFit.LogLikelihood < fit.LogLikelihood-1e-6 {
		t.Error("a free shape fits worse than a fixed one")
	}
}

func TestProbabilitiesOfAnyRhythm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := func(name string, low, high float64) float64 {
			return math.Exp(rapid.Float64Range(math.Log(low), math.Log(high)).Draw(t, name))
		}
		m := Rhythm{p("shape", 0.2, 10), p("r", 0.01, 100), p("alpha", 0.01, 1e6), p("a", 1e-6, 1000), p("b", 1e-6, 1000)}
		gaps := rapid.SliceOfN(rapid.Float64Range(1, 2000), 0, 50).Draw(t, "gaps")
		before := -1.0
		for _, silence := range []float64{0, 1, 30, 180, 5000} {
			s := Spell{gaps, silence}
			stopped, quiet := m.Stopped(s), m.Quiet(s, 90)
			if !(stopped >= before-1e-12 && stopped <= 1) {
				t.Fatalf("P(stopped) %v after %v", stopped, before)
			}
			if !(quiet >= stopped-1e-12 && quiet <= 1+1e-12) {
				t.Fatalf("P(no purchase) %v below P(stopped) %v", quiet, stopped)
			}
			before = stopped
		}
		if u := m.Usual(gaps); !(u >= 0) {
			t.Fatalf("usual interval %v", u)
		}
	})
}

func TestManyIntervalsSpeakForThemselves(t *testing.T) {
	t.Parallel()
	m := Rhythm{Shape: 1.5, R: 1, Alpha: math.Pow(60, 1.5), A: 1, B: 5}
	gaps := make([]float64, 200)
	for i := range gaps {
		gaps[i] = 10
	}
	if few, many := m.Usual(gaps[:1]), m.Usual(gaps); !(many > 6 && many < 10 && few > many && few < m.Usual(nil)) {
		t.Errorf("usual interval: %v of the population, %v after one, %v after many", m.Usual(nil), few, many)
	}
	if fast, none := m.Stopped(Spell{gaps, 60}), m.Stopped(Spell{nil, 60}); fast < 0.9 || none > 0.5 {
		t.Errorf("after 60 days: %v for a fast buyer, %v for a new one", fast, none)
	}
}

func TestWhatHasNoRhythmIsRefused(t *testing.T) {
	t.Parallel()
	many := func(s Spell) (out []Spell) {
		for range 30 {
			out = append(out, s)
		}
		return out
	}
	for _, c := range []struct {
		name string
		all  []Spell
		want error
	}{
		{"nobody", nil, ErrTooFew},
		{"five", many(Spell{[]float64{3}, 1})[:5], ErrTooFew},
		{"nobody came again", many(Spell{nil, 9}), ErrTooFew},
		{"a gap of no days", many(Spell{[]float64{0}, 9}), ErrSpell},
		{"NaN", many(Spell{[]float64{1}, math.NaN()}), ErrSpell},
	} {
		if _, _, err := FitRhythm(c.all, 0); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
