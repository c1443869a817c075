package dispatch_test

import (
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/ingest"
	"lingke/scoring"
)

// old takes in a lead that its source touched last so long ago.
func (w *world) old(id string, ago time.Duration) {
	w.t.Helper()
	must(w.t, w.ingest.Apply(w.t.Context(), "crm", connectors.Record{
		Kind: connectors.Customer, ID: id, ModifiedAt: w.Now().Add(-ago), Fields: map[string]string{"name": "公司" + id, "headcount": "800"},
	}))
}

// TestAFirstSyncDoesNotFillTheChats has leads arrive whose sources have told nothing of them for years: they wait in the pool without a card, and get one with the first
// thing that they do.
func TestAFirstSyncDoesNotFillTheChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	model, err := scoring.ParseModel("test.yaml", []byte(sizeModel+"      - {id: seen, name: 来访, when: 近30天访问次数 > 0, add: 10}\n"), scoring.BuiltIn())
	must(t, err)
	w.rules = &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points())}
	w.old("1", 8*24*time.Hour)
	c := w.settle("1")
	if c.Pool != "高价值线索" || len(w.deliveries(c, cards.KindLead)) != 0 {
		t.Fatalf("an old record is in pool %q with %d cards, want 高价值线索 and none", c.Pool, len(w.deliveries(c, cards.KindLead)))
	}
	w.Pass(time.Hour)
	must(t, w.ingest.Apply(t.Context(), "crm", connectors.Record{
		Kind: connectors.Activity, ID: "a1", Customer: "1", ModifiedAt: w.Now(), Fields: map[string]string{"type": "visit"},
	}))
	c = w.settle("1")
	if n := len(w.deliveries(c, cards.KindLead)); n == 0 {
		t.Errorf("a lead that came to see us has no card: %+v", c)
	}
}

// TestWhatWasShownStaysInStep lets a lead grow old on its card: the card is still changed when somebody claims it.
func TestWhatWasShownStaysInStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	w.Pass(30 * 24 * time.Hour)
	w.claim(c, "zhangwei")
	c = w.settle("1")
	for state := range w.states(c, cards.KindLead) {
		if state != "已被 张伟 领取" {
			t.Errorf("a card says %q", state)
		}
	}
	w.release(c, "zhangwei")
	c = w.settle("1")
	if w.states(c, cards.KindLead)["待领取"] == 0 {
		t.Error("who came back to the pool has no card")
	}
}

// TestManagersAreNotAskedWhoseAnOldLeadIs has a pool whose managers choose.
func TestManagersAreNotAskedWhoseAnOldLeadIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pools[0].Strategy = assign.ByManager
	w.old("1", 8*24*time.Hour)
	w.old("2", 6*24*time.Hour)
	if n := len(w.deliveries(w.settle("1"), cards.KindDecision)); n != 0 {
		t.Errorf("managers are asked on %d cards whose a lead of last week is", n)
	}
	if n := len(w.deliveries(w.settle("2"), cards.KindDecision)); n == 0 {
		t.Error("nobody is asked whose a lead of this week is")
	}
}
