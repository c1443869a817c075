package risk

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"

	"lingke/scoring/lifetime/likelihood"
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

// MinCustomers is the fewest that a rhythm is fitted to; below, only the fixed rules apply.
const MinCustomers = 20

// ErrTooFew is reported where there are not enough customers to fit a rhythm to, or none of them came again.
var ErrTooFew = errors.New("too few customers for a rhythm")

// ErrSpell is reported for a spell that nobody can have: a gap of 0, a silence below 0, NaN.
var ErrSpell = errors.New("impossible spell")

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

// logStays is the logarithm of the probability that an interval of this customer lasts longer than its silence.
func (m Rhythm) logStays(s Spell) float64 {
	own := m.own(s.Gaps)
	return -(m.R + float64(len(s.Gaps))) * math.Log1p(math.Pow(s.Silence, m.Shape)/own)
}

func (m Rhythm) own(gaps []float64) float64 {
	sum := m.Alpha
	for _, g := range gaps {
		sum += math.Pow(g, m.Shape)
	}
	return sum
}

// Stays is the probability that the customer, if it has not stopped, lets pass more time than it has by now.
func (m Rhythm) Stays(s Spell) float64 { return math.Exp(m.logStays(s)) }

// Stopped is the probability that the customer has stopped buying for good.
func (m Rhythm) Stopped(s Spell) float64 {
	return m.A / (m.A + (m.B+float64(len(s.Gaps)))*m.Stays(s))
}

// Quiet is the probability that the customer will not buy in the next days either: it has stopped, or its rhythm lets it wait so long.
func (m Rhythm) Quiet(s Spell, days float64) float64 {
	later := Spell{s.Gaps, s.Silence + max(days, 0)}
	c := m.B + float64(len(s.Gaps))
	return (m.A + c*m.Stays(later)) / (m.A + c*m.Stays(s))
}

// Usual is the customer's own median interval, in days, drawn towards the population's by the fewer intervals there are.
func (m Rhythm) Usual(gaps []float64) float64 { return m.interval(gaps, 0.5) }

// interval is the one that a share of the customer's intervals exceed.
func (m Rhythm) interval(gaps []float64, longer float64) float64 {
	return math.Pow(m.own(gaps)*math.Expm1(-math.Log(longer)/(m.R+float64(len(gaps)))), 1/m.Shape)
}

// LogLikelihood of one customer's spell.
func (m Rhythm) LogLikelihood(s Spell) float64 {
	x, logs := float64(len(s.Gaps)), 0.0
	for _, g := range s.Gaps {
		logs += math.Log(g)
	}
	own := m.own(s.Gaps)
	bought := mathext.Lbeta(m.A, m.B+x) - mathext.Lbeta(m.A, m.B) + lgamma(m.R+x) - lgamma(m.R) +
		x*math.Log(m.Shape) + (m.Shape-1)*logs + m.R*math.Log(m.Alpha) - (m.R+x)*math.Log(own)
	return bought + math.Log((m.A+(m.B+x)*m.Stays(s))/(m.A+m.B+x))
}

func lgamma(v float64) float64 {
	l, _ := math.Lgamma(v)
	return l
}

// Fit says how a rhythm was found.
type Fit struct {
	LogLikelihood float64
	Customers     int
	Border        []string // parameters that the data do not settle: with "a" or "b" the probability is no measure of risk
}

// FitRhythm fits a rhythm by maximum likelihood; shape above 0 holds the shape there, 0 fits it as well.
func FitRhythm(all []Spell, shape float64) (Rhythm, Fit, error) {
	unit, err := meanGap(all)
	if err != nil {
		return Rhythm{}, Fit{}, err
	}
	parameters := []likelihood.Parameter{
		{Name: "r", Start: 0.8, Low: 1e-4, High: 1e4}, {Name: "alpha", Start: 0.8, Low: 1e-6, High: 1e6},
		{Name: "a", Start: 0.8, Low: 1e-6, High: 1e3}, {Name: "b", Start: 2, Low: 1e-6, High: 1e3},
	}
	if shape <= 0 {
		parameters = append(parameters, likelihood.Parameter{Name: "shape", Start: 1.1, Low: 0.2, High: 20})
	}
	model := func(v []float64) Rhythm {
		k := shape
		if k <= 0 {
			k = v[4]
		}
		return Rhythm{Shape: k, R: v[0], Alpha: v[1] * math.Pow(unit, k), A: v[2], B: v[3]}
	}
	r, err := likelihood.Maximise(func(v []float64) float64 {
		m, sum := model(v), 0.0
		for _, s := range all {
			sum += m.LogLikelihood(s)
		}
		return sum
	}, parameters)
	if err != nil {
		return Rhythm{}, Fit{}, fmt.Errorf("rhythm: %w", err)
	}
	return model(r.Values), Fit{r.LogValue, len(all), r.Border}, nil
}

func meanGap(all []Spell) (float64, error) {
	if len(all) < MinCustomers {
		return 0, fmt.Errorf("%w: %d, at least %d needed", ErrTooFew, len(all), MinCustomers)
	}
	sum, n := 0.0, 0.0
	for i, s := range all {
		if !s.possible() {
			return 0, fmt.Errorf("spell %d: %w: %v", i, ErrSpell, s)
		}
		for _, g := range s.Gaps {
			sum, n = sum+g, n+1
		}
	}
	if n == 0 {
		return 0, fmt.Errorf("%w: nobody bought again", ErrTooFew)
	}
	return sum / n, nil
}

func (s Spell) possible() bool {
	wrong := func(g float64) bool { return !(g > 0 && g <= 1e6) }
	return s.Silence >= 0 && s.Silence <= 1e6 && !slices.ContainsFunc(s.Gaps, wrong)
}
