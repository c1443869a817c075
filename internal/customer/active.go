package customer

import "time"

// LastActive is when a customer bought something or did something last, up to now; zero where it never did. What our own people note about it is no act of
// the customer.
func LastActive(orders []Order, activities []Activity, now time.Time) time.Time {
	var last time.Time
	for _, o := range orders {
		if o.Date.After(last) && !o.Date.After(now) {
			last = o.Date
		}
	}
	for _, a := range activities {
		if a.By == "" && a.At.After(last) && !a.At.After(now) {
			last = a.At
		}
	}
	return last
}
