package risk

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Trial says how alerts are compared with what happened. A spell of silence gives at most one alert of each kind, on the first
// day from From to To when its condition holds; one that holds already at From gives it at From. An alert is true if the customer
// did not buy again until End, which should lie well after To.
type Trial struct {
	From, To, End time.Time
	Days          float64 // the fixed rule: so many days of silence
	Own           Alert   // the own rhythm's; its Probability is found, so that both give as many alerts
	MinRepeats    int     // only spells after at least so many intervals; 0 for all
	Resamples     int     // of the bootstrap over customers; 400 if 0
	Level         float64 // of the intervals; 0.95 if 0
	Seed          uint64
}

// Range is a number with its interval.
type Range struct {
	Value, Low, High float64
}

// Comparison is the outcome: at the same number of alerts, how many true ones each kind gave, and how early.
type Comparison struct {
	Customers   int
	Alerts      int     // of the fixed rule
	OwnAlerts   int     // of the own rhythm: as many, or fewer where a tie would exceed it
	Probability float64 // from which the own rhythm alerted, so that both give as many
	Stops       int     // spells that were the last
	Fixed, Own  Range   // true alerts
	More        Range   // Own - Fixed: above 0 where the own rhythm is better
	FixedDelay  Range   // mean days from the last purchase to a true alert
	OwnDelay    Range
	Earlier     Range // mean days that the own rhythm is ahead where both were true; below 0 where it is later
	Both        int   // stops that both caught
}

// silence is one customer's between two purchases, as far as the trial sees it. Days count from the purchase that began it.
type silence struct {
	owner       int
	first, last float64   // on which the trial sees it
	most        []float64 // the greatest probability until each day from first to last
	final       bool
}

func (s silence) peak() float64 { return s.most[len(s.most)-1] }

// Compare compares the fixed rule with the own rhythm, which must have been fitted to what was known at From. Purchases are each
// customer's, in any order; days are those of From's time zone.
func Compare(purchases [][]time.Time, m Rhythm, t Trial) Comparison {
	if t.Resamples == 0 {
		t.Resamples = 400
	}
	if t.Level == 0 {
		t.Level = 0.95
	}
	all, customers := t.silences(purchases, m)
	weights := make([]int, customers)
	for i := range weights {
		weights[i] = 1
	}
	out := t.count(all, weights)
	out.Customers = customers
	random := rand.New(rand.NewPCG(t.Seed, 0x2545f4914f6cdd1d))
	var draws []Comparison
	for range t.Resamples {
		clear(weights)
		for range customers {
			weights[random.IntN(customers)]++
		}
		draws = append(draws, t.count(all, weights))
	}
	for _, pick := range []func(*Comparison) *Range{
		func(c *Comparison) *Range { return &c.Fixed }, func(c *Comparison) *Range { return &c.Own },
		func(c *Comparison) *Range { return &c.More }, func(c *Comparison) *Range { return &c.FixedDelay },
		func(c *Comparison) *Range { return &c.OwnDelay }, func(c *Comparison) *Range { return &c.Earlier },
	} {
		pick(&out).bound(draws, pick, t.Level)
	}
	return out
}

func (r *Range) bound(draws []Comparison, pick func(*Comparison) *Range, level float64) {
	var all []float64
	for i := range draws {
		if v := pick(&draws[i]).Value; !math.IsNaN(v) {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		r.Low, r.High = math.NaN(), math.NaN()
		return
	}
	slices.Sort(all)
	at := func(share float64) float64 { return all[int(math.Round(share*float64(len(all)-1)))] }
	r.Low, r.High = at((1-level)/2), at((1+level)/2)
}

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
				s.most = t.Own.rise(m, gapsOf(days[:i+1]), s.first, s.last)
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

// rise is the greatest probability that the alert states by each day of a silence, 0 while the customer is not overdue.
func (a Alert) rise(m Rhythm, gaps []float64, first, last float64) []float64 {
	var out []float64
	p, most := m.of(gaps), 0.0
	for day := first; day <= last; day++ {
		if p.stays(day) <= a.Overdue {
			most = max(most, p.quiet(day, a.Horizon))
		}
		out = append(out, most)
	}
	return out
}

// count gives both kinds as many alerts as the fixed rule gives, and counts the true ones. Each silence counts as often as its customer
// weighs.
func (t Trial) count(all []silence, weights []int) Comparison {
	c := Comparison{Probability: math.Inf(1)}
	for _, s := range all {
		if s.last >= t.Days {
			c.Alerts += weights[s.owner]
		}
		if s.final {
			c.Stops += weights[s.owner]
		}
	}
	for from := 0; from < len(all); {
		to, more := from, 0
		for ; to < len(all) && all[to].peak() == all[from].peak(); to++ {
			more += weights[all[to].owner]
		}
		if c.OwnAlerts+more > c.Alerts || all[from].peak() <= 0 {
			break // a tie at the edge: fewer alerts rather than more
		}
		c.OwnAlerts += more
		c.Probability, from = all[from].peak(), to
	}
	t.delays(all, weights, &c)
	return c
}

// delays counts the true alerts of both kinds and how long after the last purchase they came.
func (t Trial) delays(all []silence, weights []int, c *Comparison) {
	var fixed, own, ahead float64
	for _, s := range all {
		weight := float64(weights[s.owner])
		if !s.final || weight == 0 {
			continue
		}
		byRule, byRhythm := max(t.Days, s.first), math.NaN()
		if s.peak() >= c.Probability {
			at, _ := slices.BinarySearch(s.most, c.Probability)
			byRhythm = s.first + float64(at)
			c.Own.Value += weight
			own += weight * byRhythm
		}
		if s.last >= t.Days {
			c.Fixed.Value += weight
			fixed += weight * byRule
			if !math.IsNaN(byRhythm) {
				c.Both += weights[s.owner]
				ahead += weight * (byRule - byRhythm)
			}
		}
	}
	c.More.Value = c.Own.Value - c.Fixed.Value
	c.FixedDelay.Value, c.OwnDelay.Value = fixed/c.Fixed.Value, own/c.Own.Value
	c.Earlier.Value = ahead / float64(c.Both)
}
