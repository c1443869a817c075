package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/inbox"
	"lingke/internal/store/sqlite"
)

func TestEndedLeasesAreTakenUpAtOnce(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	later := now.Add(time.Hour)
	if _, err := s.TakeEvent(ctx, inbox.Event{ID: "e", Source: "im", Received: now, State: inbox.Due, Due: now}, later, "dead"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Show(ctx, delivery.Delivery{ID: "d", Platform: "wecom", Text: "x", Rev: 1, State: delivery.Due, Due: now, Created: now}); err != nil {
		t.Fatal(err)
	}
	if leased, err := s.LeaseDeliveries(ctx, "wecom", now, later, "dead", 1); err != nil || len(leased) != 1 {
		t.Fatalf("leased %d, %v", len(leased), err)
	}
	if started, err := s.StartRun(ctx, "job", now, now, later, "dead"); err != nil || !started {
		t.Fatalf("started %v, %v", started, err)
	}
	if err := s.EndLeases(ctx); err != nil {
		t.Fatal(err)
	}
	if events, err := s.LeaseEvents(ctx, now, later, "next", 1); err != nil || len(events) != 1 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if deliveries, err := s.LeaseDeliveries(ctx, "wecom", now, later, "next", 1); err != nil || len(deliveries) != 1 {
		t.Errorf("%d deliveries, %v", len(deliveries), err)
	}
	if started, err := s.StartRun(ctx, "job", now, now, later, "next"); err != nil || !started {
		t.Errorf("run taken over: %v, %v", started, err)
	}
}
