package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store/sqlite"
)

// book is a source of numbered customers that tells its cursor, the number of the next one, after each page.
type book struct {
	m           *mill
	pages, page int
	emitted     atomic.Int64
}

func (b *book) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return b.PullAlong(ctx, since, emit, func(connectors.Cursor) error { return nil })
}

func (b *book) PullAlong(_ context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	n, _ := strconv.Atoi(string(since))
	for n < b.pages*b.page {
		for range b.page {
			b.emitted.Add(1)
			if err := emit(b.m.company(strconv.Itoa(n), 1)); err != nil {
				return "", err
			}
			n++
		}
		if err := reached(connectors.Cursor(strconv.Itoa(n))); err != nil {
			return "", err
		}
	}
	return connectors.Cursor(strconv.Itoa(n)), nil
}

// witness looks at every cursor that is remembered: all that was emitted before it has to be stored.
type witness struct {
	*sqlite.Store
	t     *testing.T
	marks atomic.Int64
	// failing is how many writes of customers may succeed; below 0 all.
	failing atomic.Int64
}

var errDisk = errors.New("disk full")

func (w *witness) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	if w.failing.Load() >= 0 && w.failing.Add(-1) < 0 {
		w.failing.Store(0)
		return nil, errDisk
	}
	return w.Store.PutCustomers(ctx, all)
}

func (w *witness) SetCursor(ctx context.Context, name, cursor string) error {
	n, err := strconv.Atoi(cursor)
	if err != nil {
		w.t.Errorf("cursor %q", cursor)
	}
	refs := make([]customer.Ref, n)
	for i := range refs {
		refs[i] = customer.NewRef(name, strconv.Itoa(i))
	}
	stored, err := w.CustomersByKey(ctx, refs, nil)
	if err != nil || len(stored) != n {
		w.t.Errorf("cursor %s is remembered with %d customers stored (%v)", cursor, len(stored), err)
	}
	w.marks.Add(1)
	return w.Store.SetCursor(ctx, name, cursor)
}

func TestACursorOnTheWayIsRememberedOnceAllBeforeItIsStored(t *testing.T) {
	t.Parallel()
	for _, page := range []int{1, 7, 600} {
		t.Run(fmt.Sprintf("pages of %d", page), func(t *testing.T) {
			t.Parallel()
			m := newMill(t)
			w := &witness{Store: m.store, t: t}
			w.failing.Store(-1)
			from := &book{m: m, pages: min(12, 1200/page), page: page}
			report, err := puller(m, w).Pull(t.Context(), "book", from, false, nil)
			if err != nil || report.Records != from.pages*page || int(w.marks.Load()) < from.pages {
				t.Errorf("%+v, %v, %d cursors", report, err, w.marks.Load())
			}
		})
	}
}

func TestAPullThatFailsInTheMiddleGoesOnFromThere(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	w := &witness{Store: m.store, t: t}
	from := &book{m: m, pages: 12, page: 30}
	w.failing.Store(5)
	if _, err := puller(m, w).Pull(t.Context(), "book", from, true, nil); !errors.Is(err, errDisk) {
		t.Fatalf("%v", err)
	}
	came, _ := w.Cursor(t.Context(), "book")
	done, _ := strconv.Atoi(came)
	if done == 0 || done > 5*30 {
		t.Errorf("remembered %q after 5 of 12 pages", came)
	}
	w.failing.Store(-1)
	from.emitted.Store(0)
	report, err := puller(m, w).Pull(t.Context(), "book", from, false, nil)
	if err != nil || report.Records != 360-done || int(from.emitted.Load()) != 360-done {
		t.Errorf("%+v, %v after %d were done; emitted %d", report, err, done, from.emitted.Load())
	}
	if _, err := m.store.CustomersByKey(t.Context(), []customer.Ref{"book/359"}, nil); err != nil {
		t.Error(err)
	}
}

func puller(m *mill, w *witness) *ingest.Puller {
	s := ingest.New(w, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	return ingest.NewPuller(s, w, 3, slog.New(slog.DiscardHandler))
}
