package risk

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// silence is one customer's between two purchases, as far as the trial sees it. Days count from the purchase that began it.
type silence struct {
	owner       int
	first, last float64   // on which the trial sees it
	most        []float64 // the greatest probability until each day from first to last
	final       bool
}

func (s silence) peak() float64 { return s.most[len(s.most)-1] }

// silences lists the spells that reach into the trial, the greatest probability first, and counts the customers who have any.
func (t Trial) silences(purchases [][]time.Time, m Rhythm) (all []silence, customers int) {
	zone := t.From.Location()
	from, to, end := float64(dayNumber(t.From, zone)), float64(dayNumber(t.To, zone)), float64(dayNumber(t.End, zone))
	for _, p := range purchases {
		days := purchaseDays(p, zone, end)
		before := len(all)
		for i, day := range days {
			next := math.Inf(1)
			if i+1 < len(days) {
				next = days[i+1]
			}
			s := silence{owner: customers, first: max(from-day, 0), last: min(next-1, to) - day, final: math.IsInf(next, 1)}
			if day <= to && s.last >= s.first && i >= t.MinRepeats {
				s.most = t.rise(m, gapsOf(days[:i+1]), s.first, s.last)
				all = append(all, s)
			}
		}
		if len(all) > before {
			customers++
		}
	}
	slices.SortStableFunc(all, func(a, b silence) int { return cmp.Compare(b.peak(), a.peak()) })
	return all, customers
}

func purchaseDays(purchases []time.Time, zone *time.Location, end float64) []float64 {
	var days []float64
	for _, p := range purchases {
		if d := float64(dayNumber(p, zone)); d <= end {
			days = append(days, d)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

func gapsOf(days []float64) []float64 {
	gaps := make([]float64, 0, len(days)-1)
	for i := 1; i < len(days); i++ {
		gaps = append(gaps, days[i]-days[i-1])
	}
	return gaps
}

// surely ranks a silence that alerts whatever its probability is.
const surely = 2

// rise is the greatest probability that the own side states by each day of a silence, 0 while the customer is not overdue.
func (t Trial) rise(m Rhythm, gaps []float64, first, last float64) []float64 {
	var out []float64
	p, most := m.of(gaps), 0.0
	for day := first; day <= last; day++ {
		switch {
		case t.Silent > 0 && day >= t.Silent:
			most = surely
		case p.stays(day) <= t.Own.Overdue:
			most = max(most, p.quiet(day, t.Own.Horizon))
		}
		out = append(out, most)
	}
	return out
}
