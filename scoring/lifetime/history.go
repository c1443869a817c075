package lifetime

import (
	"slices"
	"time"
)

// Purchase is one order: when, and its amount in any one currency.
type Purchase struct {
	At     time.Time
	Amount float64
}

// History is all that the models need of a customer. The first purchase makes it a customer and is not a repeat purchase.
type History struct {
	Repeats int     // days with a purchase after the first such day
	Recency float64 // from the first purchase to the last, 0 without repeats
	Age     float64 // from the first purchase to the end of observation, at least Recency
	Spend   float64 // the mean amount of a repeat purchase, 0 without repeats
}

// Summarise makes a history, in weeks, of the purchases before and on the day of until. Several purchases on one day, in the time zone
// of until, are one whose amounts are added. It returns false without any purchase by then. The purchases' order does not matter.
func Summarise(purchases []Purchase, until time.Time) (History, bool) {
	end := dayNumber(until, until.Location())
	days := make(map[int]float64, len(purchases))
	var order []int
	for _, p := range purchases {
		day := dayNumber(p.At, until.Location())
		if day > end {
			continue
		}
		if _, seen := days[day]; !seen {
			order = append(order, day)
		}
		days[day] += p.Amount
	}
	if len(order) == 0 {
		return History{}, false
	}
	slices.Sort(order)
	first, last := order[0], order[len(order)-1]
	h := History{Repeats: len(order) - 1, Recency: float64(last-first) / 7, Age: float64(end-first) / 7}
	for _, day := range order[1:] {
		h.Spend += days[day] / float64(h.Repeats)
	}
	return h, true
}

// dayNumber counts calendar days, so that a day of 23 or 25 hours counts as one.
func dayNumber(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// possible reports whether h can be the history of anybody.
func (h History) possible() bool {
	finite := h.Recency >= 0 && h.Age >= h.Recency && h.Age <= 1e9 && h.Spend >= 0 && h.Spend <= 1e15
	return finite && h.Repeats >= 0 && (h.Repeats > 0 || h.Recency == 0)
}
