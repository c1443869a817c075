package validate

import "math"

// The fewest for a claim about how many times as much one group does as another.
const (
	MinGroup = 30 // in each group
	MinHits  = 5  // of which so many did, in each
)

// Times is how many times as often one group did something as another, as a change: 0.25 is a quarter more. The interval is that of the logarithm of the
// ratio (Katz et al., Biometrics 34, 1978), which is right where groups have some tens and several hits.
func Times(hits, n, otherHits, otherN int) Estimate {
	e := Estimate{
		Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: n + otherN, Positives: hits + otherHits,
		TooFew: min(n, otherN) < MinGroup || min(hits, otherHits) < MinHits,
	}
	if min(hits, otherHits) <= 0 {
		return e
	}
	ratio := float64(hits) / float64(n) * float64(otherN) / float64(otherHits)
	spread := math.Sqrt(max(1/float64(hits)-1/float64(n)+1/float64(otherHits)-1/float64(otherN), 0))
	e.Value, e.Low, e.High = ratio-1, ratio*math.Exp(-z95*spread)-1, ratio*math.Exp(z95*spread)-1
	return e
}

// Sums are enough of some numbers to tell their mean with an interval, in constant memory.
type Sums struct {
	N       int
	Above   int     // of which so many are above 0
	squares float64 // of the differences from the mean, kept as they come (Welford)
	mean    float64
}

// Add takes a number in.
func (s *Sums) Add(x float64) {
	s.N++
	if x > 0 {
		s.Above++
	}
	d := x - s.mean
	s.mean += d / float64(s.N)
	s.squares += d * (x - s.mean)
}

// variance is that of the mean.
func (s *Sums) variance() float64 {
	if s.N < 2 {
		return math.Inf(1)
	}
	return s.squares / float64(s.N-1) / float64(s.N)
}

// Mean is the mean with its normal interval.
func (s *Sums) Mean() Estimate {
	e := Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: s.N, Positives: s.Above, TooFew: s.N < MinBand}
	if s.N > 0 {
		half := z95 * math.Sqrt(s.variance())
		e.Value, e.Low, e.High = s.mean, s.mean-half, s.mean+half
	}
	return e
}

// TimesOf is how many times as much the mean of one group is as that of another, as a change, by the logarithm of the ratio (delta method). The groups are
// different customers.
func TimesOf(a, b *Sums) Estimate {
	e := Estimate{
		Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: a.N + b.N, Positives: a.Above + b.Above,
		TooFew: min(a.N, b.N) < MinGroup || min(a.Above, b.Above) < MinHits,
	}
	if !(a.mean > 0 && b.mean > 0) {
		return e
	}
	return e.around(a.mean/b.mean, math.Sqrt(a.variance()/a.mean/a.mean+b.variance()/b.mean/b.mean))
}

func (e Estimate) around(ratio, spread float64) Estimate {
	e.Value, e.Low, e.High = ratio-1, ratio*math.Exp(-z95*spread)-1, ratio*math.Exp(z95*spread)-1
	return e
}

// Pairs are enough of pairs of numbers, before and after, of the same customers to tell how their sum changed.
type Pairs struct {
	N      int
	Active int // of which so many are above 0 before or after
	x, y   float64
	xx     float64
	yy, xy float64
}

// Add takes one customer in.
func (p *Pairs) Add(before, after float64) {
	p.N++
	if before > 0 || after > 0 {
		p.Active++
	}
	p.x, p.y = p.x+before, p.y+after
	p.xx, p.yy, p.xy = p.xx+before*before, p.yy+after*after, p.xy+before*after
}

// Change is the sum after as a change of the sum before, 0.1 being a tenth more, with the interval of the logarithm of the ratio of paired sums (delta method).
func (p *Pairs) Change() Estimate {
	e := Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: p.N, Positives: p.Active, TooFew: p.Active < MinGroup}
	if !(p.x > 0 && p.y > 0) || p.N < 2 {
		e.TooFew = true
		return e
	}
	r, n := p.y/p.x, float64(p.N)
	residual := max(p.yy-2*r*p.xy+r*r*p.xx, 0) / (n * (n - 1)) // variance of mean(y - r x), whose mean is 0
	return e.around(r, math.Sqrt(residual)/(p.x/n)/r)
}

// Shown reports whether the interval holds 0 no longer: an effect is shown.
func (e Estimate) Shown() bool { return !e.TooFew && (e.Low > 0 || e.High < 0) }
