package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var raceCases = []testCase{
	{"200 claims of one customer at once give one owner", raceClaimOne},
	{"one person's 50 claims at once with an allowance of 20 give 20", raceClaimMany},
	{"one person's 30 claims at once with a holding of 10 give 10", raceClaimHolding},
	{"of simultaneous writes of the same Rev one is stored", racePut},
	{"simultaneous adds of one event give one new", raceEvents},
	{"no delivery and no event is leased to two", raceLeases},
	{"of simultaneous merges of overlapping customers the records stay together", raceRegroup},
	{"one due run is started by one", raceRuns},
	{"of simultaneous publications of one number one is stored", racePublish},
	{"of simultaneous swaps of one document each takes the place of another", raceSwap},
	{"of simultaneous lines of one number in the read log one is stored", raceReads},
	{"simultaneous readers leave one whole log", raceLog},
	{"wishes shown in any order at once end in the newest", raceShow},
	{"simultaneous draws on one budget never pass its limit", raceReserve},
}

// RunRaces checks that one writer wins where many write at once. A backend whose server has no atomic find-and-modify skips it.
func RunRaces(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range raceCases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) }) // one after the other: each wants the machine for itself
	}
}

// together runs fn(0)…fn(n-1) at the same moment and counts the outcomes: nil, and each kind of error. Any other error fails.
func together(t *testing.T, n int, fn func(i int) error, kinds ...error) (won int, lost map[error]int) {
	t.Helper()
	errs := make([]error, n)
	var gate, all sync.WaitGroup
	gate.Add(1)
	for i := range n {
		all.Go(func() { gate.Wait(); errs[i] = fn(i) })
	}
	gate.Done()
	all.Wait()
	lost = map[error]int{}
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		lost[kindOf(t, err, kinds)]++
	}
	return won, lost
}

func kindOf(t *testing.T, err error, kinds []error) error {
	t.Helper()
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return kind
		}
	}
	t.Fatalf("unexpected error: %v", err)
	return nil
}

func raceClaimOne(t *testing.T, s store.Store) {
	c := putLeads(t, s, 1)[0]
	person := func(i int) string { return fmt.Sprint("p", i) }
	won, lost := together(t, 200, func(i int) error {
		return s.Claim(t.Context(), owned(c, person(i)), allowance(person(i), 20, 20))
	}, store.ErrConflict)
	same(t, []int{won, lost[store.ErrConflict]}, []int{1, 199})
	spent := 0
	owner := load(t, s, c.ID).Owner
	for i := range 200 {
		d, h, err := s.Spent(t.Context(), person(i), "2026-03-02")
		must(t, err)
		if spent += d; (d == 1) != (owner == person(i)) || d != h {
			t.Fatalf("%s has spent %d and holds %d, the owner is %s", person(i), d, h, owner)
		}
	}
	same(t, spent, 1)
}

func raceClaimMany(t *testing.T, s store.Store) {
	c := putLeads(t, s, 50)
	won, lost := together(t, 50, func(i int) error {
		return s.Claim(t.Context(), owned(c[i], "lina"), allowance("lina", 20, 100))
	}, store.ErrDailySpent)
	same(t, []int{won, lost[store.ErrDailySpent]}, []int{20, 30})
	wantSpent(t, s, "lina", "2026-03-02", 20, 20)
	mine, _, err := s.Customers(t.Context(), store.CustomerQuery{Owner: "lina"})
	must(t, err)
	same(t, len(mine), 20)
}

func raceClaimHolding(t *testing.T, s store.Store) {
	c := putLeads(t, s, 30)
	won, lost := together(t, 30, func(i int) error {
		return s.Claim(t.Context(), owned(c[i], "lina"), allowance("lina", 100, 10))
	}, store.ErrHoldingFull)
	same(t, []int{won, lost[store.ErrHoldingFull]}, []int{10, 20})
	wantSpent(t, s, "lina", "2026-03-02", 10, 10)
}

