package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var orderEvents = flag.Int("e2e.events", 0, "how many records and decisions the test of their order takes in; 10,000 (1,000 with -short, 300 with -race) where it is 0")

// TestTheSameRecordsInAnyOrderEndInTheSameCustomers takes the same records and people's decisions about them in three times, each time shuffled anew, with other repeats, one by one or
// many together, by sixteen workers at once, and compares everything that is stored but the effects, which depend on the way by nature. Tiers are compared, too: within
// the day that a new customer is given to settle they follow from the score alone, so that records and orders on their way to it may arrive in any
// order. After that a tier is meant to depend on when its score changed.
func TestTheSameRecordsInAnyOrderEndInTheSameCustomers(t *testing.T) {
	n := 10_000
	switch {
	case *orderEvents > 0:
		n = *orderEvents
	case underRace:
		n = 300
	case testing.Short():
		n = 1_000
	}
	all := newOrderWorld(20260302, n)
	var first orderState
	for round := range uint64(3) {
		got := orderRound(t, repeated(all, 0.3, round), []int{1, 20, 300}[round])
		t.Logf("order %d: %d customers, %d orders, %d activities; %d merged from several records", round, len(got.customers), got.orders, got.activities, got.merged)
		if round == 0 {
			first = got
			continue
		}
		compareStates(t, first, got)
	}
	if first.merged == 0 || first.orders == 0 || first.activities == 0 || n >= 1_000 && len(first.tiers) < 2 {
		t.Errorf("the records test too little: %+v", first.tiers)
	}
}

// orderRound takes the records in on a store of their own, so many together.
func orderRound(t *testing.T, records []toldRecord, together int) orderState {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "order.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	began := time.Now()
	rules := dataRules(t)
	svc := ingest.New(s, func() *ingest.Rules { return rules }, func() time.Time { return orderStart },
		func(id string) { clearEffects(t, s, id) }, slog.New(slog.DiscardHandler))
	applyAll(t, svc, bySource(records, together))
	clearPending(t, s)
	t.Logf("%d records in %.1f s", len(records), time.Since(began).Seconds())
	return readState(t, s)
}

// TestUndoneMergesLeaveNothingBehind has people merge customers at random and undo all of it, and compares everything that is stored with what was there before.
func TestUndoneMergesLeaveNothingBehind(t *testing.T) {
	n, merges := 2_000, 200
	if underRace || testing.Short() {
		n, merges = 300, 30
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "order.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	rules := dataRules(t)
	svc := ingest.New(s, func() *ingest.Rules { return rules }, func() time.Time { return orderStart },
		func(id string) { clearEffects(t, s, id) }, slog.New(slog.DiscardHandler))
	applyAll(t, svc, bySource(newOrderWorld(20260303, n), 100))
	clearPending(t, s)
	before := readState(t, s)

	rnd := rand.New(rand.NewPCG(3, 3))
	var undo []toldRecords
	for range merges {
		a, b := anyRef(t, s, before, rnd), anyRef(t, s, before, rnd)
		if len(pairDecisions(t, s, a, b)) > 0 || a == b {
			continue // undoing it would undo an earlier decision, too
		}
		if err := svc.Decide(t.Context(), customer.Decide(a, b, true, "wangfang", orderStart)); err != nil {
			t.Fatal(err)
		}
		undo = append(undo, toldRecords{decision: customer.Decide(a, b, false, "wangfang", orderStart.Add(time.Second))})
	}
	clearPending(t, s)
	merged := readState(t, s)
	rnd.Shuffle(len(undo), func(i, j int) { undo[i], undo[j] = undo[j], undo[i] })
	applyAll(t, svc, undo)
	clearPending(t, s)
	t.Logf("%d customers, %d after %d merges", len(before.customers), len(merged.customers), len(undo))
	if len(merged.customers) >= len(before.customers) {
		t.Error("nothing was merged")
	}
	compareStates(t, before, readState(t, s))
}

// anyRef is the first record of a customer of the state.
func anyRef(t *testing.T, s store.Store, o orderState, rnd *rand.Rand) customer.Ref {
	t.Helper()
	c, err := s.Customer(t.Context(), o.ids[rnd.IntN(len(o.ids))])
	if err != nil {
		t.Fatal(err)
	}
	return c.Refs()[0]
}

// pairDecisions are those about two records or, where a source joins them, their customers: parting those would be more than undoing.
func pairDecisions(t *testing.T, s store.Store, a, b customer.Ref) []customer.Decision {
	t.Helper()
	found, err := s.Decisions(t.Context(), []customer.Ref{a})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(d customer.Decision) bool { return d.A != b && d.B != b })
}

// toldRecords are records of one source that arrive together, or a decision of a person.
type toldRecords struct {
	source   string
	records  []connectors.Record
	decision customer.Decision
}

// bySource puts up to so many neighbouring records of each source together.
func bySource(all []toldRecord, together int) []toldRecords {
	var out []toldRecords
	open := map[string]int{}
	for _, r := range all {
		if r.decision.ID != "" {
			out = append(out, toldRecords{decision: r.decision})
			continue
		}
		i, ok := open[r.source]
		if !ok || len(out[i].records) >= together {
			i = len(out)
			out, open[r.source] = append(out, toldRecords{source: r.source}), i
		}
		out[i].records = append(out[i].records, r.Record)
	}
	return out
}

