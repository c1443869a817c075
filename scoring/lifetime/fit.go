package lifetime

import (
	"errors"
	"fmt"

	"lingke/scoring/lifetime/likelihood"
)

// MinCustomers is the fewest that a model is fitted to. Below, the parameters would describe the few, not a population.
const MinCustomers = 20

var (
	// ErrTooFew is reported where there are not enough customers to fit a model to, or none of them came again.
	ErrTooFew = errors.New("too few customers")
	// ErrHistory is reported for a history that nobody can have: Recency beyond Age, repeats without time, NaN.
	ErrHistory = errors.New("impossible history")
)

// Fit says how a model was found.
type Fit struct {
	LogLikelihood float64
	Customers     int // that the fit used
	// Border names the parameters that ran to the end of their range: the data do not settle them, although the model is usable.
	// "b" or "a" mean that nobody seems to leave; P(alive) is then near 1 for all and no measure of risk.
	Border     []string
	covariance []float64 // of the parameters' logarithms, nil at the border
}

func newFit(r likelihood.Result, n int) Fit {
	return Fit{LogLikelihood: r.LogValue, Customers: n, Border: r.Border, covariance: r.Covariance}
}

// FitBuying fits the BG/NBD model by maximum likelihood. The answer does not depend on the unit of time. It needs MinCustomers, and
// one of them with a repeat purchase. A and B stay at or below 1,000; see Fit.Border.
func FitBuying(histories []History) (Buying, Fit, error) {
	data, err := newTally(histories)
	if err != nil {
		return Buying{}, Fit{}, err
	}
	r, err := likelihood.Maximise(func(v []float64) float64 {
		return data.logLikelihood(Buying{v[0], v[1] * data.unit, v[2], v[3]})
	}, []likelihood.Parameter{
		{Name: "r", Start: 0.5, Low: 1e-4, High: 1e4}, {Name: "alpha", Start: 0.3, Low: 1e-6, High: 1e5},
		{Name: "a", Start: 0.8, Low: 1e-6, High: 1e3}, {Name: "b", Start: 2, Low: 1e-6, High: 1e3},
	})
	if err != nil {
		return Buying{}, Fit{}, fmt.Errorf("BG/NBD: %w", err)
	}
	return Buying{r.Values[0], r.Values[1] * data.unit, r.Values[2], r.Values[3]}, newFit(r, len(histories)), nil
}

// tally is the histories with equal ones counted: many customers bought once, on the same day.
type tally struct {
	unit    float64 // the mean age
	counts  map[History]float64
	repeats map[int]float64
	order   []History // so that sums are the same in every run
	numbers []int
}

func newTally(histories []History) (*tally, error) {
	if len(histories) < MinCustomers {
		return nil, fmt.Errorf("%w: %d, at least %d needed", ErrTooFew, len(histories), MinCustomers)
	}
	t := &tally{counts: map[History]float64{}, repeats: map[int]float64{}}
	for i, h := range histories {
		if !h.possible() {
			return nil, fmt.Errorf("history %d: %w: %+v", i, ErrHistory, h)
		}
		t.add(h)
		t.unit += h.Age / float64(len(histories))
	}
	if t.unit == 0 || len(t.numbers) == 1 && t.numbers[0] == 0 {
		return nil, fmt.Errorf("%w: nobody bought again", ErrTooFew)
	}
	return t, nil
}

func (t *tally) add(h History) {
	h.Spend = 0
	if t.counts[h]++; t.counts[h] == 1 {
		t.order = append(t.order, h)
	}
	if t.repeats[h.Repeats]++; t.repeats[h.Repeats] == 1 {
		t.numbers = append(t.numbers, h.Repeats)
	}
}

func (t *tally) logLikelihood(m Buying) float64 {
	sum := 0.0
	for _, n := range t.numbers {
		sum += t.repeats[n] * m.logConstant(n)
	}
	for _, h := range t.order {
		sum += t.counts[h] * m.logTimes(h)
	}
	return sum
}
