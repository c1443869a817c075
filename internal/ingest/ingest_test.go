package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// mill is the real service over a real store.
type mill struct {
	*ingest.Service
	t     *testing.T
	store *sqlite.Store
	force *ingest.Rules // may be changed between calls
	at    time.Time
	woken atomic.Int64
	rules func() *ingest.Rules
}

// newMillModels is a model of that name: a tenth of the headcount, up to 100.
func newMillModels(t *testing.T, name string) scoring.Models {
	t.Helper()
	const text = `
cap: 100
dimensions:
  - {id: profile, name: 画像, cap: 100, indicators: [{id: size, name: 人数, value: 员工人数, weight: 100, linear: {from: 0, to: 1000}}]}
`
	model, err := scoring.ParseModel("test.yaml", []byte("name: "+name+text), scoring.BuiltIn())
	must(t, err)
	return scoring.Models{model}
}

func newMill(t *testing.T) *mill {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	when := func(text string) *scoring.Condition {
		c, err := scoring.ParseCondition(text, scoring.BuiltIn())
		must(t, err)
		return c
	}
	rules := &ingest.Rules{Models: newMillModels(t, "size"), Schemes: scoring.Alone(scoring.Points()), Pools: assign.Pools{
		{Name: "high", When: when("得分 > 80"), Strategy: assign.ByClaim},
		{Name: "middle", When: when("得分 > 50"), Strategy: assign.Rotate},
		{Name: "rest", When: when("true"), Strategy: assign.Hold},
	}}
	m := &mill{t: t, store: s, at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), force: rules}
	m.rules = func() *ingest.Rules { return m.force }
	m.Service = ingest.New(s, m.rules, func() time.Time { return m.at }, func(string) { m.woken.Add(1) }, slog.New(slog.DiscardHandler))
	return m
}

func (m *mill) company(id string, headcount int, fields ...string) connectors.Record {
	all := map[string]string{"name": "公司" + id, "headcount": fmt.Sprint(headcount)}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	return connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: m.at, Fields: all}
}

func (m *mill) order(id, of, amount string) connectors.Record {
	return connectors.Record{Kind: connectors.Order, ID: id, Customer: of, ModifiedAt: m.at, Fields: map[string]string{"amount": amount}}
}

func (m *mill) apply(records ...connectors.Record) {
	m.t.Helper()
	must(m.t, m.ApplyAll(m.t.Context(), "crm", records))
}

func (m *mill) customer(id string) customer.Customer {
	m.t.Helper()
	found, err := m.store.CustomersByKey(m.t.Context(), []customer.Ref{customer.NewRef("crm", id)}, nil)
	must(m.t, err)
	if len(found) != 1 {
		m.t.Fatalf("%d customers hold %s", len(found), id)
	}
	return found[0]
}

// carried forgets the effects, as the dispatcher does.
func (m *mill) carried(id string) {
	m.t.Helper()
	c := m.customer(id)
	var ids []string
	for _, e := range c.Effects {
		ids = append(ids, e.ID)
	}
	must(m.t, m.store.ClearEffects(m.t.Context(), c.ID, ids))
}

