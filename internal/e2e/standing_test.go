package e2e_test

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// rankRules score a customer by its revenue alone, a point for a million with three decimals, and tier by rank.
func rankRules(t *testing.T, policy scoring.Policy) *ingest.Rules {
	t.Helper()
	const text = `
name: revenue
cap: 100
dimensions:
  - {id: d, name: 规模, cap: 100, indicators: [{id: i, name: 年营收, value: 年营收, weight: 100, linear: {from: 0, to: 100000000}}]}
`
	schema, err := scoring.BuiltIn().Only("annual_revenue", "order_count_365d", "activity_count_365d")
	if err != nil {
		t.Fatal(err)
	}
	model, err := scoring.ParseModel("revenue.yaml", []byte(text), schema)
	if err != nil {
		t.Fatal(err)
	}
	when, err := scoring.ParseCondition("近一年订单数 > 0 or 近一年互动次数 > 0", schema)
	if err != nil {
		t.Fatal(err)
	}
	return &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Schemes{Leading: "rank", All: []scoring.TierScheme{{
		Scheme: scoring.Scheme{Name: "rank", Cuts: []scoring.Cut{{Tier: "A"}, {Tier: "B"}, {Tier: "C", When: when}}, Else: "D"},
		Policy: policy, Ranks: []scoring.RankCut{{Tier: "A", Top: 0.05}, {Tier: "B", Top: 0.2}},
	}}}}
}

// TestRankTiersOfThousandsWithTies takes customers in of whom 30 % share a score with others, and counts the tiers after the night: each as large as its
// share to one customer, but for a tie at its edge, of whom none is parted. Every score is the sum of its parts and replays from its stored facts.
func TestRankTiersOfThousandsWithTies(t *testing.T) {
	n := 10_000
	if underRace || testing.Short() {
		n = 1_000
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ranks.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	rules := rankRules(t, scoring.Steady())
	rules.Settle = 24 * time.Hour
	svc := ingest.New(s, func() *ingest.Rules { return rules }, func() time.Time { return orderStart }, func(string) {}, slog.New(slog.DiscardHandler))
	records := tiedRecords(n)
	for part := range slices.Chunk(records, 2_000) {
		if err := svc.ApplyAll(t.Context(), "crm", part); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := svc.RescoreAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	cuts, err := svc.Rank(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rules = rules.WithCuts(cuts)
	if _, err := svc.FollowCuts(t.Context(), cuts); err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	err = s.EachCustomer(t.Context(), func(c customer.Customer) error {
		sizes[c.Tier]++
		again := ingest.Replay(rules.Models[0], c)
		if math.Abs(c.Score.Sum()-c.Score.Total) > 0.01 || again.Total != c.Score.Total {
			return fmt.Errorf("%s: score %v, parts %v, again %v", c.Name, c.Score.Total, c.Score.Sum(), again.Total)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d customers, 30 %% of them tied: %v", n, sizes)
	for tier, want := range map[string]int{"A": n / 20, "B": n * 3 / 20, "C": n * 4 / 10, "D": n * 4 / 10} {
		if d := sizes[tier] - want; d < -1 || d > 1 {
			t.Errorf("%d in %s, want %d", sizes[tier], tier, want)
		}
	}
}

// tiedRecords are n customers: of each ten, three in a row have one score. Every second one behind the best fifth visited lately.
func tiedRecords(n int) []connectors.Record {
	var out []connectors.Record
	for i := range n {
		place := i
		if i%10 >= 5 && i%10 < 8 {
			place = i - i%10 + 5
		}
		id := fmt.Sprint(i)
		out = append(out, connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: orderStart, Fields: map[string]string{
			"name": "公司" + id, "annual_revenue": fmt.Sprint((n - place) * (90_000_000 / n)),
		}})
		if i%2 == 0 {
			out = append(out, connectors.Record{Kind: connectors.Activity, ID: id, Customer: id, ModifiedAt: orderStart, Fields: map[string]string{"type": "visit"}})
		}
	}
	return out
}

// TestNoiseMovesFewCustomers lets the scores of settled customers waver by 1 % for 30 days, with the ranks counted anew each night, and counts who ever
// changes its tier; beside the same without bands and minimum stay.
func TestNoiseMovesFewCustomers(t *testing.T) {
	n := 2_000
	if underRace || testing.Short() {
		n = 400
	}
	steady, naive := noisy(t, n, scoring.Steady()), noisy(t, n, scoring.Policy{})
	t.Logf("of %d customers %d (%.2f %%) changed tier within 30 days of ±1 %% noise; with naive cuts %d (%.2f %%)",
		n, steady, 100*float64(steady)/float64(n), naive, 100*float64(naive)/float64(n))
	if float64(steady) >= 0.02*float64(n) || naive < 5*max(steady, 1) {
		t.Errorf("%d of %d moved, %d with naive cuts", steady, n, naive)
	}
}

func noisy(t *testing.T, n int, policy scoring.Policy) (moved int) {
	t.Helper()
	rules := rankRules(t, policy)
	random := rand.New(rand.NewPCG(20260302, uint64(n)))
	all, revenue := make([]customer.Customer, n), make([]float64, n)
	for i := range all {
		revenue[i] = 50e6 + 30e6*random.Float64()
	}
	ever := make([]bool, n)
	for night := range 31 {
		now := orderStart.AddDate(0, 0, night)
		h := scoring.NewHistogram()
		for i, c := range all {
			told := revenue[i] * (1 + 0.01*(2*random.Float64()-1))
			if night == 0 {
				told = revenue[i]
			}
			c.ID = fmt.Sprint(i)
			c.Fields = map[string]customer.Field{"annual_revenue": {Value: fmt.Sprint(told), Source: "crm", At: now}}
			all[i] = judged(t, rules, c, now)
			ever[i] = ever[i] || night > 0 && all[i].Tier != c.Tier
			h.AddTotal(all[i].Score.Total)
		}
		counted, err := rules.Schemes.All[0].Renew(h)
		if err != nil {
			t.Fatal(err)
		}
		rules.Schemes.All[0] = counted
		if night > 0 {
			continue
		}
		for i, c := range all { // the tiers to start from, held for long
			c.Standing = customer.Standing{}
			all[i] = judged(t, rules, c, now.AddDate(-1, 0, 0))
		}
	}
	for _, is := range ever {
		if is {
			moved++
		}
	}
	return moved
}

func judged(t *testing.T, rules *ingest.Rules, c customer.Customer, now time.Time) customer.Customer {
	t.Helper()
	c, err := rules.Judge(c, nil, nil, now, "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
