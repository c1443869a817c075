package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// cut is a store that fails at a page, once something was done.
type cut struct {
	*sqlite.Store
	pages  atomic.Int64
	at     int64
	worked chan struct{}
}

var errCut = errors.New("cut off")

func (c *cut) Customers(ctx context.Context, q store.CustomerQuery) ([]customer.Customer, string, error) {
	if c.pages.Add(1) == c.at {
		<-c.worked
		return nil, "", errCut
	}
	return c.Store.Customers(ctx, q)
}

// many are n customers, in as few writes as possible.
func (m *mill) many(n int) {
	m.t.Helper()
	batch := make([]connectors.Record, n)
	for i := range batch {
		batch[i] = m.company(fmt.Sprint(i), i%1000)
	}
	m.apply(batch...)
}

// revisions adds up how often the customers were written.
func (m *mill) revisions() (sum int64) {
	m.t.Helper()
	must(m.t, m.store.EachCustomer(m.t.Context(), func(c customer.Customer) error {
		sum += c.Rev
		return nil
	}))
	return sum
}

func TestAPassThatWasCutOffIsGoneOnWith(t *testing.T) {
	t.Parallel()
	const n, page = 1100, 256
	for _, tt := range []struct {
		name   string
		before func(m *mill) // between the two passes
		whole  bool          // whether the second one begins anew
	}{
		{"goes on", func(*mill) {}, false},
		{"begins anew after half a day", func(m *mill) { m.pass(12*time.Hour + time.Millisecond) }, true},
		{"begins anew under other models", func(m *mill) { m.force.Models = newMillModels(m.t, "other") }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMill(t)
			m.many(n)
			broken := &cut{Store: m.store, at: 4, worked: make(chan struct{})}
			s := ingest.New(broken, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
			var once sync.Once
			first, err := s.RescoreAll(t.Context(), func(done int) {
				if done >= page { // pages that end together are told together
					once.Do(func() { close(broken.worked) })
				}
			})
			if !errors.Is(err, errCut) || first < page {
				t.Fatalf("%d done, %v", first, err)
			}
			tt.before(m)
			broken.at = 0
			broken.pages.Store(0)
			total, err := s.RescoreAll(t.Context(), nil)
			left := n - first
			if tt.whole {
				left = n
			}
			if got, want := broken.pages.Load(), int64((left+page-1)/page); err != nil || total != n || got != want {
				t.Errorf("%d done with %d pages, want %d with %d; %v", total, got, n, want, err)
			}
		})
	}
}

func TestAPassWritesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.many(400)
	before := m.revisions()
	_, err := m.RescoreAll(t.Context(), nil)
	must(t, err)
	if after := m.revisions(); after != before {
		t.Errorf("%d writes for nothing", after-before)
	}
	m.force.Models = newMillModels(t, "other")
	_, err = m.RescoreAll(t.Context(), nil)
	must(t, err)
	if after := m.revisions(); after != before+400 {
		t.Errorf("%d writes for 400 customers of another model", after-before)
	}
}

func TestACustomerThatCannotBeJudgedStopsNobody(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.many(300)
	m.force.Models = newMillModels(t, "other")
	broken := &refusing{Store: m.store, id: m.customer("7").ID}
	s := ingest.New(broken, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	if n, err := s.RescoreAll(t.Context(), nil); n != 300 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	old := 0
	must(t, m.store.EachCustomer(t.Context(), func(c customer.Customer) error {
		if c.Score.Model != m.force.Models[0].Version() {
			old++
		}
		return nil
	}))
	if old != 1 {
		t.Errorf("%d have their old score, want the one", old)
	}
}

// refusing is a store that does not take one customer.
type refusing struct {
	*sqlite.Store
	id string
}

var errRefused = errors.New("refused")

func (r *refusing) PutCustomer(ctx context.Context, c customer.Customer) error {
	if c.ID == r.id {
		return errRefused
	}
	return r.Store.PutCustomer(ctx, c)
}

func (r *refusing) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	for _, c := range all {
		if c.ID == r.id {
			return nil, errRefused
		}
	}
	return r.Store.PutCustomers(ctx, all)
}