func kinds(c customer.Customer) []string {
	var out []string
	for _, e := range c.Effects {
		out = append(out, string(e.Kind))
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestARedeliveredRecordChangesNothing(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	batch := []connectors.Record{m.company("1", 900), m.order("o1", "1", "1250.50")}
	m.apply(batch...)
	want := m.customer("1")
	for range 3 {
		m.at = m.at.Add(time.Minute) // the clock goes on, the day stays
		m.apply(batch...)
	}
	if diff := cmp.Diff(want, m.customer("1")); diff != "" {
		t.Error(diff)
	}
}

func TestAnOrderBeforeItsCustomerCountsOnceBothAreThere(t *testing.T) {
	t.Parallel()
	for name, batches := range map[string]func(m *mill) [][]connectors.Record{
		"order first": func(m *mill) [][]connectors.Record {
			return [][]connectors.Record{{m.order("o1", "1", "5")}, {m.company("1", 900)}}
		},
		"customer first": func(m *mill) [][]connectors.Record {
			return [][]connectors.Record{{m.company("1", 900)}, {m.order("o1", "1", "5")}}
		},
		"together": func(m *mill) [][]connectors.Record {
			return [][]connectors.Record{{m.company("1", 900), m.order("o1", "1", "5")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMill(t)
			for _, batch := range batches(m) {
				m.apply(batch...)
			}
			if c := m.customer("1"); c.Stage != customer.Active || c.Pool != "" {
				t.Errorf("stage %s in pool %q", c.Stage, c.Pool)
			}
		})
	}
}

func TestABatchScoresACustomerOnce(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	batch := []connectors.Record{m.company("1", 900)}
	for i := range 20 {
		batch = append(batch, m.order(fmt.Sprint("o", i), "1", "5"))
	}
	m.apply(batch...)
	if c := m.customer("1"); c.Rev != 1 || m.woken.Load() > 1 {
		t.Errorf("%d writes, woken %d times", c.Rev, m.woken.Load())
	}
}

func TestEffectsFollowWhatChanged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before int
		after  []int // one record after the other
		owner  string
		pool   string
		want   []string
	}{
		{"a move between pools changes cards", 900, []int{10}, "", "rest", []string{"cards"}},
		{"a move to a pool that hands out does so", 900, []int{600}, "", "middle", []string{"cards", "hand_out"}},
		{"a score that hardly moves is not worth a card", 900, []int{910}, "", "high", nil},
		{"five points are", 900, []int{950}, "", "high", []string{"cards"}},
		{"in a pool without cards nothing is", 100, []int{300}, "", "rest", nil},
		{"an owned one stays where it is, and its owner is told of the tier", 900, []int{10}, "lina", "high", []string{"tier"}},
		{"an owner is not told of a score within the tier", 900, []int{905}, "lina", "high", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMill(t)
			m.apply(m.company("1", tt.before))
			m.carried("1")
			if tt.owner != "" {
				c := m.customer("1")
				c.Owner, c.OwnedAt = tt.owner, m.at
				must(t, m.store.PutCustomer(t.Context(), c))
			}
			for _, headcount := range tt.after {
				m.at = m.at.Add(time.Minute)
				m.apply(m.company("1", headcount))
			}
			c := m.customer("1")
			if diff := cmp.Diff(tt.want, kinds(c)); diff != "" || c.Pool != tt.pool {
				t.Errorf("pool %q, effects %s", c.Pool, diff)
			}
		})
	}
}

func TestAMergeBringsTheCardsOfBothInStep(t *testing.T) {
	t.Parallel()
	const code = "91110000600007156J"
	m := newMill(t)
	m.apply(m.company("1", 900, "credit_code", code), m.company("2", 900))
	m.carried("1")
	m.carried("2")
	m.at = m.at.Add(time.Minute)
	m.apply(m.company("2", 900, "credit_code", code))
	c := m.customer("1")
	if diff := cmp.Diff([]string{"merged", "cards"}, kinds(c)); diff != "" || len(c.Records) != 2 {
		t.Errorf("%d records, effects %s", len(c.Records), diff)
	}
}

func TestBadRecordsAreNamedAndGoodOnesKept(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	err := m.ApplyAll(t.Context(), "crm", []connectors.Record{m.order("o1", "1", "viel"), m.company("1", 900), {Kind: "thing", ID: "x"}})
	if !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), `"o1"`) || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("%v", err)
	}
	if c := m.customer("1"); c.Stage != customer.Lead {
		t.Errorf("%+v", c)
	}
}

