// Package likelihood finds the parameters under which what was observed is likeliest.
//
// Parameters are positive and each lies between two bounds. The search runs on their logarithms: Nelder and Mead's simplex
// first, because it needs no derivatives and is not thrown by a flat start, then BFGS, which gives the last digits, then a small simplex
// again, which goes on where BFGS was stopped by a flat border. A
// parameter that comes to rest at a bound has no inner optimum in the data; that is an answer, not an error, and is named.
// The package is pure and everything in it may be used by several goroutines.
package likelihood

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// ErrSearch is reported when no finite likelihood was found.
var ErrSearch = errors.New("no finite likelihood")

// Parameter is one unknown: its name, where to start, and the bounds, 0 < Low < Start < High.
type Parameter struct {
	Name             string
	Start, Low, High float64
}

// Result is what a search found.
type Result struct {
	Values     []float64 // in the order of the parameters
	LogValue   float64   // the log-likelihood there
	Border     []string  // the names of parameters that ran to a bound
	Covariance []float64 // of the parameters' logarithms, row by row; nil where the likelihood does not settle it
}

// Maximise finds the parameters with the greatest log-likelihood. f gets parameters inside their bounds and may return NaN or
// -Inf where it has no value; it is called one call at a time, some thousand times.
func Maximise(f func(values []float64) float64, parameters []Parameter) (Result, error) {
	s := search{f: f, parameters: parameters, values: make([]float64, len(parameters))}
	at := make([]float64, len(parameters))
	for i, p := range parameters {
		if !(0 < p.Low && p.Low < p.Start && p.Start < p.High) {
			return Result{}, fmt.Errorf("parameter %s: %v does not lie between %v and %v, above 0", p.Name, p.Start, p.Low, p.High)
		}
		at[i] = math.Log(p.Start)
	}
	at = s.improve(at, &optimize.NelderMead{}, 1e-2)
	at = s.improve(at, &optimize.BFGS{}, 1e-10)
	at = s.improve(at, &optimize.NelderMead{SimplexSize: 1e-4}, 1e-7)
	return s.result(at)
}

type search struct {
	f          func([]float64) float64
	parameters []Parameter
	values     []float64
}

// cost is the negative log-likelihood at the nearest point inside the bounds, and more the further outside at is.
func (s *search) cost(at []float64) float64 {
	outside := 0.0
	for i, p := range s.parameters {
		low, high := math.Log(p.Low), math.Log(p.High)
		in := min(max(at[i], low), high)
		outside += (at[i] - in) * (at[i] - in)
		s.values[i] = min(max(math.Exp(in), p.Low), p.High)
	}
	cost := -s.f(s.values)
	if math.IsNaN(cost) || math.IsInf(cost, 0) {
		cost = math.MaxFloat64 / 4
	}
	return cost + 1e3*outside
}

func (s *search) gradient(to, at []float64) {
	fd.Gradient(to, s.cost, at, &fd.Settings{Formula: fd.Central, Step: 1e-5})
}

// improve runs one method and keeps its end if it is better. A method that stops early, because no step improves any more, has
// done its work, so that its error is no failure.
func (s *search) improve(at []float64, m optimize.Method, precision float64) []float64 {
	before := s.cost(at)
	problem := optimize.Problem{Func: s.cost, Grad: s.gradient}
	settings := &optimize.Settings{
		MajorIterations: 4000, GradientThreshold: 1e-7,
		Converger: &optimize.FunctionConverge{Absolute: precision, Iterations: 20},
	}
	r, _ := optimize.Minimize(problem, at, settings, m)
	if r == nil || !(r.F < before) {
		return at
	}
	return r.X
}

func (s *search) result(at []float64) (Result, error) {
	cost := s.cost(at)
	if cost >= math.MaxFloat64/8 {
		return Result{}, ErrSearch
	}
	r := Result{Values: append([]float64(nil), s.values...), LogValue: s.f(s.values)}
	for i, p := range s.parameters {
		if near(r.Values[i], p.Low) || near(r.Values[i], p.High) {
			r.Border = append(r.Border, p.Name)
		}
	}
	if len(r.Border) == 0 {
		r.Covariance = s.covariance(at)
	}
	return r, nil
}

// near takes 1 % for there: at a bound that the likelihood only creeps up to, a search ends a little before it.
func near(v, bound float64) bool { return math.Abs(math.Log(v/bound)) < 0.01 }

// covariance is the inverse of the observed information.
func (s *search) covariance(at []float64) []float64 {
	n := len(at)
	h := mat.NewSymDense(n, nil)
	fd.Hessian(h, s.cost, at, &fd.Settings{Step: 1e-3})
	var factor mat.Cholesky
	if !factor.Factorize(h) {
		return nil
	}
	var inverse mat.SymDense
	if factor.InverseTo(&inverse) != nil {
		return nil
	}
	out := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			out = append(out, inverse.At(i, j))
		}
	}
	return out
}
