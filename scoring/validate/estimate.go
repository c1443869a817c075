package validate

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Case is one scored customer and what became of it.
type Case struct {
	Score  float64 // finite; the greater the better
	Won    bool
	Amount float64 // of the deal, if won; NaN if not known
	Days   float64 // from the score to the deal, if won; NaN if not known
}

// Estimate is a figure with its interval. With TooFew, Value is what was counted but no claim: it is not to be shown as a result.
type Estimate struct {
	Value     float64 `json:"value"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	N         int     `json:"n"` // outcomes behind it
	Positives int     `json:"positives"`
	TooFew    bool    `json:"too_few,omitempty"`
}

// The fewest outcomes for a claim.
const (
	MinEach = 10 // won and lost ones each, for AUC, KS, lift and the like
	MinBand = 10 // outcomes in a band, for its conversion
	MinWon  = 5  // deals, for their size and duration
)

// MarshalJSON leaves out what is not known, for which JSON has no number.
func (e Estimate) MarshalJSON() ([]byte, error) {
	known := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		Value     *float64 `json:"value,omitempty"`
		Low       *float64 `json:"low,omitempty"`
		High      *float64 `json:"high,omitempty"`
		N         int      `json:"n"`
		Positives int      `json:"positives"`
		TooFew    bool     `json:"too_few,omitempty"`
	}{known(e.Value), known(e.Low), known(e.High), e.N, e.Positives, e.TooFew})
}

// String writes the estimate for people: "0.85（0.83–0.87，n=1386）", or that there are too few.
func (e Estimate) String() string {
	if e.TooFew {
		return fmt.Sprintf("样本太少（%d 个结果，%d 个成交）", e.N, e.Positives)
	}
	return fmt.Sprintf("%.3g（%.3g–%.3g，n=%d）", e.Value, e.Low, e.High, e.N)
}

// z95 is the 97.5 % point of the normal distribution: all intervals are of 95 %.
const z95 = 1.959963984540054

// Proportion is a share with Wilson's interval, which stays inside 0 and 1 and holds for small numbers.
func Proportion(hits, n int) Estimate {
	if n <= 0 {
		return Estimate{Value: math.NaN(), Low: 0, High: 1, TooFew: true}
	}
	size, p := float64(n), float64(hits)/float64(n)
	middle := (p + z95*z95/(2*size)) / (1 + z95*z95/size)
	half := z95 / (1 + z95*z95/size) * math.Sqrt(p*(1-p)/size+z95*z95/(4*size*size))
	return Estimate{Value: p, Low: max(min(middle-half, p), 0), High: min(max(middle+half, p), 1), N: n, Positives: hits, TooFew: n < MinBand}
}

// Difference is a - b with Newcombe's interval.
func Difference(a, b Estimate) Estimate {
	d := a.Value - b.Value
	return Estimate{
		Value: d, N: a.N + b.N, Positives: a.Positives + b.Positives, TooFew: a.TooFew || b.TooFew,
		Low:  d - math.Hypot(a.Value-a.Low, b.High-b.Value),
		High: d + math.Hypot(a.High-a.Value, b.Value-b.Low),
	}
}

// Median is the middle of numbers with the interval that order statistics give, whatever their distribution. NaN do not count.
func Median(values []float64) Estimate {
	v := known(values)
	n := len(v)
	if n == 0 {
		return Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), TooFew: true}
	}
	reach := z95 * math.Sqrt(float64(n)) / 2
	low, high := int(math.Floor(float64(n)/2-reach)), int(math.Ceil(float64(n)/2+reach))
	return Estimate{
		Value: quantile(v, 0.5), Low: v[max(low, 0)], High: v[min(high, n-1)],
		N: n, Positives: n, TooFew: n < MinWon,
	}
}

// known returns the numbers that are there, sorted.
func known(values []float64) []float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	slices.Sort(v)
	return v
}

// quantile is R's type 7, linear between the neighbours; sorted is not empty.
func quantile(sorted []float64, p float64) float64 {
	at := float64(len(sorted)-1) * p
	low := int(math.Floor(at))
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
