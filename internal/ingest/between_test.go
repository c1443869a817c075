package ingest_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// interrupted is a store in which somebody else writes just before customers are stored together, when they are judged already.
type interrupted struct {
	*sqlite.Store
	meanwhile func()
}

func (s *interrupted) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	if do := s.meanwhile; do != nil {
		s.meanwhile = nil
		do()
	}
	return s.Store.PutCustomers(ctx, all)
}

// unmarked hides that a store is store.Marked.
type unmarked struct{ store.Store }

func TestWhatIsStoredWhileCustomersAreJudgedCounts(t *testing.T) {
	t.Parallel()
	for _, marked := range []bool{true, false} {
		m := newMill(t)
		between := &interrupted{Store: m.store, meanwhile: func() {
			m.apply(m.order("o1", "2", "5000")) // its customer is not there yet
			must(t, m.ApplyAll(t.Context(), "website", []connectors.Record{m.company("w", 100, "credit_code", "91350100M000100Y43"), m.company("v", 100)}))
		}}
		svc := ingest.New(between, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
		if !marked {
			svc = ingest.New(unmarked{between}, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
		}
		all := []connectors.Record{m.company("1", 100), m.company("2", 100), m.company("3", 100, "credit_code", "91350100M000100Y43")}
		must(t, svc.ApplyAll(t.Context(), "crm", all))
		if c := m.customer("2"); c.Stage != customer.Active {
			t.Errorf("marked %v: the order that came between is not seen: %s is %s", marked, c.ID, c.Stage)
		}
		if c := m.customer("3"); len(c.Records) != 2 {
			t.Errorf("marked %v: the twin that came between is not joined: %v", marked, c.Refs())
		}
	}
}
