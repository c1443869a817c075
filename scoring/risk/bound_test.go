package risk

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	"lingke/scoring/validate"
)

// TestNoRuleOnSilenceCouldDoMuchBetterOnCDNOW bounds what any method can win over 180 days of silence on one day: a length of silence for each
// number of purchases, chosen with the outcome known, and a regression learned from the very outcome that it is judged by. A sound method
// knows neither.
func TestNoRuleOnSilenceCouldDoMuchBetterOnCDNOW(t *testing.T) {
	t.Parallel()
	data := cdnow(t)
	for _, at := range []time.Time{date(1997, 9, 30), date(1997, 12, 31)} {
		all := standings(data, at, date(1998, 6, 30))
		stops := countFinal(all, len(all))
		for _, days := range []float64{90, 120, 180} {
			alerts, fixed := 0, 0
			for _, s := range all {
				if s.spell.Silence >= days {
					alerts++
					fixed += one(s.final)
				}
			}
			chosen, learned := bestLengths(all, alerts), learnedFromTheOutcome(t, all, alerts)
			t.Logf("%s, %v days: %d alerts, %d true; with lengths chosen afterwards %+d, learned from the outcome %+d, of %d stops",
				at.Format(time.DateOnly), days, alerts, fixed, chosen-fixed, learned-fixed, stops)
			if chosen < fixed {
				t.Errorf("the best lengths find %d, the rule is one of them and finds %d", chosen, fixed)
			}
			if days == 180 && (chosen-fixed > stops/100 || learned-fixed > stops/100) {
				t.Errorf("there is more to win than 1 %% of %d stops: %d, %d", stops, chosen-fixed, learned-fixed)
			}
		}
	}
}

// standing is a customer on one day, and whether its silence was the last.
type standing struct {
	spell Spell
	final bool
}

func standings(data [][]time.Time, at, end time.Time) (out []standing) {
	for _, purchases := range data {
		now, ok := SpellAt(purchases, at)
		if !ok {
			continue
		}
		later, _ := SpellAt(purchases, end)
		out = append(out, standing{now, len(later.Gaps) == len(now.Gaps)})
	}
	return out
}

func countFinal(all []standing, n int) (sum int) {
	for _, s := range all[:n] {
		sum += one(s.final)
	}
	return sum
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bestLengths is the most stops that any five lengths of silence find with so many alerts, one each for customers of 1, 2, 3, 4 and more
// purchases: a knapsack, whose parts are the lengths.
func bestLengths(all []standing, alerts int) int {
	const classes, longest = 5, 400
	var reach, stop [classes][longest + 1]int
	for _, s := range all {
		c := min(len(s.spell.Gaps), classes-1)
		for d := 0; d < longest && float64(d) <= s.spell.Silence; d++ {
			reach[c][d]++
			stop[c][d] += one(s.final)
		}
	}
	best := make([]int, alerts+1)
	for c := range classes {
		next := slices.Clone(best) // longer than anybody's: no alert
		for d := range longest {
			for n := reach[c][d]; n <= alerts; n++ {
				next[n] = max(next[n], best[n-reach[c][d]]+stop[c][d])
			}
		}
		best = next
	}
	return best[alerts]
}

// learnedFromTheOutcome is how many stops are among the first alerts by a logistic regression on what the day knows.
func learnedFromTheOutcome(t *testing.T, all []standing, alerts int) int {
	t.Helper()
	var rows [][]float64
	var final []bool
	for _, s := range all {
		x, silence, span := float64(len(s.spell.Gaps)), math.Log1p(s.spell.Silence), 0.0
		for _, g := range s.spell.Gaps {
			span += g
		}
		repeated := float64(min(len(s.spell.Gaps), 1))
		rows = append(rows, []float64{
			silence, silence * silence, math.Log1p(x), math.Log1p(x) * silence, math.Log1p(x) * math.Log1p(x), repeated, repeated * silence,
			math.Log1p(span / max(x, 1)), math.Log1p(span + s.spell.Silence),
		})
		final = append(final, s.final)
	}
	m, err := validate.FitLogistic(rows, final, 10)
	if err != nil {
		t.Fatal(err)
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Probability(rows[b]), m.Probability(rows[a])) })
	sum := 0
	for _, i := range order[:alerts] {
		sum += one(final[i])
	}
	return sum
}

// TestShippedAlertsBesideTheFixedRule takes both kinds at their shipped thresholds, as Assess does. Nothing that the rule finds is lost or comes
// later, so that it is bound to be more alerts: never later and as many is the rule itself.
func TestShippedAlertsBesideTheFixedRule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		data          [][]time.Time
		from, to, end time.Time
	}{
		{"CDNOW, half a year", cdnow(t), date(1997, 6, 30), date(1998, 1, 1), date(1998, 6, 30)},
		{"CDNOW, a season", cdnow(t), date(1997, 9, 30), date(1998, 1, 1), date(1998, 6, 30)},
		{"online retail, a season", onlineRetail(t), date(2011, 6, 10), date(2011, 9, 9), date(2011, 12, 9)},
	} {
		m, _, err := FitRhythm(spells(c.data, c.from), 0)
		if err != nil {
			t.Fatal(err)
		}
		r := DefaultRules()
		trial := Trial{From: c.from, To: c.to, End: c.end, Own: r.Own, Silent: float64(r.SilentDays)}
		all, _ := trial.silences(c.data, m)
		var rule, both struct{ alerts, stops int }
		ahead := 0.0
		for _, s := range all {
			byRule := s.last >= trial.Silent
			at, _ := slices.BinarySearch(s.most, r.Own.Probability)
			joined := at < len(s.most)
			if byRule && !joined {
				t.Fatalf("%s: a silence of %v days got no alert", c.name, s.last)
			}
			rule.alerts, rule.stops = rule.alerts+one(byRule), rule.stops+one(byRule && s.final)
			both.alerts, both.stops = both.alerts+one(joined), both.stops+one(joined && s.final)
			if byRule && s.final {
				ahead += max(trial.Silent, s.first) - s.first - float64(at)
			}
		}
		t.Logf("%s: the rule alone %d alerts, %d true; with the rhythm %d, %d true (%.0f %% of the further ones); the rule's true ones %.0f days earlier",
			c.name, rule.alerts, rule.stops, both.alerts, both.stops, 100*float64(both.stops-rule.stops)/float64(both.alerts-rule.alerts), ahead/float64(rule.stops))
		if both.stops <= rule.stops || ahead <= 0 {
			t.Errorf("%s: the rhythm adds nothing", c.name)
		}
	}
}