func TestCheckNamesTheField(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	good := func() connectors.Record {
		return connectors.Record{Kind: connectors.Order, ID: "o1", Customer: "1", ModifiedAt: now, Fields: map[string]string{"amount": "12.50", "date": "2026-03-01", "status": "won"}}
	}
	if err := ingest.Check(good(), now); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(r *connectors.Record){
		"kind":        func(r *connectors.Record) { r.Kind = "" },
		"id":          func(r *connectors.Record) { r.ID = strings.Repeat("x", 201) },
		"customer":    func(r *connectors.Record) { r.Customer = "\x00" },
		"modified_at": func(r *connectors.Record) { r.ModifiedAt = now.Add(25 * time.Hour) },
		"fields": func(r *connectors.Record) {
			for i := range 201 {
				r.Fields[fmt.Sprint("f", i)] = ""
			}
		},
		"date: 9999-12-31": func(r *connectors.Record) { r.Fields["date"] = "9999-12-31" },
		"is larger than":   func(r *connectors.Record) { r.Fields["amount"] = "1000000000000.01" },
		"a.b":              func(r *connectors.Record) { r.Fields["a.b"] = "" },
		"text":             func(r *connectors.Record) { r.Fields["text"] = "\xff" },
		"amount":           func(r *connectors.Record) { r.Fields["amount"] = "1e9x" },
		"date":             func(r *connectors.Record) { r.Fields["date"] = "yesterday" },
		"status":           func(r *connectors.Record) { r.Fields["status"] = "maybe" },
	} {
		r := good()
		spoil(&r)
		if err := ingest.Check(r, now); !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// source emits its records and then ends as it says.
type source struct {
	records []connectors.Record
	next    connectors.Cursor
	err     error
}

func (s source) Pull(_ context.Context, _ connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	for _, r := range s.records {
		if err := emit(r); err != nil {
			return "", err
		}
	}
	return s.next, s.err
}

func TestPullRemembersHowFarItCameOnceAllIsStored(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	for _, tt := range []struct {
		name   string
		source func(m *mill) source
		full   bool
		report ingest.Report
		err    error
		cursor string
	}{
		{"all good", func(m *mill) source {
			return source{[]connectors.Record{m.company("1", 1), m.company("2", 1), m.order("o", "1", "5")}, "next", nil}
		}, false, ingest.Report{Records: 3}, nil, "next"},
		{"a bad one is skipped", func(m *mill) source {
			return source{[]connectors.Record{m.order("o", "1", "x"), m.company("1", 1)}, "next", nil}
		}, true, ingest.Report{Records: 1, Bad: 1}, nil, "next"},
		{"a source that fails midway says how far it came", func(m *mill) source {
			return source{[]connectors.Record{m.company("1", 1)}, "half", down}
		}, false, ingest.Report{Records: 1}, down, "half"},
		{"nothing new", func(*mill) source { return source{nil, "", nil} }, false, ingest.Report{}, nil, "before"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newMill(t)
			must(t, m.store.SetCursor(t.Context(), "crm", "before"))
			var told atomic.Int64
			report, err := ingest.NewPuller(m.Service, m.store, 4, slog.New(slog.DiscardHandler)).Pull(t.Context(), "crm", tt.source(m), tt.full, func(n int) { told.Store(int64(n)) })
			if report != tt.report || !errors.Is(err, tt.err) || int(told.Load()) != tt.report.Records {
				t.Errorf("%+v, %v, told %d", report, err, told.Load())
			}
			if cursor, _ := m.store.Cursor(t.Context(), "crm"); cursor != tt.cursor {
				t.Errorf("cursor %q, want %q", cursor, tt.cursor)
			}
		})
	}
}

func TestAPullThatCouldNotStoreEverythingKeepsItsCursor(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	rules := func() *ingest.Rules { panic("no rules") }
	broken := ingest.New(m.store, rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	from := source{[]connectors.Record{m.company("1", 1), m.company("2", 1)}, "next", nil}
	_, err := ingest.NewPuller(broken, m.store, 2, slog.New(slog.DiscardHandler)).Pull(t.Context(), "crm", from, false, nil)
	if err == nil || !strings.Contains(err.Error(), "panic: no rules") {
		t.Errorf("%v", err)
	}
	if cursor, _ := m.store.Cursor(t.Context(), "crm"); cursor != "" {
		t.Errorf("cursor %q", cursor)
	}
}
