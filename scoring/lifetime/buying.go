package lifetime

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Buying is the BG/NBD model of a population: while alive, a customer buys at a rate of its own, drawn from a gamma distribution
// (shape R, rate Alpha in time units); after each repeat purchase it leaves for good with a probability of its own, drawn from a
// beta distribution (A, B). All four are above 0.
type Buying struct {
	R, Alpha, A, B float64
}

// leavingOdds is the logarithm of P(left) / P(alive) at the end of observation. -Inf without repeats: in this model nobody leaves
// before its first repeat purchase.
func (m Buying) leavingOdds(h History) float64 {
	if h.Repeats == 0 {
		return math.Inf(-1)
	}
	x := float64(h.Repeats)
	return math.Log(m.A) - math.Log(m.B+x-1) + (m.R+x)*math.Log((m.Alpha+h.Age)/(m.Alpha+h.Recency))
}

// Alive is the probability that the customer still is one at the end of observation.
func (m Buying) Alive(h History) float64 { return 1 / (1 + math.Exp(m.leavingOdds(h))) }

// LogLikelihood of one history.
func (m Buying) LogLikelihood(h History) float64 {
	return m.logConstant(h.Repeats) + m.logTimes(h)
}

// logConstant is the part that depends on the number of repeats alone.
func (m Buying) logConstant(repeats int) float64 {
	x := float64(repeats)
	return lgamma(m.R+x) - lgamma(m.R) + m.R*math.Log(m.Alpha) + mathext.Lbeta(m.A, m.B+x) - mathext.Lbeta(m.A, m.B)
}

func (m Buying) logTimes(h History) float64 {
	return softplus(m.leavingOdds(h)) - (m.R+float64(h.Repeats))*math.Log(m.Alpha+h.Age)
}

// softplus is log(1 + exp(v)) for any v.
func softplus(v float64) float64 {
	if v > 0 {
		return v + math.Log1p(math.Exp(-v))
	}
	return math.Log1p(math.Exp(v))
}

func lgamma(v float64) float64 {
	l, _ := math.Lgamma(v)
	return l
}

// Purchases is the expected number of repeat purchases, in the next t, of a customer with this history: E[X(t) | x, t_x, T].
func (m Buying) Purchases(h History, t float64) float64 {
	alive := Buying{R: m.R + float64(h.Repeats), Alpha: m.Alpha + h.Age, A: m.A, B: m.B + float64(h.Repeats)}
	return m.Alive(h) * alive.NewcomerPurchases(t)
}

// NewcomerPurchases is the expected number of repeat purchases of a randomly chosen customer in its first t: E[X(t)].
//
// The hypergeometric function of the paper is taken as it stands or by Euler's transformation, whichever has terms that shrink. The
// formula divides by A - 1 and, for A + B = 1, multiplies 0 by infinity; both have finite limits, which are met
// from the two sides. A horizon beyond 10,000 times Alpha counts as that.
func (m Buying) NewcomerPurchases(t float64) float64 {
	if !(t > 0) {
		return 0
	}
	const hole = 1e-4
	switch {
	case math.Abs(m.A-1) < hole:
		return across(m.A-1, func(d float64) float64 { return Buying{m.R, m.Alpha, 1 + d, m.B}.NewcomerPurchases(t) })
	case math.Abs(m.A+m.B-1) < hole && m.A < 1-2*hole:
		return across(m.A+m.B-1, func(d float64) float64 { return Buying{m.R, m.Alpha, m.A, 1 - m.A + d}.NewcomerPurchases(t) })
	}
	t = min(t, 1e4*m.Alpha)
	z, c, grown := t/(m.Alpha+t), m.A+m.B-1, math.Log1p(t/m.Alpha)
	f := 0.0
	if m.A-1 > m.R {
		sum, scale := hypergeometric(m.R, m.B, c, z)
		f = sum * math.Exp(scale-m.R*grown)
	} else {
		sum, scale := hypergeometric(c-m.R, m.A-1, c, z)
		f = sum * math.Exp(scale+(1-m.A)*grown)
	}
	return max(c/(m.A-1)*(1-f), 0)
}

// across takes f at a place in a hole around 0 from the two edges of the hole.
func across(at float64, f func(float64) float64) float64 {
	const edge = 1.5e-4
	low, high := f(-edge), f(edge)
	return low + (high-low)*(at+edge)/(2*edge)
}

// hypergeometric is the Gaussian function by its series, as sum times e to the scale, since it can pass every float64; 0 <= z < 1, c not a whole number
// below 1.
func hypergeometric(a, b, c, z float64) (sum, scale float64) {
	const large = 1e250
	sum, term := 1.0, 1.0
	for k := 0.0; k < 2e6; k++ {
		term *= (a + k) / (c + k) * (b + k) / (k + 1) * z
		sum += term
		if math.Abs(term) <= 1e-16*math.Abs(sum)*(1-z) {
			break
		}
		if math.Abs(term) > large || math.Abs(sum) > large {
			sum, term, scale = sum/large, term/large, scale+math.Log(large)
		}
	}
	return sum, scale
}

// Probability is P(X(t) = n): that a randomly chosen customer makes exactly n repeat purchases in its first t.
func (m Buying) Probability(n int, t float64) float64 {
	if n < 0 || !(t >= 0) {
		return 0
	}
	x, z := float64(n), t/(m.Alpha+t)
	logStay := mathext.Lbeta(m.A, m.B+x) - mathext.Lbeta(m.A, m.B)
	logCount := lgamma(m.R+x) - lgamma(m.R) - lgamma(x+1) + m.R*math.Log(m.Alpha/(m.Alpha+t))
	if n == 0 {
		return math.Exp(logCount)
	}
	leave := math.Exp(mathext.Lbeta(m.A+1, m.B+x-1) - mathext.Lbeta(m.A, m.B))
	return math.Exp(logStay+logCount+x*math.Log(z)) + leave*mathext.RegIncBeta(x, m.R, z)
}
