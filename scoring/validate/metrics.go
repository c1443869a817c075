package validate

import (
	"cmp"
	"math"
	"slices"
)

// ranked is cases from the best score down; those of one score stay in the order in which they came.
func ranked(cases []Case) []Case {
	out := slices.Clone(cases)
	slices.SortStableFunc(out, func(a, b Case) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

func positives(cases []Case) int {
	n := 0
	for _, c := range cases {
		if c.Won {
			n++
		}
	}
	return n
}

// AUC is the probability that a won case has a better score than a lost one, ties counting half (Mann and Whitney), with DeLong's
// interval on the logistic scale.
func AUC(cases []Case) Estimate {
	sorted := ranked(cases)
	n1 := positives(sorted)
	n0 := len(sorted) - n1
	e := Estimate{Value: math.NaN(), Low: 0, High: 1, N: len(cases), Positives: n1, TooFew: min(n1, n0) < MinEach}
	if n1 == 0 || n0 == 0 {
		return e
	}
	var sum, won, lost, won2, lost2 float64 // placements of each case among those of the other outcome
	below1, below0 := n1, n0                // that score worse than the tie at hand
	for i := 0; i < len(sorted); {
		t1, t0, end := tie(sorted, i)
		below1, below0 = below1-t1, below0-t0
		v1 := (float64(below0) + float64(t0)/2) / float64(n0)
		v0 := 1 - (float64(below1)+float64(t1)/2)/float64(n1)
		sum += float64(t1) * (float64(below0) + float64(t0)/2)
		won, won2 = won+float64(t1)*v1, won2+float64(t1)*v1*v1
		lost, lost2 = lost+float64(t0)*v0, lost2+float64(t0)*v0*v0
		i = end
	}
	e.Value = sum / float64(n1) / float64(n0)
	variance := spread(won, won2, n1) + spread(lost, lost2, n0)
	e.Low, e.High = logitInterval(e.Value, math.Sqrt(variance), len(cases))
	return e
}

// tie counts the won and the lost cases of one score from i on, and says where it ends.
func tie(sorted []Case, i int) (won, lost, end int) {
	for end = i; end < len(sorted) && sorted[end].Score == sorted[i].Score; end++ {
		if sorted[end].Won {
			won++
		} else {
			lost++
		}
	}
	return won, lost, end
}

// spread is the variance of a mean from a sum and a sum of squares.
func spread(sum, squares float64, n int) float64 {
	if n < 2 {
		return 0
	}
	m := float64(n)
	return max(squares-sum*sum/m, 0) / (m - 1) / m
}

// logitInterval keeps an interval inside 0 and 1. A figure of 0 or 1 has no spread of its own; Wilson's interval of n tells its.
func logitInterval(p, sd float64, n int) (low, high float64) {
	if p <= 0 || p >= 1 || sd == 0 {
		w := Proportion(int(math.Round(p*float64(n))), n)
		return w.Low, w.High
	}
	at, reach := math.Log(p/(1-p)), z95*sd/(p*(1-p))
	return 1 / (1 + math.Exp(reach-at)), 1 / (1 + math.Exp(-reach-at))
}

// ks is the greatest distance between the shares of won and lost cases at or above a score.
func ks(sorted []Case) float64 {
	n1 := positives(sorted)
	n0, best, above1, above0 := len(sorted)-n1, 0.0, 0, 0
	for i := 0; i < len(sorted); {
		t1, t0, end := tie(sorted, i)
		above1, above0, i = above1+t1, above0+t0, end
		best = max(best, float64(above1)/float64(n1)-float64(above0)/float64(n0))
	}
	return best
}

// topHits counts the won ones among the first floor(share n).
func topHits(sorted []Case, share float64) (hits, n int) {
	n = int(math.Floor(share*float64(len(sorted)) + 1e-9))
	return positives(sorted[:n]), n
}

func lift(sorted []Case, share float64) float64 {
	hits, n := topHits(sorted, share)
	return float64(hits) / float64(n) / (float64(positives(sorted)) / float64(len(sorted)))
}

func capture(sorted []Case, share float64) float64 {
	hits, _ := topHits(sorted, share)
	return float64(hits) / float64(positives(sorted))
}

// brier and logLoss are the mean of these losses; scores are probabilities.
func brier(c Case) float64 {
	if c.Won {
		return (1 - c.Score) * (1 - c.Score)
	}
	return c.Score * c.Score
}

func logLoss(c Case) float64 {
	const least = 1e-15 // a probability of 0 that came true would cost infinity
	p := min(max(c.Score, least), 1-least)
	if c.Won {
		return -math.Log(p)
	}
	return -math.Log1p(-p)
}

func meanLoss(cases []Case, loss func(Case) float64) Estimate {
	var sum, squares float64
	for _, c := range cases {
		l := loss(c)
		sum, squares = sum+l, squares+l*l
	}
	n1 := positives(cases)
	mean, reach := sum/float64(len(cases)), z95*math.Sqrt(spread(sum, squares, len(cases)))
	return Estimate{Value: mean, Low: max(mean-reach, 0), High: mean + reach, N: len(cases), Positives: n1, TooFew: min(n1, len(cases)-n1) < MinEach}
}