func applyAll(t *testing.T, svc *ingest.Service, all []toldRecords) {
	t.Helper()
	queue := make(chan toldRecords)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for part := range queue {
				if part.decision.ID != "" {
					if err := svc.Decide(t.Context(), part.decision); err != nil {
						t.Errorf("decision about %s and %s: %v", part.decision.A, part.decision.B, err)
					}
					continue
				}
				if err := svc.ApplyAll(t.Context(), part.source, part.records); err != nil {
					t.Errorf("%d records of %s: %v", len(part.records), part.source, err)
				}
			}
		})
	}
	for _, part := range all {
		queue <- part
	}
	close(queue)
	workers.Wait()
}

// clearEffects stands for a dispatcher that has carried everything out: it writes between the writes of taking in, as the real one does.
func clearEffects(t *testing.T, s store.Store, id string) {
	c, err := s.Customer(t.Context(), id)
	if err != nil {
		t.Error(err)
		return
	}
	var ids []string
	for _, e := range c.Effects {
		ids = append(ids, e.ID)
	}
	if err := s.ClearEffects(t.Context(), c.ID, ids); err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func clearPending(t *testing.T, s store.Store) {
	t.Helper()
	for {
		pending, err := s.PendingCustomers(t.Context(), 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(pending) == 0 {
			return
		}
		for _, c := range pending {
			clearEffects(t, s, c.ID)
		}
	}
}

// orderState is everything that follows from the records.
type orderState struct {
	ids                        []string
	customers                  map[string][]byte // as JSON
	history                    map[string][]byte // orders and activities of a customer, as JSON
	orders, activities, merged int
	tiers                      map[string]int
}

func readState(t *testing.T, s store.Store) orderState {
	t.Helper()
	out := orderState{customers: map[string][]byte{}, history: map[string][]byte{}, tiers: map[string]int{}}
	err := s.EachCustomer(t.Context(), func(c customer.Customer) error { return out.add(t.Context(), s, c) })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (o *orderState) add(ctx context.Context, s store.Store, c customer.Customer) error {
	if len(c.Effects) > 0 {
		return fmt.Errorf("%s still has effects", c.ID)
	}
	orders, err := s.Orders(ctx, c.Refs())
	if err != nil {
		return err
	}
	activities, err := s.Activities(ctx, c.Refs(), time.Time{})
	if err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	history, err := json.Marshal([]any{orders, activities})
	if err != nil {
		return err
	}
	o.ids = append(o.ids, c.ID)
	o.customers[c.ID], o.history[c.ID] = text, history
	o.orders, o.activities = o.orders+len(orders), o.activities+len(activities)
	o.tiers[c.Tier]++
	if len(c.Records) > 1 {
		o.merged++
	}
	return nil
}

// compareStates shows the first few differences.
func compareStates(t *testing.T, want, got orderState) {
	t.Helper()
	const most = 3
	shown := 0
	differ := func(format string, args ...any) {
		if shown++; shown <= most {
			t.Errorf(format, args...)
		}
	}
	for id, text := range want.customers {
		switch {
		case got.customers[id] == nil:
			differ("customer %s is missing; it was\n%s", id, text)
		case !bytes.Equal(text, got.customers[id]):
			differ("customer %s differs:\n%s\n%s", id, text, got.customers[id])
		case !bytes.Equal(want.history[id], got.history[id]):
			differ("orders and activities of %s differ:\n%s\n%s", id, want.history[id], got.history[id])
		}
	}
	for id, text := range got.customers {
		if want.customers[id] == nil {
			differ("customer %s is new:\n%s", id, text)
		}
	}
	if shown > most {
		t.Errorf("%d differences in all", shown)
	}
}

// dataRules are the shipped model, the schemes with fixed cuts as steady as they ship, with one pool for each strategy.
func dataRules(tb testing.TB) *ingest.Rules {
	tb.Helper()
	text, err := configs.FS.ReadFile("models/default.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	schema := scoring.BuiltIn()
	model, err := scoring.ParseModel("default.yaml", text, schema)
	if err != nil {
		tb.Fatal(err)
	}
	rules := &ingest.Rules{Models: scoring.Models{model}, Ranks: customer.Ranks{"kingdee", "website"}, Settle: 24 * time.Hour, Big: ingest.Big{Order: customer.FromYuan(100_000)}}
	rules.Schemes = scoring.Schemes{Leading: "points", All: []scoring.TierScheme{
		{Scheme: scoring.Points(), Policy: scoring.Steady()}, {Scheme: scoring.Money(), Policy: scoring.Steady(), By: "order_amount_365d"},
	}}
	for _, p := range []struct {
		name, when string
		strategy   assign.Strategy
	}{{"高价值线索", "得分 > 40", assign.ByClaim}, {"重点跟进池", "得分 > 20", assign.Rotate}, {"市场培育池", "true", assign.Hold}} {
		when, err := scoring.ParseCondition(p.when, schema)
		if err != nil {
			tb.Fatal(err)
		}
		rules.Pools = append(rules.Pools, assign.Pool{Name: p.name, When: when, Team: "高级销售", Strategy: p.strategy})
	}
	return rules
}
