package scoring

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func parse(t testing.TB, text string) *Model {
	t.Helper()
	m, err := ParseModel("m.yaml", []byte(text), BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// single is a model of one dimension with this indicator.
func single(indicator string) string {
	return "name: m\ndimensions:\n  - id: d\n    indicators:\n      - " + indicator + "\n"
}

func TestIndicatorsTurnValuesIntoPoints(t *testing.T) {
	t.Parallel()
	const (
		rising  = `{id: i, value: nps, weight: 10, linear: {from: 2, to: 6}}`
		falling = `{id: i, value: 距上次下单天数, weight: 10, linear: {from: 100, to: 0}}`
		logOf   = `{id: i, value: 累计消费额, weight: 12, log: {from: 1000, to: 1000000}}`
		logZero = `{id: i, value: visits_30d, weight: 10, log: {to: 99}}`
		steps   = `{id: i, value: trial_features, steps: [{at_least: 1, points: 2}, {at_least: 3, points: 5.5}]}`
		lookup  = `{id: i, value: region, weight: 8, table: {华东: 1, 华南: 0.5, North: 0.25}, else: 0.125}`
		within  = `{id: i, value: contact_role, weight: 8, match: contains, table: {副总: 0.5, 总经理: 1, vp: 0.75}}`
		minus   = `{id: i, value: complaints_90d, steps: [{at_least: 0, points: 3}, {at_least: 2, points: -1}]}`
		formula = `{id: i, value: order_amount_total / order_count_total, weight: 10, linear: {to: 1000}}`
	)
	for _, c := range []struct {
		name, indicator, field string
		value                  any
		points                 float64
	}{
		{"linear at from", rising, "nps", 2, 0}, {"linear below from", rising, "nps", -50, 0}, {"linear in between", rising, "nps", 3, 2.5},
		{"linear at to", rising, "nps", 6, 10}, {"linear beyond to", rising, "nps", 1e15, 10},
		{"falling at from", falling, "days_since_order", 100, 0}, {"falling half way", falling, "days_since_order", 50, 5},
		{"falling at to", falling, "days_since_order", 0, 10}, {"falling before from", falling, "days_since_order", 500, 0},
		{"log at from", logOf, "累计消费额", 1000, 0}, {"log below from", logOf, "累计消费额", 5, 0}, {"log of a tenfold", logOf, "累计消费额", 10000, 4},
		{"log at to", logOf, "累计消费额", 1000000, 12}, {"log beyond", logOf, "累计消费额", 1e300, 12}, {"log of less than nothing", logOf, "累计消费额", -5, 0},
		{"log from zero at zero", logZero, "visits_30d", 0, 0}, {"log from zero half way", logZero, "visits_30d", 9, 5}, {"log from zero at to", logZero, "visits_30d", 99, 10},
		{"below the first step", steps, "trial_features", 0.5, 0}, {"on the first step", steps, "trial_features", 1, 2},
		{"between steps", steps, "trial_features", 2, 2}, {"on the last step", steps, "trial_features", 3, 5.5}, {"above", steps, "trial_features", 99, 5.5},
		{"a text of the table", lookup, "region", "华南", 4}, {"another case", lookup, "region", "NORTH", 2}, {"any other text", lookup, "region", "华南东", 1},
		{"the first that occurs", within, "contact_role", "常务副总经理", 4}, {"the second", within, "contact_role", "总经理", 8},
		{"Latin in another case", within, "contact_role", "VP Sales", 6}, {"none occurs", within, "contact_role", "前台", 0},
		{"a step down", minus, "complaints_90d", 1, 3}, {"a step below nothing", minus, "complaints_90d", 2, 0},
		{"a missing operand", formula, "order_amount_total", 5000, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, f := parse(t, single(c.indicator)), facts(t, map[string]any{c.field: c.value})
			if got := m.Score(f, noon).Total; got != c.points {
				t.Errorf("%v brings %v, want %v", c.value, got, c.points)
			}
			if empty := m.Score(nil, noon); empty.Total != 0 || len(empty.Missing) != 1 || len(empty.Contributions) != 0 {
				t.Errorf("without data: %+v", empty)
			}
		})
	}
}

const capped = `
name: capped
cap: 50
dimensions:
  - id: first
    cap: 30
    rules:
      - {id: a, when: nps > 0, add: 20}
      - {id: minus, when: complaints_90d > 0, add: -5.5}
      - {id: b, when: nps > 1, add: 20}
  - id: second
    weight: 0.5
    rules:
      - {id: c, when: nps > 2, add: 60}
      - {id: worse, when: complaints_90d > 9, add: -400}
`

func TestCapsCutTheLastContributions(t *testing.T) {
	t.Parallel()
	m := parse(t, capped)
	for _, c := range []struct {
		name   string
		f      map[string]any
		total  float64
		points map[string]float64
	}{
		{"nothing is cut", map[string]any{"nps": 1}, 20, map[string]float64{"a": 20}},
		{"the dimension's cap cuts its last", map[string]any{"nps": 2}, 30, map[string]float64{"a": 20, "b": 10}},
		{"a deduction is made before the cap", map[string]any{"nps": 2, "complaints_90d": 1}, 30, map[string]float64{"a": 20, "minus": -5.5, "b": 15.5}},
		{"the total's cap cuts the last of all", map[string]any{"nps": 3}, 50, map[string]float64{"a": 20, "b": 10, "c": 20}},
		{"nobody falls below 0", map[string]any{"complaints_90d": 10}, 0, map[string]float64{"minus": 0, "worse": 0}},
		{"a deduction takes no more than there is", map[string]any{"nps": 1, "complaints_90d": 10}, 0, map[string]float64{"a": 20, "minus": -5.5, "worse": -14.5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := m.Score(facts(t, c.f), noon)
			got := map[string]float64{}
			for _, part := range r.Contributions {
				got[part.Rule] = part.Points
				if part.Capped != (part.Points != part.Raw) {
					t.Errorf("%s: capped %v, raw %v, points %v", part.Rule, part.Capped, part.Raw, part.Points)
				}
			}
			if r.Total != c.total || !cmp.Equal(got, c.points) {
				t.Errorf("total %v of %v, want %v of %v", r.Total, got, c.total, c.points)
			}
		})
	}
}

func TestContributionsAddUpToTheTotal(t *testing.T) {
	t.Parallel()
	models := []*Model{defaultModel(t), parse(t, capped)}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		for _, m := range models {
			r := m.Score(f, noon)
			var dimensions int64
			for _, d := range r.Dimensions {
				dimensions += thousandths(d.Points)
				if d.Cap > 0 && d.Points > d.Cap {
					t.Errorf("%s brings %v, more than its cap", d.ID, d.Points)
				}
			}
			if r.Sum() != r.Total || points(dimensions) != r.Total || m.Total(f, noon) != r.Total {
				t.Errorf("total %v, sum %v, dimensions %v, Total() %v", r.Total, r.Sum(), points(dimensions), m.Total(f, noon))
			}
			if r.Total < 0 || r.Total > points(m.cap) {
				t.Errorf("total %v is out of range", r.Total)
			}
		}
	})
}

