package validate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Band is the cases whose score lies above Above and at most at UpTo: a score of 80 belongs to the band up to 80.
type Band struct {
	Above      float64  `json:"above"` // -Inf for the lowest
	UpTo       float64  `json:"up_to"` // +Inf for the highest
	Conversion Estimate `json:"conversion"`
	Deal       Estimate `json:"deal"` // mean amount of the won ones
	Days       Estimate `json:"days"` // median of the won ones
}

// Bands splits cases by scores, e.g. 50 and 80, the highest band first. Each band has its figures or says that there are too few.
func Bands(cases []Case, edges []float64, seed uint64) []Band {
	edges = slices.Clone(edges)
	slices.Sort(edges)
	edges = slices.Compact(append(append([]float64{math.Inf(-1)}, edges...), math.Inf(1)))
	var out []Band
	for i := len(edges) - 1; i > 0; i-- {
		var amounts, days []float64
		n, won := 0, 0
		for _, c := range cases {
			if !(c.Score > edges[i-1] && c.Score <= edges[i]) {
				continue
			}
			n++
			if c.Won {
				won++
				amounts, days = append(amounts, c.Amount), append(days, c.Days)
			}
		}
		out = append(out, Band{edges[i-1], edges[i], Proportion(won, n), mean(amounts, seed), Median(days)})
	}
	return out
}

// mean is a mean with a bootstrap interval, because amounts are seldom normal. NaN do not count.
func mean(values []float64, seed uint64) Estimate {
	v := known(values)
	e := Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: len(v), Positives: len(v), TooFew: len(v) < MinWon}
	if len(v) == 0 {
		return e
	}
	sum := 0.0
	for _, x := range v {
		sum += x / float64(len(v))
	}
	random := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)) //nolint:gosec // the same seed has to give the same interval
	draws := make([]float64, max(min(1000, 20_000_000/len(v)), 50))
	for i := range draws {
		for range v {
			draws[i] += v[random.IntN(len(v))] / float64(len(v))
		}
	}
	slices.Sort(draws)
	e.Value, e.Low, e.High = sum, min(quantile(draws, 0.025), sum), max(quantile(draws, 0.975), sum)
	return e
}

// Verdict is the answer to one question about a model.
type Verdict struct {
	Question string   `json:"question"`
	English  string   `json:"question_en"`
	Answer   Answer   `json:"answer"`
	Estimate Estimate `json:"estimate"` // high band - low band
}

// Answer is yes, no (not shown: the interval holds 0), the contrary, or too few to say.
type Answer string

// The answers.
const (
	Yes      Answer = "yes"
	NotShown Answer = "not shown"
	Contrary Answer = "contrary"
	TooFew   Answer = "too few"
)

// Chinese is the answer as people read it.
func (a Answer) Chinese() string {
	return map[Answer]string{Yes: "成立", NotShown: "未能证明", Contrary: "相反", TooFew: "样本太少"}[a]
}

// Verdicts asks what makes a model valid, of its highest band against its lowest: converts more, closes larger deals, closes sooner.
func Verdicts(bands []Band) []Verdict {
	if len(bands) < 2 {
		return nil
	}
	high, low := bands[0], bands[len(bands)-1]
	return []Verdict{
		verdict("高分客户转化率更高", "Higher scores convert better", Difference(high.Conversion, low.Conversion), 1),
		verdict("高分客户成交额更大", "Higher scores close larger deals", Difference(high.Deal, low.Deal), 1),
		verdict("高分客户成交更快", "Higher scores close sooner", Difference(high.Days, low.Days), -1),
	}
}

func verdict(question, english string, d Estimate, sign float64) Verdict {
	v := Verdict{question, english, NotShown, d}
	switch {
	case d.TooFew || math.IsNaN(d.Value):
		v.Answer = TooFew
	case min(sign*d.Low, sign*d.High) > 0:
		v.Answer = Yes
	case max(sign*d.Low, sign*d.High) < 0:
		v.Answer = Contrary
	}
	return v
}

// Name is the band's range as people read it: "80 以上", "50–80", "50 及以下".
func (b Band) Name() string {
	switch {
	case math.IsInf(b.Above, -1) && math.IsInf(b.UpTo, 1):
		return "全部"
	case math.IsInf(b.UpTo, 1):
		return fmt.Sprintf("%g 以上", b.Above)
	case math.IsInf(b.Above, -1):
		return fmt.Sprintf("%g 及以下", b.UpTo)
	}
	return fmt.Sprintf("%g–%g", b.Above, b.UpTo)
}
