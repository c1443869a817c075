package lifetime

import (
	"fmt"
	"math"

	"lingke/scoring/lifetime/likelihood"
)

// Spending is the Gamma-Gamma model of a population: a customer's purchases spread around a mean of its own (shape P), and the
// means spread over the population (shape Q above 1, rate Gamma in currency). It takes amounts for independent of how often one buys.
type Spending struct {
	P, Q, Gamma float64
}

// Mean is the expected amount of a purchase of a customer with this history, drawn from its own mean towards the population's the
// fewer purchases there are: E[M | x, m_x].
func (m Spending) Mean(h History) float64 {
	px := m.P * float64(h.Repeats)
	if h.Spend <= 0 {
		px = 0
	}
	return m.P * (m.Gamma + float64(h.Repeats)*h.Spend) / (px + m.Q - 1)
}

// LogLikelihood of the mean amount in one history with repeats and a positive amount.
func (m Spending) LogLikelihood(h History) float64 {
	x := float64(h.Repeats)
	px := m.P * x
	return lgamma(px+m.Q) - lgamma(px) - lgamma(m.Q) + m.Q*math.Log(m.Gamma) +
		(px-1)*math.Log(h.Spend) + px*math.Log(x) - (px+m.Q)*math.Log(m.Gamma+x*h.Spend)
}

// FitSpending fits by maximum likelihood to the histories with repeats and a positive mean amount; the others say nothing about
// amounts and are left out. The answer does not depend on the currency.
func FitSpending(histories []History) (Spending, Fit, error) {
	var use []History
	sum := 0.0
	for i, h := range histories {
		if !h.possible() {
			return Spending{}, Fit{}, fmt.Errorf("history %d: %w: %+v", i, ErrHistory, h)
		}
		if h.Repeats > 0 && h.Spend > 0 {
			use = append(use, h)
			sum += h.Spend
		}
	}
	if len(use) < MinCustomers {
		return Spending{}, Fit{}, fmt.Errorf("%w: %d customers with repeat amounts, at least %d needed", ErrTooFew, len(use), MinCustomers)
	}
	unit := sum / float64(len(use))
	r, err := likelihood.Maximise(func(v []float64) float64 {
		m, total := Spending{v[0], 1 + v[1], v[2] * unit}, 0.0
		for _, h := range use {
			total += m.LogLikelihood(h)
		}
		return total
	}, []likelihood.Parameter{{Name: "p", Start: 4, Low: 1e-2, High: 1e4}, {Name: "q", Start: 3, Low: 1e-2, High: 1e4}, {Name: "gamma", Start: 1, Low: 1e-4, High: 1e6}})
	if err != nil {
		return Spending{}, Fit{}, fmt.Errorf("gamma-gamma: %w", err)
	}
	return Spending{r.Values[0], 1 + r.Values[1], r.Values[2] * unit}, newFit(r, len(use)), nil
}