func TestContributionsNameValueSourceAndTime(t *testing.T) {
	t.Parallel()
	f := facts(t, map[string]any{"行业": "制造业"})
	f.SetNumber("员工人数", 1200, "web", noon)
	r := defaultModel(t).Score(f, noon)
	first := r.Contributions[0]
	if first.Rule != "manufacturing-500" || first.Value != "1200" || first.Source != "kingdee+web" || !first.At.Equal(noon) || len(first.Evidence) != 2 {
		t.Errorf("contribution = %+v", first)
	}
	if r.Model != defaultModel(t).Version() || !r.At.Equal(noon) {
		t.Errorf("model %s at %v", r.Model, r.At)
	}
}

func TestResultsSurviveStorage(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	rapid.Check(t, func(t *rapid.T) {
		r := m.Score(drawFacts(t), noon)
		stored, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var back Result
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, back); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDaysSinceCountsFromTheInstantOfScoring(t *testing.T) {
	t.Parallel()
	text := "name: m\ndimensions: [{id: d, rules: [{id: r, when: days_since(签约日) >= 30, add: 5}]}]"
	m, err := ParseModel("m.yaml", []byte(text), custom(t))
	if err != nil {
		t.Fatal(err)
	}
	f := custom(t).NewFacts()
	f.SetTime("signed", noon.AddDate(0, 0, -30), "", noon)
	for at, want := range map[time.Time]float64{noon: 5, noon.Add(-time.Millisecond): 0, noon.AddDate(1, 0, 0): 5} {
		if got := m.Total(f, at); got != want {
			t.Errorf("at %v: %v, want %v", at, got, want)
		}
	}
}

func TestVersionFollowsWhatTheModelSays(t *testing.T) {
	t.Parallel()
	same := parse(t, capped)
	if got := same.Version(); !strings.HasPrefix(got, "capped@") || len(got) != len("capped@")+8 || same.Name() != "capped" {
		t.Fatalf("version %q", got)
	}
	for name, text := range map[string]string{
		"a comment":       "# a note\n" + capped,
		"Windows lines":   "\ufeff" + strings.ReplaceAll(capped, "\n", "\r\n"),
		"other key order": strings.Replace(capped, "name: capped\ncap: 50", "cap: 50.0\nname: 'capped'", 1),
	} {
		if got := parse(t, text).Version(); got != same.Version() {
			t.Errorf("%s changes the version to %s", name, got)
		}
	}
	for name, text := range map[string]string{
		"points": strings.Replace(capped, "add: 20", "add: 21", 1),
		"a rule": strings.Replace(capped, "nps > 2", "nps > 3", 1),
		"a cap":  strings.Replace(capped, "cap: 30", "cap: 31", 1),
	} {
		if parse(t, text).Version() == same.Version() {
			t.Errorf("%s keeps the version", name)
		}
	}
}
