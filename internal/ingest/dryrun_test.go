package ingest_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"lingke/internal/ingest"
	"lingke/scoring"
)

// TestADryRunTellsEverybodyInOrder: pages are judged side by side, and told in the order of ids; whoever is told may stop it, and a page that cannot be read does.
func TestADryRunTellsEverybodyInOrder(t *testing.T) {
	t.Parallel()
	const n = 1300 // eight pages
	m := newMill(t)
	m.many(n)
	half, err := scoring.ParseModel("half.yaml", []byte(`{name: half, cap: 100, dimensions: [{id: profile, name: 画像, cap: 100, indicators: [
		{id: size, name: 人数, value: 员工人数, weight: 50, linear: {from: 0, to: 1000}}]}]}`), scoring.BuiltIn())
	must(t, err)
	rules := m.rules().WithCuts(ingest.Cuts{})
	rules.Models = scoring.Models{half}
	s := ingest.New(m.store, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	var told []string
	sum, err := s.DryRun(t.Context(), rules, func(m ingest.Move) error { told = append(told, m.Customer); return nil })
	if err != nil || sum.Customers != n || len(told) < n*9/10 || !slices.IsSorted(told) {
		t.Errorf("%d customers, %d told, in order %v: %v", sum.Customers, len(told), slices.IsSorted(told), err)
	}
	enough := errors.New("enough")
	calls := 0
	if _, err := s.DryRun(t.Context(), rules, func(ingest.Move) error { calls++; return enough }); !errors.Is(err, enough) || calls != 1 {
		t.Errorf("stopped: %d calls, %v", calls, err)
	}
	worked := make(chan struct{})
	close(worked)
	broken := ingest.New(&cut{Store: m.store, at: 4, worked: worked}, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	if _, err := broken.DryRun(t.Context(), rules, func(ingest.Move) error { return nil }); !errors.Is(err, errCut) {
		t.Errorf("a page that cannot be read: %v", err)
	}
}
