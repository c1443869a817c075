package scoring

import (
	"math"
	"slices"
	"time"
)

// Purchase is one order as far as facts follow from it.
type Purchase struct {
	At       time.Time
	Amount   float64 // yuan; counted in whole fen
	Products []string
	Source   string // the connector that told
}

// SetPurchases derives the facts of orders at an instant: sums and counts in windows of 30, 90, 180 and 365 days, the periods
// before, largest and average order, the customer's own rhythm, and the lists orders and products. Windows end at now and are
// exact: what was bought exactly 365 days ago is in, a millisecond earlier is in the year before. What lies after now is left
// out. Without purchases sums and counts are 0, and what needs one is missing. Fields that the schema lacks are left out.
//
// The rhythm is the median of the days between one day with orders and the next, and its spread the median of the distances from
// that median; both need two intervals. A change is this period over the one before, less 1; it needs a period before.
func (f *Facts) SetPurchases(all []Purchase, now time.Time) {
	past := slices.DeleteFunc(slices.Clone(all), func(p Purchase) bool { return p.At.After(now) })
	slices.SortStableFunc(past, func(a, b Purchase) int { return a.At.Compare(b.At) })
	p := purchases{f: f, all: past, now: now, source: "lingke"}
	if n := len(past); n > 0 {
		p.source, p.at = past[n-1].Source, past[n-1].At
	}
	p.windows()
	p.changes()
	if len(past) > 0 {
		p.sizes()
		p.history()
		p.rhythm()
	}
	p.lists()
}

type purchases struct {
	f      *Facts
	all    []Purchase // by time
	now    time.Time
	source string
	at     time.Time
}

func (p *purchases) set(name string, v float64) { p.f.SetNumber(name, v, p.source, p.at) }

// between sums up the purchases from so many days ago on, up to and without so many days ago; 0 includes now.
func (p *purchases) between(from, to int) (yuan, count, largest float64) {
	var fen int64
	start, end := p.now.Add(-time.Duration(from)*24*time.Hour), p.now.Add(-time.Duration(to)*24*time.Hour)
	for _, one := range p.all {
		if !one.At.Before(start) && (to == 0 || one.At.Before(end)) {
			fen += int64(math.Round(one.Amount * 100))
			count++
			largest = max(largest, one.Amount)
		}
	}
	return float64(fen) / 100, count, largest
}

const always = 200 * 365

func (p *purchases) windows() {
	for _, w := range []struct {
		days   int
		suffix string
	}{{30, "30d"}, {90, "90d"}, {180, "180d"}, {365, "365d"}, {always, "total"}} {
		yuan, count, _ := p.between(w.days, 0)
		p.set("order_amount_"+w.suffix, yuan)
		p.set("order_count_"+w.suffix, count)
	}
}

func (p *purchases) changes() {
	year, count, _ := p.between(365, 0)
	before, _, _ := p.between(730, 365)
	_, half, _ := p.between(180, 0)
	_, halfBefore, _ := p.between(360, 180)
	_, total, _ := p.between(always, 0)
	p.set("order_amount_prev_365d", before)
	p.set("order_count_prev_180d", halfBefore)
	if before > 0 {
		p.set("order_amount_change", year/before-1)
		p.set("growth_rate", year/before-1)
	}
	if halfBefore > 0 {
		p.set("order_count_change", half/halfBefore-1)
	}
	again := count
	if count == total { // the first purchase ever is no repurchase
		again = max(count-1, 0)
	}
	p.set("repurchase_count_365d", again)
	if count > 0 {
		p.set("repurchase_rate", again/count)
	}
}

func (p *purchases) sizes() {
	yuan, count, largest := p.between(always, 0)
	p.set("largest_order", largest)
	p.set("average_order", yuan/count)
	if _, n, ofYear := p.between(365, 0); n > 0 {
		p.set("largest_order_365d", ofYear)
	}
}

func (p *purchases) history() {
	first := p.all[0].At
	p.set("days_since_order", wholeDays(p.at, p.now))
	p.set("relationship_days", wholeDays(first, p.now))
	p.f.SetTime("customer_since", first, p.all[0].Source, first)
}

func wholeDays(from, to time.Time) float64 { return math.Floor(to.Sub(from).Hours() / 24) }

// rhythm counts days in China, so that several orders of one day are one.
func (p *purchases) rhythm() {
	var days []float64
	for _, one := range p.all {
		d := math.Floor(float64(one.At.In(china).Unix()+8*3600) / 86400)
		if len(days) == 0 || days[len(days)-1] != d {
			days = append(days, d)
		}
	}
	if len(days) < 3 {
		return
	}
	intervals := make([]float64, len(days)-1)
	for i := range intervals {
		intervals[i] = days[i+1] - days[i]
	}
	middle := median(intervals)
	for i := range intervals {
		intervals[i] = math.Abs(intervals[i] - middle)
	}
	p.set("order_interval_days", middle)
	p.set("order_interval_spread", median(intervals))
}

// median sorts the values, of which there must be some.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

func (p *purchases) lists() {
	events, products := make([]Event, 0, len(p.all)), []string{}
	for _, one := range p.all {
		events = append(events, Event{At: one.At, Type: "order", Amount: one.Amount})
		products = append(products, one.Products...)
	}
	p.f.SetEvents("orders", events, p.source, p.at)
	p.f.SetTexts("products", products, p.source, p.at)
}
