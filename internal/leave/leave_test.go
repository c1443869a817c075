package leave_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lingke/internal/leave"
	"lingke/internal/store/sqlite"
)

var monday = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func days(from, to int) (time.Time, time.Time) {
	return monday.AddDate(0, 0, from), monday.AddDate(0, 0, to)
}

func entry(person string, from, to int) leave.Entry {
	e := leave.Entry{Person: person}
	e.From, e.To = days(from, to)
	return e
}

// replicas are two gateways' services over one store.
type replicas struct {
	t       *testing.T
	a, b    *leave.Service
	changed map[string]int
	now     time.Time
}

func newReplicas(t *testing.T) *replicas {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "leave.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := &replicas{t: t, changed: map[string]int{}, now: monday}
	clock := func() time.Time { return r.now }
	var mu sync.Mutex
	count := func(name string) func() {
		return func() { mu.Lock(); defer mu.Unlock(); r.changed[name]++ }
	}
	r.a, r.b = leave.New(s, clock, count("a")), leave.New(s, clock, count("b"))
	return r
}

func (r *replicas) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func TestLeaveIsKeptBySeveralGatewaysAtOnce(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	var all sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		on := r.a
		if i%2 == 1 {
			on = r.b
		}
		all.Go(func() { errs[i] = on.Add(t.Context(), entry(fmt.Sprint("p", i/2), i%2*5, i%2*5+2)) })
	}
	all.Wait()
	r.must(errors.Join(errs...))
	for name, on := range map[string]*leave.Service{"a": r.a, "b": r.b} {
		r.must(on.Refresh(t.Context()))
		if n := len(on.Entries("")); n != 40 || len(on.All()) != 20 || len(on.All()["p3"]) != 2 {
			t.Errorf("%s knows %d of 40, of %d people", name, n, len(on.All()))
		}
	}
}

func TestTheOtherGatewayFollowsWithItsNextLook(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	e := entry("lina", 0, 2)
	e.Why, e.Deputy = "年假", "zhangwei"
	r.must(r.a.Add(t.Context(), e))
	if r.changed["a"] != 1 || r.changed["b"] != 0 || len(r.b.All()) != 0 {
		t.Fatalf("%v, %v", r.changed, r.b.All())
	}
	r.must(r.b.Refresh(t.Context()))
	r.must(r.b.Refresh(t.Context())) // nothing is new
	if got := r.b.Entries("lina"); r.changed["b"] != 1 || len(got) != 1 || got[0].Why != "年假" || r.b.Deputy("lina", monday) != "zhangwei" {
		t.Errorf("%v, %+v", r.changed, got)
	}
	if d := r.b.Deputy("lina", monday.AddDate(0, 0, 2)); d != "" { // the first instant after it
		t.Errorf("the deputy after the leave is %q", d)
	}
	cut, err := r.b.Return(t.Context(), "lina", time.Time{}, time.Time{})
	r.must(err)
	r.must(r.a.Refresh(t.Context()))
	if len(cut) != 1 || len(r.a.Entries("lina")) != 0 || r.a.Deputy("lina", monday) != "" {
		t.Errorf("cut %+v, left %+v", cut, r.a.Entries("lina"))
	}
}

func TestReturningCutsWhatIsMeantOnly(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	for _, e := range []leave.Entry{entry("lina", -1, 2), entry("lina", 10, 12), entry("lina", 20, 22), entry("zhangwei", 10, 12)} {
		r.must(r.a.Add(t.Context(), e))
	}
	from, to := days(9, 15)
	cut, err := r.a.Return(t.Context(), "lina", from, to)
	r.must(err)
	if len(cut) != 1 || !cut[0].From.Equal(monday.AddDate(0, 0, 10)) || len(r.a.Entries("lina")) != 2 || len(r.a.Entries("zhangwei")) != 1 {
		t.Errorf("cut %+v, left %+v", cut, r.a.Entries(""))
	}
	cut, err = r.a.Return(t.Context(), "lina", time.Time{}, time.Time{})
	r.must(err)
	// What had begun stays on record up to now, for who asks why something waited.
	if past := r.a.All()["lina"]; len(cut) != 2 || len(past) != 1 || !past[0].To.Equal(monday) || len(r.a.Entries("lina")) != 0 {
		t.Errorf("cut %+v, on record %+v", cut, past)
	}
	if cut, err = r.a.Return(t.Context(), "nobody", time.Time{}, time.Time{}); err != nil || len(cut) != 0 {
		t.Errorf("%v %v", cut, err)
	}
}

func TestTheSameLeaveAgainChangesOnlyItsReasonAndDeputy(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	e := entry("lina", 1, 2)
	r.must(r.a.Add(t.Context(), e))
	r.must(r.a.Add(t.Context(), e))
	if r.changed["a"] != 1 {
		t.Errorf("changed %d times", r.changed["a"])
	}
	e.Why, e.Deputy = "体检", "zhangwei"
	r.must(r.a.Add(t.Context(), e))
	if got := r.a.Entries("lina"); len(got) != 1 || got[0].Why != "体检" || got[0].Deputy != "zhangwei" || r.changed["a"] != 2 {
		t.Errorf("%+v, changed %d times", got, r.changed["a"])
	}
}

func TestLeaveThatCannotBe(t *testing.T) {
	t.Parallel()
	own := entry("lina", 1, 2)
	own.Deputy = "lina"
	for _, tt := range []struct {
		name string
		e    leave.Entry
		want error
	}{
		{"ends before it begins", entry("lina", 2, 1), leave.ErrOrder},
		{"takes no time", entry("lina", 2, 2), leave.ErrOrder},
		{"is over", entry("lina", -3, -1), leave.ErrPast},
		{"ends this instant", entry("lina", -3, 0), leave.ErrPast},
		{"201 days", entry("lina", 0, 201), leave.ErrLong},
		{"200 days are fine", entry("lina", 0, 200), nil},
		{"begins in 367 days", entry("lina", 367, 368), leave.ErrLong},
		{"with oneself as deputy", own, leave.ErrDeputy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := newReplicas(t).a.Add(t.Context(), tt.e); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func TestWhatEndedLongAgoIsForgotten(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	r.must(r.a.Add(t.Context(), entry("lina", 0, 2)))
	r.now = monday.AddDate(0, 0, 2+399)
	r.must(r.a.Add(t.Context(), entry("zhangwei", 402, 403)))
	if len(r.a.All()["lina"]) != 1 {
		t.Error("forgotten after 399 days")
	}
	r.now = monday.AddDate(0, 0, 2+401)
	r.must(r.a.Add(t.Context(), entry("zhangwei", 410, 411)))
	if len(r.a.All()["lina"]) != 0 || len(r.a.All()["zhangwei"]) != 2 {
		t.Errorf("%+v", r.a.All())
	}
}
