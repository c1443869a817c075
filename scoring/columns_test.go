package scoring

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shapes has a rule for every way in which a rule can be compiled.
const shapes = `
name: shapes
dimensions:
  - id: numbers
    cap: 60
    rules:
      - {id: least, when: nps >= 3, add: 5.125}
      - {id: most, when: nps < 7, add: 1.5}
      - {id: span, when: headcount > 2 && headcount <= 9, add: 3}
      - {id: equal, when: trial_features == 3, add: -2}
      - {id: unequal, when: trial_features != 3, add: 2}
      - {id: pair, when: nps > 3 || headcount < 5, add: 4}
      - {id: mixed, when: 'industry == "制造业" && headcount > 5', add: 6}
      - {id: join, when: nps > 3 && headcount > 3 && visits_30d > 3, add: 7}
      - {id: negated, when: not (nps > 3 and headcount > 3 and visits_30d > 3), add: 2}
      - {id: nested, when: (nps > 3 || headcount > 3) && visits_30d > 3, add: 3}
      - {id: formula, when: order_amount_total / order_count_total > 2, add: 9}
      - {id: certain, when: "true", add: 1}
      - {id: never, when: "false", add: 50}
  - id: texts
    weight: 1.5
    rules:
      - {id: is, when: 'region == "华东"', add: 2}
      - {id: is-not, when: 'region != "华东"', add: 1}
      - {id: in, when: 'region in ["华东", "江苏", ""]', add: 3}
      - {id: not-in, when: 'region not in ["华东", "江苏"]', add: 0.5}
      - {id: contains, when: 'contact_role contains "总"', add: 3}
      - {id: both, when: 'contact_role contains "总" && nps > 2', add: 4}
      - {id: has, when: has(region), add: 1}
      - {id: has-not, when: not has(region), add: 2}
      - {id: has-or, when: 'not has(region) || region == "华东"', add: 2}
      - {id: two, when: region == province, add: 8}
    indicators:
      - {id: table, value: region, weight: 4, table: {华东: 1, 江苏: 0.5}, else: 0.25}
      - {id: choice, value: "has(region) ? region : province", weight: 4, match: contains, table: {华: 1, 江: 0.5}}
  - id: curves
    indicators:
      - {id: line, value: nps, weight: 10, linear: {from: 2, to: 6}}
      - {id: falling, value: headcount, weight: 10, linear: {from: 8, to: 0}}
      - {id: log, value: order_amount_total, weight: 9, log: {to: 1000000}}
      - {id: steps, value: visits_30d, steps: [{at_least: 1, points: 2}, {at_least: 5, points: 3.5}]}
      - {id: ratio, value: order_amount_total / order_count_total, weight: 5, linear: {to: 100}}
`

func TestAllWaysOfScoringGiveTheSameTotal(t *testing.T) {
	t.Parallel()
	models := []*Model{parse(t, shapes), parse(t, capped), defaultModel(t), benchModel(t)}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "rows")
		c := BuiltIn().NewColumns(n)
		all := make([]*Facts, n)
		for i := range all {
			all[i] = drawFacts(t)
			if rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
				all[i].SetText("region", strings.Repeat("华东", maxTextBytes), "", noon)
			}
			c.Set(i, all[i])
		}
		out := make([]int32, n)
		for _, m := range models {
			m.Totals(c, 0, noon.UnixMilli(), out)
			for i, f := range all {
				r := m.Score(f, noon)
				if single := m.Total(f, noon); single != r.Sum() || points(int64(out[i])) != r.Sum() {
					t.Fatalf("%s: sum of contributions %v, Total %v, Totals %v", m.Name(), r.Sum(), single, out[i])
				}
			}
		}
	})
}

func TestBlocksAreScoredFromAnyRowOn(t *testing.T) {
	t.Parallel()
	const n = 3*blockRows + 17
	_, all, _ := customers(n)
	c := BuiltIn().NewColumns(n)
	for i, f := range all {
		c.Set(i, f)
	}
	m := benchModel(t)
	for _, first := range []int{0, 1, blockRows - 1, 2*blockRows + 5} {
		out := make([]int32, n-first)
		m.Totals(c, first, noon.UnixMilli(), out)
		for i := range out {
			if want := m.Total(all[first+i], noon); points(int64(out[i])) != want {
				t.Fatalf("row %d: %v, want %v", first+i, out[i], want)
			}
		}
	}
}

func TestSettingARowAgainReplacesIt(t *testing.T) {
	t.Parallel()
	m := parse(t, shapes)
	c := BuiltIn().NewColumns(2)
	out := make([]int32, 2)
	for _, f := range []map[string]any{
		{"nps": 9, "region": "华东"}, {"region": strings.Repeat("长", 100)}, {}, {"headcount": 4, "region": "江苏"},
	} {
		facts := facts(t, f)
		c.Set(1, facts)
		m.Totals(c, 0, noon.UnixMilli(), out)
		if want := m.Total(facts, noon); points(int64(out[1])) != want {
			t.Errorf("%v: %v, want %v", f, out[1], want)
		}
		if want := m.Total(nil, noon); points(int64(out[0])) != want {
			t.Errorf("the empty row: %v, want %v", out[0], want)
		}
	}
}
