package scoring

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func daysAgo(days float64) time.Time { return noon.Add(-time.Duration(days * float64(24*time.Hour))) }

func withEvents(t testing.TB, events ...Event) *Facts {
	t.Helper()
	f := BuiltIn().NewFacts()
	if !f.SetEvents("activities", events, "web", noon) {
		t.Fatal("events refused")
	}
	return f
}

const overEvents = "name: m\ndimensions:\n  - id: d\n    rules:\n      - "

func TestRulesCountDatedEvents(t *testing.T) {
	t.Parallel()
	trial := func(days float64) Event { return Event{At: daysAgo(days), Type: "trial"} }
	visit := func(days float64) Event { return Event{At: daysAgo(days), Type: "visit"} }
	for _, c := range []struct {
		name, rule string
		events     []Event
		points     float64
	}{
		{"each counts", `{id: r, each: activities, add: 3}`, []Event{trial(1), visit(2), trial(3)}, 9},
		{"none", `{id: r, each: activities, add: 3}`, nil, 0},
		{"of one type", `{id: r, each: 互动记录, of: [trial], add: 3}`, []Event{trial(1), visit(2), trial(3)}, 6},
		{"inside the window, its edge included", `{id: r, each: activities, add: 3, within: 30}`, []Event{trial(30), trial(30.001)}, 3},
		{"once", `{id: r, each: activities, add: 3, once: true}`, []Event{trial(1), trial(2)}, 3},
		{"at most", `{id: r, each: activities, add: 3, most: 7}`, []Event{trial(1), trial(2), trial(3)}, 7},
		{"half after a half-life", `{id: r, each: activities, add: 8, half_life: 30}`, []Event{trial(0), trial(30), trial(60)}, 14},
		{"fading evenly", `{id: r, each: activities, add: 8, fade: 40}`, []Event{trial(0), trial(10), trial(40), trial(80)}, 14},
		{"what lies ahead does not count", `{id: r, each: activities, add: 8}`, []Event{trial(-1)}, 0},
		{"a condition narrows down", `{id: r, each: activities, when: nps > 5, add: 8}`, []Event{trial(1)}, 0},
		{"deductions are capped, too", "{id: r, each: activities, add: -8, most: 12}\n      - {id: base, when: 'true', add: 50}", []Event{trial(1), trial(2)}, 38},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, f := parse(t, overEvents+c.rule+"\n"), withEvents(t, c.events...)
			r := m.Score(f, noon)
			if r.Total != c.points || m.Total(f, noon) != c.points || r.Sum() != c.points {
				t.Errorf("total %v, Total() %v, sum %v, want %v", r.Total, m.Total(f, noon), r.Sum(), c.points)
			}
			columns, out := BuiltIn().NewColumns(1), make([]int32, 1)
			columns.Set(0, f)
			if m.Totals(columns, 0, noon.UnixMilli(), out); points(int64(out[0])) != c.points {
				t.Errorf("from columns %v, want %v", out[0], c.points)
			}
		})
	}
}

func TestARuleOverEventsExplainsItself(t *testing.T) {
	t.Parallel()
	m := parse(t, overEvents+"{id: r, each: activities, of: [trial], add: 8, within: 90, half_life: 30, most: 9}\n")
	r := m.Score(withEvents(t, Event{At: daysAgo(0), Type: "trial"}, Event{At: daysAgo(30), Type: "trial"}), noon)
	c := r.Contributions[0]
	if c.Points != 9 || c.Raw != 12 || c.Fresh != 16 || !c.Capped || c.Value != "2" {
		t.Errorf("contribution %+v", c)
	}
	want := "互动记录（trial，近 90 天，半衰期 30 天）：+9"
	if got := c.Sentence("zh"); !strings.HasPrefix(got, want) || !strings.Contains(got, "衰减前为 +16") {
		t.Errorf("sentence %q, want %q…", got, want)
	}
}

func TestHalvingIsAPowerOfTwo(t *testing.T) {
	t.Parallel()
	for x := 0.0; x < 40; x += 0.37 {
		if got, want := halving(x), math.Exp2(-x); math.Abs(got-want) > 1e-15*want*4 {
			t.Errorf("halving(%v) = %v, want %v", x, got, want)
		}
	}
	if halving(1e9) != 0 || halving(0) != 1 {
		t.Error("the ends are wrong")
	}
}

func TestListsOfTexts(t *testing.T) {
	t.Parallel()
	f := BuiltIn().NewFacts()
	f.SetTexts("tags", []string{"重点", "展会", "重点"}, "web", noon)
	for text, want := range map[string]bool{
		`"重点" in 标签`: true, `"甲" in tags`: false, `"甲" not in tags`: true, `len(tags) == 2`: true, `has(tags)`: true,
		`"x" in products`: false, `"x" not in products`: false, `len(products) >= 0`: false, `has(products)`: false,
	} {
		c, err := ParseCondition(text, BuiltIn())
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Match(f, 0, ""); got != want {
			t.Errorf("%s is %v", text, got)
		}
	}
	for _, text := range []string{`tags == products`, `tags == "a"`, `tags in ["a"]`, `1 in tags`, `"a" in region`, `len(region) > 1`, `len(1) > 2`, `true ? tags : tags`} {
		if _, err := ParseCondition(text, BuiltIn()); err == nil {
			t.Errorf("%s is allowed", text)
		}
	}
}

