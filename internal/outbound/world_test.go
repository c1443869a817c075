package outbound_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/clocktest"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/outbound"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// world is taking in and telling out over a real store, with a clock that stands still.
type world struct {
	t       *testing.T
	store   *sqlite.Store
	ingest  *ingest.Service
	carrier *outbound.Carrier
	senders []*outbound.Sender
	systems map[string]*system

	mu sync.Mutex
	*clocktest.Clock
	token  int
	alerts []string
}

const sizeModel = `
name: size
cap: 100
dimensions:
  - id: profile
    name: 画像
    cap: 100
    rules:
      - {id: middle, name: 百人企业, when: 员工人数 > 100, add: 60}
      - {id: large, name: 六百人企业, when: 员工人数 > 600, add: 25}
`

func newWorld(t *testing.T, watch customer.Watch) *world {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	w := &world{t: t, store: s, Clock: clocktest.At(start), systems: make(map[string]*system)}
	model, err := scoring.ParseModel("test.yaml", []byte(sizeModel), scoring.BuiltIn())
	must(t, err)
	rules := &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points()), Watch: watch, Written: make(map[string]bool)}
	w.carrier = &outbound.Carrier{Posts: s, Hooks: make(map[string][]string), Sources: make(map[string]bool), Now: w.Now, Wake: func(string) {}}
	w.ingest = ingest.New(s, func() *ingest.Rules { return rules }, w.Now, func(string) {}, slog.New(slog.DiscardHandler))
	for _, name := range []string{"a", "b"} {
		rules.Written[name] = watch != customer.Watch{}
	}
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) add(name string, t outbound.Target) *outbound.Sender {
	s := &outbound.Sender{
		Name: name, Target: t, Posts: w.store, Now: w.Now, Log: slog.New(slog.DiscardHandler),
		Token: func() string {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.token++
			return fmt.Sprint("token", w.token)
		},
		Alert: func(_ context.Context, s *outbound.Sender, h outbound.Health) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.alerts = append(w.alerts, s.Name+" "+h.Why)
			return nil
		},
	}
	w.senders = append(w.senders, s)
	return s
}

// carry carries the announcements out and sends what is due.
func (w *world) carry() {
	w.t.Helper()
	pending, err := w.store.PendingCustomers(w.t.Context(), 100)
	must(w.t, err)
	for _, c := range pending {
		var done []string
		for _, e := range c.Effects {
			if e.Kind == customer.EffectAnnounce {
				must(w.t, w.carrier.Carry(w.t.Context(), c, e))
				must(w.t, w.carrier.Carry(w.t.Context(), c, e)) // a crash repeats it
			}
			done = append(done, e.ID)
		}
		must(w.t, w.store.ClearEffects(w.t.Context(), c.ID, done))
	}
	w.send()
}

func (w *world) send() {
	w.t.Helper()
	for _, s := range w.senders {
		for s.Round(w.t.Context()) {
		}
	}
}

func (w *world) customer(ref customer.Ref) customer.Customer {
	w.t.Helper()
	found, err := w.store.CustomersByKey(w.t.Context(), []customer.Ref{ref}, nil)
	must(w.t, err)
	if len(found) != 1 {
		w.t.Fatalf("%d customers have %s", len(found), ref)
	}
	return found[0]
}

func (w *world) posts(state outbound.State) []outbound.Post {
	w.t.Helper()
	page, _, err := w.store.Posts(w.t.Context(), outbound.Query{State: state, Limit: 1000})
	must(w.t, err)
	return page
}

// system is a source that tells its records whole whenever they changed, and takes fields back. What is written into it makes a new version.
type system struct {
	w       *world
	name    string
	takes   []string
	fail    error
	records map[string]*connectors.Record
	written []connectors.Change
}

func (w *world) system(name string, takes ...string) *system {
	s := &system{w: w, name: name, takes: takes, records: make(map[string]*connectors.Record)}
	w.systems[name], w.carrier.Sources[name] = s, true
	w.add(outbound.SourceTarget(name), &outbound.Source{Customers: w.store, Writer: s, Person: func(id string) string { return "员工" + id }, Now: w.Now, Conflict: store.ErrConflict})
	return s
}

func (s *system) Takes() []string { return s.takes }

func (s *system) WriteBack(_ context.Context, ch connectors.Change) error {
	if s.fail != nil {
		return s.fail
	}
	r, ok := s.records[ch.ID]
	if !ok {
		return errors.New("no such record")
	}
	s.written = append(s.written, ch)
	r.ModifiedAt = s.w.Now().Add(2 * time.Second) // its clock goes before ours
	return nil
}

// change changes a record and tells it.
func (s *system) change(id string, fields map[string]string) {
	s.w.t.Helper()
	s.w.Pass(time.Minute)
	s.records[id] = &connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: s.w.Now(), Fields: fields}
	s.tell()
}

// tell tells everything, as a pull with an overlap does.
func (s *system) tell() {
	s.w.t.Helper()
	var all []connectors.Record
	for _, r := range s.records {
		all = append(all, *r)
	}
	must(s.w.t, s.w.ingest.ApplyAll(s.w.t.Context(), s.name, all))
}
