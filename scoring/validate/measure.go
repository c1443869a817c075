package validate

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// ErrCase is reported for a case that cannot be measured: a score that is no number, or no probability where one is said to be.
var ErrCase = errors.New("bad case")

// Options are what Measure has to know.
type Options struct {
	Probabilities bool   // scores are probabilities: Brier, log loss and calibration make sense
	Resamples     int    // of the bootstrap behind the intervals of KS, lift and capture; 400 if 0
	Seed          uint64 // the same seed gives the same intervals
}

// Report is what scores are worth. Figures that make no sense are nil.
type Report struct {
	N           int        `json:"n"`
	Positives   int        `json:"positives"`
	BaseRate    Estimate   `json:"base_rate"`
	AUC         Estimate   `json:"auc"`
	KS          Estimate   `json:"ks"`
	LiftTop10   Estimate   `json:"lift_top10"` // conversion of the best tenth over that of all
	LiftTop20   Estimate   `json:"lift_top20"`
	CaptureHalf Estimate   `json:"capture_half"` // share of the won ones in the best half
	Accuracy    *Estimate  `json:"accuracy,omitempty"`
	Brier       *Estimate  `json:"brier,omitempty"`
	LogLoss     *Estimate  `json:"log_loss,omitempty"`
	Deciles     []Decile   `json:"deciles"`
	Calibration []Expected `json:"calibration,omitempty"`
}

// Decile is a tenth of the cases, the best first.
type Decile struct {
	Conversion Estimate `json:"conversion"`
	Lift       float64  `json:"lift"`
	Gain       float64  `json:"gain"` // share of all won ones in this tenth and the better ones
}

// Expected compares a predicted probability with what came.
type Expected struct {
	Predicted float64  `json:"predicted"` // mean
	Actual    Estimate `json:"actual"`
}

// Measure measures scores against outcomes. With fewer than MinEach won or lost cases every figure says so.
func Measure(cases []Case, o Options) (Report, error) {
	for i, c := range cases {
		if math.IsNaN(c.Score) || math.IsInf(c.Score, 0) || o.Probabilities && (c.Score < 0 || c.Score > 1) {
			return Report{}, fmt.Errorf("case %d: score %v: %w", i+1, c.Score, ErrCase)
		}
	}
	sorted := ranked(cases)
	n1 := positives(sorted)
	r := Report{N: len(cases), Positives: n1, BaseRate: Proportion(n1, len(cases)), AUC: AUC(cases)}
	r.resampled(sorted, o)
	r.Deciles = deciles(sorted)
	if o.Probabilities && len(cases) > 0 {
		r.probabilities(sorted)
	}
	return r, nil
}

func (r *Report) probabilities(sorted []Case) {
	right := 0
	for _, c := range sorted {
		if c.Won == (c.Score >= 0.5) {
			right++
		}
	}
	accuracy, b, l := Proportion(right, len(sorted)), meanLoss(sorted, brier), meanLoss(sorted, logLoss)
	accuracy.Positives, accuracy.TooFew = r.Positives, b.TooFew
	r.Accuracy, r.Brier, r.LogLoss = &accuracy, &b, &l
	for i := range 10 {
		part := sorted[cut(i, len(sorted)):cut(i+1, len(sorted))]
		sum := 0.0
		for _, c := range part {
			sum += c.Score
		}
		if len(part) > 0 {
			r.Calibration = append(r.Calibration, Expected{sum / float64(len(part)), Proportion(positives(part), len(part))})
		}
	}
}

// cut is where the i-th tenth of n begins: round half to even.
func cut(i, n int) int { return int(math.RoundToEven(float64(i) * float64(n) / 10)) }

func deciles(sorted []Case) []Decile {
	n1, seen := positives(sorted), 0
	out := make([]Decile, 10)
	for i := range out {
		part := sorted[cut(i, len(sorted)):cut(i+1, len(sorted))]
		hits := positives(part)
		seen += hits
		out[i] = Decile{Conversion: Proportion(hits, len(part))}
		if n1 > 0 && len(part) > 0 {
			out[i].Gain = float64(seen) / float64(n1)
			out[i].Lift = out[i].Conversion.Value / (float64(n1) / float64(len(sorted)))
		}
	}
	return out
}

// resampled fills in the figures whose intervals come from the bootstrap.
func (r *Report) resampled(sorted []Case, o Options) {
	figures := []struct {
		to  *Estimate
		of  func([]Case) float64
		all []float64
	}{
		{to: &r.KS, of: ks},
		{to: &r.LiftTop10, of: func(c []Case) float64 { return lift(c, 0.1) }},
		{to: &r.LiftTop20, of: func(c []Case) float64 { return lift(c, 0.2) }},
		{to: &r.CaptureHalf, of: func(c []Case) float64 { return capture(c, 0.5) }},
	}
	few := min(r.Positives, r.N-r.Positives) < MinEach
	for i := range figures {
		f := &figures[i]
		*f.to = Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), N: r.N, Positives: r.Positives, TooFew: few}
		if r.Positives > 0 && r.Positives < r.N {
			f.to.Value = f.of(sorted)
		}
	}
	if few {
		return
	}
	random := rand.New(rand.NewPCG(o.Seed, 0xda942042e4dd58b5)) //nolint:gosec // the same seed has to give the same interval
	counts, sample := make([]int32, len(sorted)), make([]Case, 0, len(sorted))
	for range o.resamples(len(sorted)) {
		sample = resample(sorted, sample[:0], counts, random)
		for i := range figures {
			if v := figures[i].of(sample); !math.IsNaN(v) {
				figures[i].all = append(figures[i].all, v)
			}
		}
	}
	for _, f := range figures {
		slices.Sort(f.all)
		if len(f.all) > 0 {
			f.to.Low, f.to.High = quantile(f.all, 0.025), quantile(f.all, 0.975)
		}
	}
}

// resamples keeps the work bounded: with very many cases the interval is narrow, and fewer draws tell it well enough.
func (o Options) resamples(n int) int {
	want := o.Resamples
	if want <= 0 {
		want = 400
	}
	return max(min(want, 40_000_000/max(n, 1)), min(want, 40))
}

// resample draws as many cases again, in ranked order and without sorting.
func resample(sorted, into []Case, counts []int32, random *rand.Rand) []Case {
	clear(counts)
	for range sorted {
		counts[random.IntN(len(sorted))]++
	}
	for i, n := range counts {
		for range n {
			into = append(into, sorted[i])
		}
	}
	return into
}
