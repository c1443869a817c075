package risk

import (
	"math"
	"slices"
	"time"
)

// Spell is a customer's purchase history as the rhythm sees it, in days.
type Spell struct {
	Gaps    []float64 // between consecutive days with a purchase, each above 0
	Silence float64   // from the last such day to the instant, at least 0
}

// Rhythm is a population's purchase rhythm; see the package comment for the formula. Times are days. All are above 0.
type Rhythm struct {
	Shape, R, Alpha, A, B float64
}

// SpellAt makes a spell of the purchases before and on the day of at, days being those of at's time zone. It returns false without any.
func SpellAt(purchases []time.Time, at time.Time) (Spell, bool) {
	end := dayNumber(at, at.Location())
	var days []int
	for _, p := range purchases {
		if d := dayNumber(p, at.Location()); d <= end {
			days = append(days, d)
		}
	}
	if len(days) == 0 {
		return Spell{}, false
	}
	slices.Sort(days)
	days = slices.Compact(days)
	s := Spell{Silence: float64(end - days[len(days)-1])}
	for i := 1; i < len(days); i++ {
		s.Gaps = append(s.Gaps, float64(days[i]-days[i-1]))
	}
	return s, true
}

// dayNumber counts calendar days, so that a day of 23 or 25 hours counts as one.
func dayNumber(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// person is one customer's rhythm: the population's with its own intervals added. What it computes from a silence costs the same
// however many intervals there are.
type person struct {
	Rhythm
	x, own float64
}

func (m Rhythm) of(gaps []float64) person {
	own := m.Alpha
	for _, g := range gaps {
		own += math.Pow(g, m.Shape)
	}
	return person{m, float64(len(gaps)), own}
}

func (p person) stays(silence float64) float64 {
	return math.Exp(-(p.R + p.x) * math.Log1p(math.Pow(silence, p.Shape)/p.own))
}

func (p person) stopped(silence float64) float64 { return p.A / (p.A + (p.B+p.x)*p.stays(silence)) }

func (p person) quiet(silence, days float64) float64 {
	c := p.B + p.x
	return (p.A + c*p.stays(silence+max(days, 0))) / (p.A + c*p.stays(silence))
}

// Stays is the probability that the customer, if it has not stopped, lets pass more time than it has by now.
func (m Rhythm) Stays(s Spell) float64 { return m.of(s.Gaps).stays(s.Silence) }

// Stopped is the probability that the customer has stopped buying for good.
func (m Rhythm) Stopped(s Spell) float64 { return m.of(s.Gaps).stopped(s.Silence) }

// Quiet is the probability that the customer will not buy in the next days either: it has stopped, or its rhythm lets it wait so long.
func (m Rhythm) Quiet(s Spell, days float64) float64 { return m.of(s.Gaps).quiet(s.Silence, days) }

// Usual is the customer's own median interval, in days, drawn towards the population's by the fewer intervals there are.
func (m Rhythm) Usual(gaps []float64) float64 {
	p := m.of(gaps)
	return math.Pow(p.own*math.Expm1(math.Ln2/(p.R+p.x)), 1/p.Shape)
}

// LogLikelihood of one customer's spell.
func (m Rhythm) LogLikelihood(s Spell) float64 {
	x, logs := float64(len(s.Gaps)), 0.0
	for _, g := range s.Gaps {
		logs += math.Log(g)
	}
	own := m.of(s.Gaps).own
	bought := m.logCount(x) + (m.Shape-1)*logs - (m.R+x)*math.Log(own)
	return bought + math.Log((m.A+(m.B+x)*m.Stays(s))/(m.A+m.B+x))
}

func lgamma(v float64) float64 {
	l, _ := math.Lgamma(v)
	return l
}
