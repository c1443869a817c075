package risk

import (
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
	Silent        float64 // the own side alerts after so many days of silence too, as Assess does, at least Days; 0: by the rhythm alone
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
	Probability float64 // from which the own rhythm alerted, so that both give as many; above 1 where only Silent did
	Stops       int     // spells that were the last
	Fixed, Own  Range   // true alerts
	More        Range   // Own - Fixed: above 0 where the own rhythm is better
	FixedDelay  Range   // mean days from the last purchase to a true alert
	OwnDelay    Range
	Earlier     Range // mean days that the own rhythm is ahead where both were true; below 0 where it is later
	Both        int   // stops that both caught
}

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
	random := rand.New(rand.NewPCG(t.Seed, 0x2545f4914f6cdd1d)) //nolint:gosec // the same seed has to give the same interval
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
