package validate

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Logistic is a logistic regression: the probability of a win is 1 / (1 + exp(-(Intercept + Weights · row))).
type Logistic struct {
	Intercept float64
	Weights   []float64
}

// ErrOutcomes is reported where the outcomes do not allow a fit: all alike, or fewer than MinEach of a kind.
var ErrOutcomes = errors.New("too few outcomes of a kind")

// FitLogistic minimises C times the log loss of all rows plus half the sum of squared weights, the intercept free: the greater C, the
// less the weights are drawn to 0. It takes Newton's steps, halved where one goes too far, until nothing moves any more.
func FitLogistic(rows [][]float64, won []bool, c float64) (Logistic, error) {
	if err := enough(won); err != nil {
		return Logistic{}, err
	}
	width := len(rows[0])
	beta := make([]float64, width+1) // the intercept last
	cost := penalised(rows, won, beta, c)
	for range 100 {
		step, err := newton(rows, won, beta, c)
		if err != nil {
			return Logistic{}, err
		}
		moved, next := 0.0, make([]float64, len(beta))
		for scale := 1.0; ; scale /= 2 {
			for i := range beta {
				next[i] = beta[i] - scale*step[i]
			}
			after := penalised(rows, won, next, c)
			if after <= cost || scale < 1e-6 {
				moved, cost = cost-after, min(after, cost)
				break
			}
		}
		if !(moved > 0) {
			break
		}
		copy(beta, next)
		if moved < 1e-10*(1+cost) {
			break
		}
	}
	return Logistic{Intercept: beta[width], Weights: beta[:width]}, nil
}

func enough(won []bool) error {
	yes := 0
	for _, w := range won {
		if w {
			yes++
		}
	}
	if min(yes, len(won)-yes) < MinEach {
		return fmt.Errorf("%w: %d won, %d lost, at least %d of each needed", ErrOutcomes, yes, len(won)-yes, MinEach)
	}
	return nil
}

func linear(row, beta []float64) float64 {
	sum := beta[len(beta)-1]
	for i, v := range row {
		if v != 0 {
			sum += v * beta[i]
		}
	}
	return sum
}

// penalised is what the fit minimises.
func penalised(rows [][]float64, won []bool, beta []float64, c float64) float64 {
	sum := 0.0
	for i, row := range rows {
		at := linear(row, beta)
		if won[i] {
			at = -at
		}
		sum += softplus(at)
	}
	half := 0.0
	for _, b := range beta[:len(beta)-1] {
		half += b * b / 2
	}
	return c*sum + half
}

// softplus is log(1 + exp(v)) for any v.
func softplus(v float64) float64 {
	if v > 0 {
		return v + math.Log1p(math.Exp(-v))
	}
	return math.Log1p(math.Exp(v))
}

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// newton is the step by gradient and curvature.
func newton(rows [][]float64, won []bool, beta []float64, c float64) ([]float64, error) {
	n := len(beta)
	curve, slope := mat.NewSymDense(n, nil), make([]float64, n)
	full := make([]int, 0, n)
	for i, row := range rows {
		p := sigmoid(linear(row, beta))
		off, weight := p, p*(1-p)
		if won[i] {
			off = p - 1
		}
		full = full[:0]
		for k, v := range row {
			if v != 0 {
				full = append(full, k)
			}
		}
		at := func(k int) float64 {
			if k == n-1 {
				return 1
			}
			return row[k]
		}
		full = append(full, n-1)
		for x, k := range full {
			slope[k] += c * off * at(k)
			for _, l := range full[x:] {
				curve.SetSym(k, l, curve.At(k, l)+c*weight*at(k)*at(l))
			}
		}
	}
	for k := range n - 1 {
		slope[k] += beta[k]
		curve.SetSym(k, k, curve.At(k, k)+1)
	}
	curve.SetSym(n-1, n-1, curve.At(n-1, n-1)+1e-9)
	var factor mat.Cholesky
	if !factor.Factorize(curve) {
		return nil, errors.New("logistic regression: the curvature is not positive")
	}
	var step mat.VecDense
	if err := factor.SolveVecTo(&step, mat.NewVecDense(n, slope)); err != nil {
		return nil, fmt.Errorf("logistic regression: %w", err)
	}
	return step.RawVector().Data, nil
}

// Probability of a win.
func (l Logistic) Probability(row []float64) float64 {
	at := l.Intercept
	for i, v := range row {
		at += v * l.Weights[i]
	}
	return sigmoid(at)
}
