package risk

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"lingke/scoring/lifetime/likelihood"
)

// MinCustomers is the fewest that a rhythm is fitted to; below, only the fixed rules apply.
const MinCustomers = 20

// ErrTooFew is reported where there are not enough customers to fit a rhythm to, or none of them came again.
var ErrTooFew = errors.New("too few customers for a rhythm")

// ErrSpell is reported for a spell that nobody can have: a gap of 0, a silence below 0, NaN.
var ErrSpell = errors.New("impossible spell")

// Fit says how a rhythm was found.
type Fit struct {
	LogLikelihood float64
	Customers     int
	Border        []string // parameters that the data do not settle: with "a" or "b" the probability is no measure of risk
}

// FitRhythm fits a rhythm by maximum likelihood; shape above 0 holds the shape there, 0 fits it as well.
func FitRhythm(all []Spell, shape float64) (Rhythm, Fit, error) {
	unit, err := meanGap(all)
	if err != nil {
		return Rhythm{}, Fit{}, err
	}
	data := newTally(all)
	parameters := []likelihood.Parameter{
		{Name: "r", Start: 0.8, Low: 1e-4, High: 1e4}, {Name: "alpha", Start: 0.8, Low: 1e-6, High: 1e6},
		{Name: "a", Start: 0.8, Low: 1e-6, High: 1e3}, {Name: "b", Start: 2, Low: 1e-6, High: 1e3},
	}
	if shape <= 0 {
		parameters = append(parameters, likelihood.Parameter{Name: "shape", Start: 1.1, Low: 0.2, High: 20})
	}
	model := func(v []float64) Rhythm {
		k := shape
		if k <= 0 {
			k = v[4]
		}
		return Rhythm{Shape: k, R: v[0], Alpha: v[1] * math.Pow(unit, k), A: v[2], B: v[3]}
	}
	r, err := likelihood.Maximise(func(v []float64) float64 {
		return data.logLikelihood(model(v))
	}, parameters)
	if err != nil {
		return Rhythm{}, Fit{}, fmt.Errorf("rhythm: %w", err)
	}
	return model(r.Values), Fit{r.LogValue, len(all), r.Border}, nil
}

func meanGap(all []Spell) (float64, error) {
	if len(all) < MinCustomers {
		return 0, fmt.Errorf("%w: %d, at least %d needed", ErrTooFew, len(all), MinCustomers)
	}
	sum, n := 0.0, 0.0
	for i, s := range all {
		if !s.possible() {
			return 0, fmt.Errorf("spell %d: %w: %v", i, ErrSpell, s)
		}
		for _, g := range s.Gaps {
			sum, n = sum+g, n+1
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("%w: nobody bought again", ErrTooFew)
	}
	return sum / n, nil
}

func (s Spell) possible() bool {
	wrong := func(g float64) bool { return !(g > 0 && g <= 1e6) }
	return s.Silence >= 0 && s.Silence <= 1e6 && !slices.ContainsFunc(s.Gaps, wrong)
}

// tally is spells as the likelihood needs them: equal ones counted (many customers bought once, on the same day), gaps as logarithms.
type tally struct {
	spells  []counted
	numbers map[int]float64 // customers by number of gaps
}

type counted struct {
	n, logSum, logSilence float64
	logs                  []float64
}

func newTally(all []Spell) *tally {
	t := &tally{numbers: map[int]float64{}}
	at := map[string]int{}
	for _, s := range all {
		t.numbers[len(s.Gaps)]++
		key := s.key()
		if i, seen := at[key]; seen {
			t.spells[i].n++
			continue
		}
		at[key] = len(t.spells)
		c := counted{n: 1, logSilence: math.Log(s.Silence)}
		for _, g := range s.Gaps {
			c.logs = append(c.logs, math.Log(g))
			c.logSum += math.Log(g)
		}
		t.spells = append(t.spells, c)
	}
	return t
}

func (s Spell) key() string {
	var b strings.Builder
	for _, v := range append([]float64{s.Silence}, s.Gaps...) {
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64) + " ")
	}
	return b.String()
}

// logLikelihood is the sum of LogLikelihood over all spells; what depends on the number of gaps alone is computed once for each.
func (t *tally) logLikelihood(m Rhythm) float64 {
	sum := 0.0
	for _, n := range slices.Sorted(maps.Keys(t.numbers)) {
		sum += t.numbers[n] * m.logCount(float64(n))
	}
	for _, c := range t.spells {
		own, x := m.Alpha, float64(len(c.logs))
		for _, l := range c.logs {
			own += math.Exp(m.Shape * l)
		}
		stays := math.Exp(-(m.R + x) * math.Log1p(math.Exp(m.Shape*c.logSilence)/own))
		sum += c.n * ((m.Shape-1)*c.logSum - (m.R+x)*math.Log(own) + math.Log((m.A+(m.B+x)*stays)/(m.A+m.B+x)))
	}
	return sum
}

// logCount is the part of the likelihood that depends on the number of gaps alone.
func (m Rhythm) logCount(x float64) float64 {
	return mathext.Lbeta(m.A, m.B+x) - mathext.Lbeta(m.A, m.B) + lgamma(m.R+x) - lgamma(m.R) + x*math.Log(m.Shape) + m.R*math.Log(m.Alpha)
}