func TestListsSurviveBeingStored(t *testing.T) {
	t.Parallel()
	f := withEvents(t, Event{At: daysAgo(3), Type: "visit"}, Event{At: daysAgo(5), Type: "order", Amount: 12.5})
	f.SetTexts("tags", []string{"b", "a"}, "web", noon)
	stored, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := BuiltIn().DecodeFacts(stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"activities", "tags"} {
		a, _ := f.Get(name)
		b, _ := back.Get(name)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	if f.SetEvents("activities", []Event{{Amount: math.NaN()}}, "", noon) {
		t.Error("an amount that is no number was taken")
	}
}

func TestRanksFollowTheKeptDistribution(t *testing.T) {
	t.Parallel()
	m := parse(t, "name: m\ndimensions:\n  - id: d\n    indicators:\n"+
		"      - {id: amount, value: order_amount_365d, weight: 10, rank: high}\n      - {id: recency, value: days_since_order, weight: 8, quintile: low}\n")
	if got := m.Ranked(); !slices.Equal(got, []string{"amount", "recency"}) {
		t.Fatalf("ranked: %v", got)
	}
	f := facts(t, map[string]any{"order_amount_365d": 75, "days_since_order": 15})
	if r := m.Score(f, noon); r.Total != 0 || len(r.Missing) != 2 {
		t.Errorf("without distributions: %+v", r)
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(99 - i)
	}
	ranked, err := m.WithDistributions(map[string]Distribution{"amount": NewDistribution(hundred), "recency": NewDistribution(hundred)})
	if err != nil {
		t.Fatal(err)
	}
	if r := ranked.Score(f, noon); r.Total != 7.55+8 || r.Sum() != r.Total || ranked.Total(f, noon) != r.Total {
		t.Errorf("total %v", r.Total)
	}
	if ranked.Version() == m.Version() {
		t.Error("other distributions, but the same version")
	}
	if v, ok := m.Value("amount", f, noon.UnixMilli()); !ok || v != 75 {
		t.Errorf("value %v, %v", v, ok)
	}
	if _, err := m.WithDistributions(map[string]Distribution{"amount": {[]float64{2, 1}}}); err == nil {
		t.Error("knots that go down were taken")
	}
}

func TestDistributionsStayPreciseWhenTheyAreMany(t *testing.T) {
	t.Parallel()
	many := make([]float64, 100000)
	for i := range many {
		many[i] = float64(i)
	}
	d := NewDistribution(many)
	for _, x := range []float64{-1, 0, 19999, 50000, 99999, 1e9} {
		if got, want := d.Rank(x), min(max(x/100000, 0), 1); math.Abs(got-want) > 0.001 {
			t.Errorf("Rank(%v) = %v, want %v", x, got, want)
		}
	}
	for x, want := range map[float64]int{0: 1, 19999: 1, 20001: 2, 60001: 4, 99999: 5} {
		if got := d.Quintile(x); got != want {
			t.Errorf("Quintile(%v) = %d, want %d", x, got, want)
		}
	}
}

func TestAPilotLeadsWhereItsScopeHolds(t *testing.T) {
	t.Parallel()
	body := "\ndimensions:\n  - id: d\n    rules:\n      - {id: r, when: nps > 0, add: 5}\n"
	pilot, all := parse(t, "name: pilot\nscope: 地区 == \"华东\" && 产品线 == \"甲\""+body), parse(t, "name: all\nenough: has(nps)"+body)
	models := Models{pilot, all}
	in := facts(t, map[string]any{"地区": "华东", "产品线": "甲"})
	out := facts(t, map[string]any{"地区": "华东", "nps": 3})
	if models.Lead(in, noon) != pilot || models.Lead(out, noon) != all || models.Lead(nil, noon) != all {
		t.Error("another model leads")
	}
	if got := models.Score(in, noon); len(got) != 2 || got[0].Model != pilot.Version() || !got[1].TooLittle {
		t.Errorf("results %+v", got)
	}
	if got := models.Score(out, noon); len(got) != 1 || got[0].TooLittle || got[0].Total != 5 {
		t.Errorf("results %+v", got)
	}
}

func TestParseFieldsReadsOwnFields(t *testing.T) {
	t.Parallel()
	fields, err := ParseFields("f.yaml", []byte("fields:\n  - {id: dealer_level, name: 经销商级别, kind: text}\n  - {id: stores, name: 门店数, english: shops, kind: number, unit: 家, days: 30, from: profile}\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := BuiltIn().Extend(fields...)
	if err != nil {
		t.Fatal(err)
	}
	if f, _, ok := s.Lookup("门店数"); !ok || f.EN != "shops" || f.Kind != Number || f.Unit != "家" || f.Days != 30 {
		t.Errorf("field %+v", f)
	}
	_, err = ParseFields("f.yaml", []byte("fields:\n  - {id: nps, kind: number}\n  - {id: a b, kind: text}\n  - {id: x, kind: txt}\n  - {id: x, kind: text}\n  - {id: len, kind: flag}\n"))
	for _, want := range []string{`f.yaml:2:10: "nps" is already`, "f.yaml:3:10:", "f.yaml:4:19: kind must be one of", `f.yaml:5:10: "x" is already`, `f.yaml:6:10: "len" has a meaning`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseFields = %v, want %q", err, want)
		}
	}
}
