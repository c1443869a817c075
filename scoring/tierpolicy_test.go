package scoring

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestPolicyHoldsATierUntilTheScoreMeansIt(t *testing.T) {
	t.Parallel()
	p := Policy{Entry: Band{Points: 2}, Exit: Band{Points: 3}, MinStay: 30 * 24 * time.Hour}
	long, short := noon.AddDate(0, -6, 0), noon.AddDate(0, 0, -5)
	for _, c := range []struct {
		name, was string
		since     time.Time
		total     float64
		big       bool
		tier      string
		why       Hold
	}{
		{"a new customer gets its tier at once", "", time.Time{}, 80.5, false, "A", ""},
		{"a tier that is gone is forgotten", "X", long, 60, false, "B", ""},
		{"exactly 80 is B", "", time.Time{}, 80, false, "B", ""},
		{"exactly 50 is C", "", time.Time{}, 50, false, "C", ""},
		{"just above the edge stays", "B", long, 81, false, "B", HoldBand},
		{"beyond the band rises", "B", long, 82.5, false, "A", ""},
		{"exactly on the band stays", "B", long, 82, false, "B", HoldBand},
		{"just below the edge stays", "A", long, 78, false, "A", HoldBand},
		{"below the band falls", "A", long, 77, false, "B", ""},
		{"a fall through two edges", "A", long, 20, false, "C", ""},
		{"a rise through two edges", "C", long, 90, false, "A", ""},
		{"a rise that only enters the middle", "C", long, 81, false, "B", HoldBand},
		{"the minimum stay holds a fall", "A", short, 20, false, "A", HoldStay},
		{"the minimum stay holds a rise", "C", short, 90, false, "C", HoldStay},
		{"a big event knows no stay", "C", short, 90, true, "A", ""},
		{"a big event knows no band", "B", short, 81, true, "A", ""},
		{"a big event without another tier changes nothing", "B", short, 60, true, "B", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := p.Next(Points(), TierState{Tier: c.was, Since: c.since}, c.total, noon, c.big)
			if got.Tier != c.tier || got.Why != c.why || (got.Waiting == "") != (c.why == "") {
				t.Errorf("state %+v, want tier %s, held by %q", got, c.tier, c.why)
			}
			if moved := c.was != got.Tier; moved != got.Since.Equal(noon) {
				t.Errorf("since %v", got.Since)
			}
		})
	}
}

func TestMoneyEdgesBelongToTheBetterTier(t *testing.T) {
	t.Parallel()
	for total, want := range map[float64]string{10000: "high", 9999.99: "medium", 5000: "medium", 4999.99: "low", 0: "low"} {
		if got := Money().Tier(total); got != want {
			t.Errorf("%v is %s, want %s", total, got, want)
		}
	}
}

// Scores of 10,000 customers waver by ±1 % a day for 30 days, and the ranks are renewed every night.
func TestNoiseMovesFewCustomers(t *testing.T) {
	t.Parallel()
	const n = 10000
	g := rand.New(rand.NewPCG(5, 6))
	base := make([]float64, n)
	for i := range base {
		base[i] = min(max(45+18*g.NormFloat64(), 1), 100)
	}
	steady, naive := make([]TierState, n), make([]string, n)
	moved, naiveMoved, size := map[int]bool{}, map[int]bool{}, 0
	policy := Steady()
	policy.MinStay = 0 // the bands alone must hold
	for d := range 31 {
		scores, h := make([]float64, n), NewHistogram()
		for i := range scores {
			scores[i] = points(thousandths(base[i] * (1 + 0.01*(2*g.Float64()-1))))
			h.AddTotal(scores[i])
		}
		s, err := h.Cuts("rank", Ranks(), "D", "")
		if err != nil {
			t.Fatal(err)
		}
		size = 0
		for i, score := range scores {
			next := policy.Next(s, steady[i], score, noon.AddDate(0, 0, d), false)
			if d > 0 {
				moved[i] = moved[i] || next.Tier != steady[i].Tier
				naiveMoved[i] = naiveMoved[i] || s.Tier(score) != naive[i]
			}
			steady[i], naive[i] = next, s.Tier(score)
			size += one(next.Tier == "A")
		}
	}
	count := func(m map[int]bool) (k int) {
		for _, v := range m {
			k += one(v)
		}
		return k
	}
	a, b := count(moved), count(naiveMoved)
	t.Logf("changed tier within 30 days: %.2f %% (by naive cuts %.2f %%); A has %d customers of 500", float64(a)/n*100, float64(b)/n*100, size)
	if a > n*2/100 || a*4 > b {
		t.Errorf("%d of %d customers moved, by naive cuts %d", a, n, b)
	}
}

func TestSchemesRunSideBySide(t *testing.T) {
	t.Parallel()
	all := Schemes{Leading: "points", All: []TierScheme{
		{Scheme: Points(), Policy: Steady()}, {Scheme: Money(), Policy: Steady(), By: "order_amount_365d"},
	}}
	states := all.Next(nil, facts(t, map[string]any{"order_amount_365d": 12000}), 40, noon, false)
	if states["points"].Tier != "C" || states["money"].Tier != "high" {
		t.Errorf("states %+v", states)
	}
	later := all.Next(states, facts(t, nil), 40, noon.AddDate(1, 0, 0), false)
	if later["money"] != states["money"] {
		t.Errorf("an unknown amount moved the customer to %+v", later["money"])
	}
	if lead, ok := all.Lead(); !ok || lead.Name != "points" {
		t.Errorf("leading: %+v", lead)
	}
}

func TestGridNamesTheCell(t *testing.T) {
	t.Parallel()
	g := Grid{
		Name: "fit×engagement", Rows: Axis{"fit", []float64{30, 15}}, Columns: Axis{"engagement", []float64{20}},
		Tiers: [][]string{{"A1", "A2"}, {"B1", "B2"}, {"C1", "C2"}},
	}
	if err := g.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fit, engagement float64
		want            string
	}{{30, 20, "A1"}, {29.999, 19.999, "B2"}, {0, 100, "C1"}} {
		r := Result{Dimensions: []DimensionScore{{ID: "fit", Points: c.fit}, {ID: "engagement", Points: c.engagement}}}
		if got := g.Tier(r); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
	if g.Tier(Result{}) != "C2" {
		t.Error("a result without dimensions is not in the last cell")
	}
	g.Tiers[1] = nil
	if g.Validate() == nil {
		t.Error("a row without tiers is valid")
	}
}
