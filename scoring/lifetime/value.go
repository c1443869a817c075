package lifetime

import "math"

// Terms are how future money is counted.
type Terms struct {
	Periods  int     // how many periods ahead, e.g. 12
	Length   float64 // a period in the histories' unit of time, e.g. 365.25/12/7 weeks for a month
	Discount float64 // per period, e.g. 0.01; above -1
	Margin   float64 // the share of revenue that counts, 1 for revenue itself
}

// Value is the customer's lifetime value: the margin of the purchases expected in each period, discounted at that period's end.
func Value(b Buying, s Spending, h History, t Terms) float64 {
	sum, before := 0.0, 0.0
	for i := 1; i <= t.Periods; i++ {
		until := b.Purchases(h, float64(i)*t.Length)
		sum += (until - before) * math.Pow(1+t.Discount, -float64(i))
		before = until
	}
	return sum * s.Mean(h) * t.Margin
}