func racePut(t *testing.T, s store.Store) {
	for round := range int64(5) {
		won, _ := together(t, 30, func(i int) error {
			c := lead("c1")
			c.Rev, c.Round = round, i
			return s.PutCustomer(t.Context(), c)
		}, store.ErrConflict)
		same(t, []int64{int64(won), load(t, s, "c1").Rev}, []int64{1, round + 1})
	}
}

func raceEvents(t *testing.T, s store.Store) {
	var added atomic.Int32
	together(t, 100, func(i int) error {
		isNew, err := s.AddEvent(t.Context(), sampleEvent(fmt.Sprint("e", i%10)))
		if isNew {
			added.Add(1)
		}
		return err
	})
	same(t, added.Load(), int32(10))
}

func raceLeases(t *testing.T, s store.Store) {
	const n = 120
	for i := range n {
		show(t, s, sampleDelivery(fmt.Sprintf("d%03d", i)))
		addEvent(t, s, fmt.Sprintf("e%03d", i), 0)
	}
	var mu sync.Mutex
	taken := map[string]int{}
	together(t, 16, func(i int) error {
		for {
			got, err := leaseBoth(t, s, fmt.Sprint("worker", i))
			if err != nil || len(got) == 0 {
				return err
			}
			mu.Lock()
			for _, id := range got {
				taken[id]++
			}
			mu.Unlock()
		}
	})
	same(t, len(taken), 2*n)
	for id, times := range taken {
		if times != 1 {
			t.Fatalf("%s was leased %d times", id, times)
		}
	}
}

func leaseBoth(t *testing.T, s store.Store, token string) ([]string, error) {
	d, err := s.LeaseDeliveries(t.Context(), wecom, noon, after(5), token, 7)
	if err != nil {
		return nil, err
	}
	e, err := s.LeaseEvents(t.Context(), noon, after(5), token, 7)
	return append(deliveryIDs(d), eventIDs(e)...), err
}

func raceRegroup(t *testing.T, s store.Store) {
	c := putLeads(t, s, 6)
	together(t, 5, func(i int) error { // i merges its right neighbour into itself
		return s.Regroup(t.Context(), []customer.Customer{merged(c[i], c[i+1])}, gone(c[i+1]))
	}, store.ErrConflict)
	for i := range c {
		found := ok(s.CustomersByKey(t.Context(), c[i].Refs(), nil))(t)
		if len(found) == 0 {
			t.Fatalf("no customer holds the record of %s any more", c[i].ID)
		}
		load(t, s, c[i].ID)
	}
}

func raceRuns(t *testing.T, s store.Store) {
	for round := range 5 {
		var started atomic.Int32
		together(t, 30, func(i int) error {
			took, err := s.StartRun(t.Context(), "sync", noon, after(round*10), after(round*10+10), fmt.Sprint("w", i))
			if took {
				started.Add(1)
			}
			return err
		})
		same(t, started.Load(), int32(1))
	}
}

func raceShow(t *testing.T, s store.Store) {
	var changed atomic.Int32
	together(t, 40, func(i int) error {
		did, err := s.Show(t.Context(), wish(int64(1+(i*17)%40), i))
		if did {
			changed.Add(1)
		}
		return err
	})
	got := loadDelivery(t, s, "d1")
	if got.Rev != 40 || changed.Load() < 1 || got.Due.Sub(noon) > 40*time.Minute {
		t.Fatalf("after 40 wishes: Rev %d, %d changes", got.Rev, changed.Load())
	}
}

// raceSwap counts in a document: every count is read and swapped, so none is lost.
func raceSwap(t *testing.T, s store.Store) {
	ctx := t.Context()
	const writers, each = 8, 10
	won, _ := together(t, writers, func(int) error {
		for done := 0; done < each; {
			old, err := s.Document(ctx, "count")
			if err != nil {
				return err
			}
			err = s.SwapDocument(ctx, "count", old, append(slices.Clone(old), 'x'))
			if err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
			if err == nil {
				done++
			}
		}
		return nil
	})
	same(t, won, writers)
	same(t, len(ok(s.Document(ctx, "count"))(t)), writers*each)
}
