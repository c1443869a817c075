package scoring

import (
	"math"
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

// Scores of 10,000 customers waver by ±1 % a day for 30 days. Rank cuts are renewed every night; points and money stand.
func TestNoiseMovesFewCustomers(t *testing.T) {
	t.Parallel()
	bands := Steady()
	bands.MinStay = 0 // the bands alone must hold
	money := func(g *rand.Rand) float64 { return 4000 * math.Exp(g.NormFloat64()) }
	score := func(g *rand.Rand) float64 { return min(max(45+18*g.NormFloat64(), 1), 100) }
	for _, c := range []struct {
		name   string
		scheme TierScheme
		draw   func(*rand.Rand) float64
		walk   bool // each day's change stays
	}{
		{"ranks by bands alone", TierScheme{Scheme: Scheme{Name: "rank", Else: "D"}, Policy: bands, Ranks: Ranks()}, score, false},
		{"ranks as shipped", TierScheme{Scheme: Scheme{Name: "rank", Else: "D"}, Policy: Steady(), Ranks: Ranks()}, score, false},
		{"ranks as shipped, changes that add up", TierScheme{Scheme: Scheme{Name: "rank", Else: "D"}, Policy: Steady(), Ranks: Ranks()}, score, true},
		{"points by bands alone", TierScheme{Scheme: Points(), Policy: bands}, score, false},
		{"money by bands alone", TierScheme{Scheme: Money(), Policy: bands}, money, false},
	} {
		n := 4000
		if c.scheme.Ranks != nil && c.scheme.Policy.MinStay > 0 {
			n = 10000 // the whole claim; the others are variations
		}
		steady, naive, best := wavering(t, c.scheme, n, 30, c.draw, c.walk)
		t.Logf("%s: changed tier within 30 days: %.2f %% (by naive cuts %.2f %%); the best tier has %d customers", c.name, 100*float64(steady)/float64(n), 100*float64(naive)/float64(n), best)
		if steady > n*2/100 || steady*4 > naive {
			t.Errorf("%s: %d of %d customers moved, by naive cuts %d", c.name, steady, n, naive)
		}
	}
}

// wavering counts the customers that changed tier at least once, by the scheme's policy and without any, and who is in the best tier at last.
func wavering(t *testing.T, s TierScheme, customers, days int, draw func(*rand.Rand) float64, walk bool) (steady, naive, best int) {
	t.Helper()
	g := rand.New(rand.NewPCG(5, 6))
	base := make([]float64, customers)
	for i := range base {
		base[i] = draw(g)
	}
	states, moved := make([][2]TierState, customers), make([][2]bool, customers)
	for d := range days + 1 {
		scores, h := make([]float64, customers), NewHistogram()
		for i := range scores {
			v := base[i] * (1 + 0.01*(2*g.Float64()-1))
			if walk {
				base[i] = v
			}
			scores[i] = points(thousandths(v))
			h.AddTotal(scores[i])
		}
		today, err := s.Renew(h)
		if err != nil {
			t.Fatal(err)
		}
		best = 0
		for i, score := range scores {
			for k, p := range []Policy{s.Policy, {}} {
				next := p.Next(today.Scheme, states[i][k], score, noon.AddDate(0, 0, d), false)
				moved[i][k] = moved[i][k] || d > 0 && next.Tier != states[i][k].Tier
				states[i][k] = next
			}
			best += one(states[i][0].Tier == today.Tiers()[0])
		}
	}
	for _, m := range moved {
		steady, naive = steady+one(m[0]), naive+one(m[1])
	}
	return steady, naive, best
}

// In a small company every customer is an edge of its own, which moves with it, so that noise moves nobody; who overtakes another by far does move.
func TestOneAndFiveCustomersHoldStillUnderNoise(t *testing.T) {
	t.Parallel()
	s := TierScheme{Scheme: Scheme{Name: "rank", Else: "D"}, Policy: Steady(), Ranks: Ranks()}
	for _, n := range []int{1, 5} {
		next := 100.0
		steady, _, best := wavering(t, s, n, 30, func(*rand.Rand) float64 { next -= 15; return next }, false)
		if steady != 0 || best != 1 {
			t.Errorf("%d customers: %d moved, %d are the best", n, steady, best)
		}
	}
	states := map[string]TierState{}
	for d, scores := range [][]float64{{85, 70, 55, 40, 25}, {85, 70, 55, 40, 99}} {
		h := NewHistogram()
		for _, score := range scores {
			h.AddTotal(score)
		}
		today, err := s.Renew(h)
		if err != nil {
			t.Fatal(err)
		}
		for i, score := range scores {
			id := string(rune('a' + i))
			states[id] = s.Policy.Next(today.Scheme, states[id], score, noon.AddDate(0, 2*d, 0), false)
		}
	}
	if states["e"].Tier != "A" || states["a"].Tier == "A" {
		t.Errorf("the one that overtook all is %+v, the former best %+v", states["e"], states["a"])
	}
}

// Where scores lie closer together than the entry band is wide, a tier by rank must not stay empty: its better half enters. The band still holds: who is in
// stays in while the others waver around it.
func TestTiersOfCloseScoresDoNotStayEmpty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		scores []float64
		want   string
	}{
		{"two customers", []float64{60, 58}, "AC"},
		{"the best of them is at the cap", []float64{100, 99, 98, 97, 96}, "ACCDD"}, // the better half of C is in
		{"below 0", []float64{-10, -10.2}, "AC"},
		{"far apart", []float64{90, 60}, "AC"},
		{"the same", []float64{50, 50}, "AA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := TierScheme{Scheme: Scheme{Name: "rank", Else: "D"}, Policy: Steady(), Ranks: Ranks()}
			states, g := make([]TierState, len(c.scores)), rand.New(rand.NewPCG(5, 6))
			for i := range states {
				states[i] = TierState{Tier: "D", Since: noon} // as if they had come with too little to say
			}
			for d := range 120 {
				h, today := NewHistogram(), make([]float64, len(c.scores))
				for i, score := range c.scores {
					if today[i] = score; d > 40 {
						today[i] = score * (1 + 0.01*(2*g.Float64()-1))
					}
					h.AddTotal(today[i])
				}
				cuts, err := s.Renew(h)
				if err != nil {
					t.Fatal(err)
				}
				for i := range states {
					states[i] = s.Policy.Next(cuts.Scheme, states[i], today[i], noon.AddDate(0, 0, d), false)
				}
				if got := tiersOf(states); d == 40 && got != c.want {
					t.Errorf("after 40 quiet days %s, want %s", got, c.want)
				}
			}
			if states[0].Tier != "A" {
				t.Errorf("after 80 wavering days %s", tiersOf(states))
			}
		})
	}
}

func tiersOf(states []TierState) (out string) {
	for _, s := range states {
		out += s.Tier
	}
	return out
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
