package validate

import "math"

// Cuts are the values that part a population into fifths, rising.
type Cuts [4]float64

// QuintileCuts are the 20, 40, 60 and 80 % quantiles (R's type 7, linear between neighbours). NaN do not count; without any number the
// cuts are NaN and everybody is in the first fifth.
func QuintileCuts(values []float64) Cuts {
	v := known(values)
	var c Cuts
	for i := range c {
		c[i] = math.NaN()
		if len(v) > 0 {
			c[i] = quantile(v, float64(i+1)/5)
		}
	}
	return c
}

// Fifth is 1 to 5: one more than there are cuts below the value. Who lies on a cut is of the lower fifth.
func (c Cuts) Fifth(v float64) int {
	n := 1
	for _, cut := range c {
		if cut < v {
			n++
		}
	}
	return n
}

// Raised returns cuts for whole numbers as the R package rfm takes them: a value has to reach the quantile plus 1.
func (c Cuts) Raised() Cuts {
	for i := range c {
		c[i] = math.Nextafter(c[i]+1, math.Inf(-1))
	}
	return c
}

// RFMCuts are a population's cuts by recency in days, number of orders and amount.
type RFMCuts struct {
	Recency, Frequency, Monetary Cuts
}

// RFM is a customer's scores, 5 the best of each.
type RFM struct {
	Recency, Frequency, Monetary int
}

// Score gives recent customers the better score.
func (c RFMCuts) Score(recencyDays, orders, amount float64) RFM {
	return RFM{6 - c.Recency.Fifth(recencyDays), c.Frequency.Fifth(orders), c.Monetary.Fifth(amount)}
}

// Number writes the scores side by side: 543.
func (r RFM) Number() int { return 100*r.Recency + 10*r.Frequency + r.Monetary }
