package customer

import (
	"time"

	"lingke/scoring"
)

// deriveOrders sets the purchase facts; see scoring.Facts.SetPurchases. A customer without orders has 0 for sums and counts and no recency.
func deriveOrders(f *scoring.Facts, orders []Order, now time.Time) {
	told, known := f.Get("customer_since")
	purchases := make([]scoring.Purchase, 0, len(orders))
	for _, o := range orders {
		if !bought(o, now) {
			continue
		}
		p := scoring.Purchase{At: o.Date, Amount: o.Amount.Yuan(), Source: o.ID.Source()}
		if o.Product != "" {
			p.Products = []string{o.Product}
		}
		purchases = append(purchases, p)
	}
	f.SetPurchases(purchases, now)
	if first, _ := f.Get("customer_since"); known && !first.Time.Before(told.Time) && !told.Time.After(now) {
		f.SetTime("customer_since", told.Time, told.Source, told.At) // it knows of the relationship as long as the orders do, or longer
		f.SetNumber("relationship_days", wholeDays(told.Time, now), told.Source, told.At)
	}
}

// deriveMargin sets the margin of a year and its rate, where orders tell margins at all. The rate is over the orders that do.
func deriveMargin(f *scoring.Facts, orders []Order, now time.Time) {
	var margin, amount Money
	var last Order
	for _, o := range orders {
		if o.Margin == 0 || !bought(o, now) || !within(o.Date, now, 365) {
			continue
		}
		margin, amount = margin+o.Margin, amount+o.Amount
		if !o.Date.Before(last.Date) {
			last = o
		}
	}
	if last.Margin == 0 {
		return
	}
	f.SetNumber("margin_365d", margin.Yuan(), last.ID.Source(), last.Date)
	if amount > 0 {
		f.SetNumber("margin_rate", margin.Yuan()/amount.Yuan(), last.ID.Source(), last.Date)
	}
}

func wholeDays(from, to time.Time) float64 { return float64(int(to.Sub(from) / day)) }
