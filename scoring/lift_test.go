package scoring

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const lifting = `
name: lifting
dimensions:
  - id: d
    rules:
      - {id: events, each: activities, of: [event], add: 10, most: 20}
    indicators:
      - {id: amount, value: 近一年消费额, weight: 60, linear: {to: 60000}}
      - {id: loyal, value: nps, weight: 40, linear: {to: 10}}
`

func TestLiftNamesTheLeastThatIsEnough(t *testing.T) {
	t.Parallel()
	m := parse(t, lifting)
	f := facts(t, map[string]any{"近一年消费额": 33000, "nps": 10})
	l, ok := m.Lift(f, noon, Points(), Policy{})
	if !ok || l.Tier != "A" || l.Gap != 7 {
		t.Fatalf("lift %+v, %v", l, ok)
	}
	if got, want := l.Sentence("zh"), "再消费 7,100 元或参加 1 次活动即可升至 A"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := l.Sentence("en"), "orders of ¥7,100 or 1 events would lift to A"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	banded, _ := m.Lift(f, noon, Points(), Policy{Entry: Band{Points: 4.9}})
	if banded.Ways[0].Amount != 12000 || banded.Ways[1].Amount != 2 {
		t.Errorf("with an entry band: %+v", banded)
	}
}

func TestLiftOfTheBestAndOfTheHopeless(t *testing.T) {
	t.Parallel()
	m := parse(t, lifting)
	if l, ok := m.Lift(facts(t, map[string]any{"近一年消费额": 60000, "nps": 10}), noon, Points(), Policy{}); ok {
		t.Errorf("the best customer is lifted: %+v", l)
	}
	only := parse(t, "name: m\ndimensions:\n  - id: d\n    indicators:\n      - {id: i, value: nps, weight: 100, linear: {to: 10}}\n")
	l, ok := only.Lift(facts(t, map[string]any{"nps": 4}), noon, Points(), Policy{})
	if !ok || len(l.Ways) != 0 || l.Sentence("zh") != "距 B 还差 10 分" {
		t.Errorf("lift %+v", l)
	}
}

func TestEveryWayOfALiftLeadsThere(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		was := m.Total(f, noon)
		l, ok := m.Lift(f, noon, Points(), Policy{})
		if !ok {
			return
		}
		for _, w := range l.Ways {
			if got := Points().index(w.Total, nil); got >= Points().index(was, nil) {
				t.Errorf("%+v leads from %v to %v", w, was, w.Total)
			}
		}
	})
}

func TestAnAdjustmentNeedsASignatureAReasonAnExpiryAndABound(t *testing.T) {
	t.Parallel()
	good := Adjustment{Points: 12, Reason: "董事长到访", By: "zhangwei", At: noon, Expires: noon.AddDate(0, 3, 0)}
	change := func(f func(a *Adjustment)) Adjustment { a := good; f(&a); return a }
	for _, c := range []struct {
		name string
		a    Adjustment
		want string
	}{
		{"all is there", good, ""},
		{"exactly the bound", change(func(a *Adjustment) { a.Points = -20 }), ""},
		{"20.1 %", change(func(a *Adjustment) { a.Points = 20.1 }), "adjustment of +20.1 is beyond the bound of ±20 (20 % of 100)"},
		{"−20.001 %", change(func(a *Adjustment) { a.Points = -20.001 }), "beyond the bound of ±20"},
		{"nobody", change(func(a *Adjustment) { a.By = " " }), "nobody signed"},
		{"no reason", change(func(a *Adjustment) { a.Reason = "" }), "needs a reason"},
		{"no expiry", change(func(a *Adjustment) { a.Expires = time.Time{} }), "expiry"},
		{"expired already", change(func(a *Adjustment) { a.Expires = noon }), "expiry"},
		{"nothing", change(func(a *Adjustment) { a.Points = 0 }), "no points"},
		{"too fine", change(func(a *Adjustment) { a.Points = 1.00005 }), "no points"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.a.Check(100, noon)
			var bound *BoundError
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("Check = %v, want %q", err, c.want)
			}
			if err != nil && !errors.Is(err, ErrAdjustment) && !errors.As(err, &bound) {
				t.Errorf("the error is of no kind: %v", err)
			}
		})
	}
}

func TestAnAdjustmentSurvivesRecomputationUntilItExpires(t *testing.T) {
	t.Parallel()
	m := parse(t, lifting)
	a := Adjustment{Points: 10, Reason: "董事长到访", By: "zhangwei", At: noon, Expires: noon.AddDate(0, 0, 7)}
	for _, c := range []struct {
		name   string
		amount float64
		later  time.Duration
		total  float64
		capped bool
		parts  int
	}{
		{"at once", 50000, 0, 60, false, 2},
		{"after a recomputation", 55000, 24 * time.Hour, 65, false, 2},
		{"cut to the bound of a smaller total", 20000, 24 * time.Hour, 24, true, 2},
		{"gone when it expires", 50000, 7 * 24 * time.Hour, 50, false, 1},
		{"not before it was made", 50000, -time.Hour, 50, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at := noon.Add(c.later)
			r := m.Adjust(m.Score(facts(t, map[string]any{"近一年消费额": c.amount}), at), a, at)
			last := r.Contributions[len(r.Contributions)-1]
			if r.Total != c.total || r.Sum() != c.total || len(r.Contributions) != c.parts || last.Capped != c.capped {
				t.Errorf("total %v, sum %v: %+v", r.Total, r.Sum(), r.Contributions)
			}
		})
	}
}
