package lifetime

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Prospect is one customer to forecast for, and the tier (or any other group) that it counts for.
type Prospect struct {
	Group   string
	History History
}

// Outlook is how a forecast is made.
type Outlook struct {
	Horizon float64 // how far ahead, in the histories' unit of time
	Level   float64 // of the interval, 0.9: nine of ten forecasts hold the truth, if the models hold
	Draws   int     // how many futures are drawn; 400 if 0. Time grows with draws × customers, memory with draws × groups
	Seed    uint64  // the same seed gives the same intervals
	// Error is the relative error (standard deviation of the logarithm of actual / expected) that earlier forecasts of the same kind
	// had, 0 if none is known. The interval of the models alone holds chance and the parameters' uncertainty, not a change of season.
	Error float64
}

// Range is an expected number with its interval.
type Range struct {
	Expected, Low, High float64
}

// Forecast is what one group's customers will do until the horizon.
type Forecast struct {
	Group     string
	Customers int
	Purchases Range
	Revenue   Range
}

// Model is both models with how they were found; a zero Fit leaves the parameters' uncertainty out.
type Model struct {
	Buying      Buying
	Spending    Spending
	BuyingFit   Fit
	SpendingFit Fit
}

// Forecast forecasts purchases and revenue per group, in the groups' alphabetical order. Expected numbers are exact; the interval comes
// from drawn futures, each under parameters drawn from what the fit leaves open.
func (m Model) Forecast(all []Prospect, o Outlook) ([]Forecast, error) {
	if !(o.Horizon >= 0) || !(o.Level > 0 && o.Level < 1) || !(o.Error >= 0) {
		return nil, fmt.Errorf("outlook %+v: horizon and error are at least 0, level lies between 0 and 1", o)
	}
	if o.Draws <= 0 {
		o.Draws = 400
	}
	out, index := m.expect(all, o.Horizon)
	purchases, revenue := make([][]float64, len(out)), make([][]float64, len(out))
	random := rand.New(rand.NewPCG(o.Seed, 0x9e3779b97f4a7c15)) //nolint:gosec // the same seed has to give the same interval
	for range o.Draws {
		counts, money := m.draw(random).future(all, index, len(out), o.Horizon, random)
		factor := math.Exp(random.NormFloat64() * o.Error)
		for g := range out {
			purchases[g] = append(purchases[g], counts[g]*factor)
			revenue[g] = append(revenue[g], money[g]*factor)
		}
	}
	for g := range out {
		out[g].Purchases.bound(purchases[g], o.Level)
		out[g].Revenue.bound(revenue[g], o.Level)
	}
	return out, nil
}

// expect fills in what needs no draw, and says which group each customer is of.
func (m Model) expect(all []Prospect, horizon float64) ([]Forecast, []int) {
	var names []string
	for _, p := range all {
		names = append(names, p.Group)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	out, index := make([]Forecast, len(names)), make([]int, len(all))
	for i, p := range all {
		g, _ := slices.BinarySearch(names, p.Group)
		n := m.Buying.Purchases(p.History, horizon)
		index[i], out[g].Group = g, p.Group
		out[g].Customers++
		out[g].Purchases.Expected += n
		out[g].Revenue.Expected += n * m.Spending.Mean(p.History)
	}
	return out, index
}

func (r *Range) bound(draws []float64, level float64) {
	slices.Sort(draws)
	at := func(share float64) float64 { return draws[int(math.Round(share*float64(len(draws)-1)))] }
	r.Low, r.High = min(at((1-level)/2), r.Expected), max(at((1+level)/2), r.Expected)
}

// draw returns models with parameters drawn from the fits' uncertainty.
func (m Model) draw(random *rand.Rand) Model {
	b := shake([]float64{m.Buying.R, m.Buying.Alpha, m.Buying.A, m.Buying.B}, m.BuyingFit.covariance, random)
	s := shake([]float64{m.Spending.P, m.Spending.Q - 1, m.Spending.Gamma}, m.SpendingFit.covariance, random)
	return Model{Buying: Buying{b[0], b[1], b[2], b[3]}, Spending: Spending{s[0], 1 + s[1], s[2]}}
}

// shake moves the parameters' logarithms by a normal draw of that covariance.
func shake(values, covariance []float64, random *rand.Rand) []float64 {
	n := len(values)
	var factor mat.Cholesky
	if covariance == nil || !factor.Factorize(mat.NewSymDense(n, covariance)) {
		return values
	}
	var lower mat.TriDense
	factor.LTo(&lower)
	normal := make([]float64, n)
	for i := range normal {
		normal[i] = random.NormFloat64()
	}
	for i := range values {
		move := 0.0
		for j := 0; j <= i; j++ {
			move += lower.At(i, j) * normal[j]
		}
		values[i] *= math.Exp(move)
	}
	return values
}

// future draws one future of everybody and adds it up by group.
func (m Model) future(all []Prospect, index []int, groups int, horizon float64, random *rand.Rand) (counts, money []float64) {
	counts, money = make([]float64, groups), make([]float64, groups)
	for i, p := range all {
		n := m.Buying.drawPurchases(p.History, horizon, random)
		if n > 0 {
			counts[index[i]] += float64(n)
			money[index[i]] += m.Spending.drawSum(p.History, n, random)
		}
	}
	return counts, money
}

// drawPurchases draws a number of purchases: whether the customer is alive, its rate and its chance to leave, then one purchase after
// another. A million ends it, whatever the parameters.
func (m Buying) drawPurchases(h History, horizon float64, random *rand.Rand) int {
	if random.Float64() >= m.Alive(h) {
		return 0
	}
	x := float64(h.Repeats)
	rate := distuv.Gamma{Alpha: m.R + x, Beta: m.Alpha + h.Age, Src: random}.Rand()
	next := random.ExpFloat64() / rate
	if next > horizon {
		return 0
	}
	leave := distuv.Beta{Alpha: m.A, Beta: m.B + x, Src: random}.Rand()
	n := 0
	for t := next; t <= horizon && n < 1e6; t += random.ExpFloat64() / rate {
		n++
		if random.Float64() < leave {
			break
		}
	}
	return n
}

// drawSum draws the sum of n amounts of a customer.
func (m Spending) drawSum(h History, n int, random *rand.Rand) float64 {
	shape, rate := m.Q, m.Gamma
	if h.Repeats > 0 && h.Spend > 0 {
		shape, rate = m.Q+m.P*float64(h.Repeats), m.Gamma+float64(h.Repeats)*h.Spend
	}
	own := distuv.Gamma{Alpha: shape, Beta: rate, Src: random}.Rand()
	return distuv.Gamma{Alpha: m.P * float64(n), Beta: own, Src: random}.Rand()
}

// RelativeError is what Outlook.Error takes: the root mean square of log(actual / expected) over earlier forecasts, pairs of which a
// number is not above 0 left out. It is 0 without any pair.
func RelativeError(expected, actual []float64) float64 {
	sum, n := 0.0, 0.0
	for i := range min(len(expected), len(actual)) {
		if expected[i] > 0 && actual[i] > 0 {
			l := math.Log(actual[i] / expected[i])
			sum, n = sum+l*l, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return math.Sqrt(sum / n)
}
