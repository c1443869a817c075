package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/delivery/budget"
	"lingke/internal/store"
)

var budgetCases = []testCase{
	{"a budget grants what its limit leaves over all slots that count", testReserve},
	{"what is given back can be spent again", testGiveBack},
	{"several draws are granted in one call, each by itself", testReserveSeveral},
	{"what was spent is listed by key and slot, and forgotten", testDrawn},
}

func draw(key string, at, since, want, limit int) budget.Draw {
	return budget.Draw{Key: key, At: after(at), Since: after(since), Want: want, Max: limit}
}

func reserve(t *testing.T, s store.Store, all ...budget.Draw) []int {
	t.Helper()
	return ok(s.Reserve(t.Context(), all))(t)
}

func testReserve(t *testing.T, s store.Store) {
	same(t, reserve(t, s, draw("a", 0, -9, 6, 10)), []int{6})
	same(t, reserve(t, s, draw("a", 1, -8, 6, 10)), []int{4})
	same(t, reserve(t, s, draw("a", 1, -8, 1, 10)), []int{0})
	same(t, reserve(t, s, draw("a", 1, 1, 3, 10)), []int{3}) // of 6 that are left in this slot
	same(t, reserve(t, s, draw("a", 10, 1, 9, 10)), []int{3})
	same(t, reserve(t, s, draw("a", 11, 2, 20, 10)), []int{7}) // 3 of slot 10 count
	same(t, reserve(t, s, draw("a", 11, 2, 1, 5)), []int{0})   // a lower limit takes nothing back
}

func testGiveBack(t *testing.T, s store.Store) {
	same(t, reserve(t, s, draw("a", 0, 0, -3, 0)), []int{-3}) // of nothing
	same(t, reserve(t, s, draw("a", 0, 0, 10, 10)), []int{10})
	same(t, reserve(t, s, draw("a", 0, 0, -4, 0), draw("a", 0, 0, 9, 10)), []int{-4, 4})
	same(t, reserve(t, s, draw("a", 0, 0, -100, 0), draw("a", 0, 0, 11, 10)), []int{-100, 10})
}

func testReserveSeveral(t *testing.T, s store.Store) {
	same(t, reserve(t, s, draw("a", 0, 0, 2, 1), draw("b", 0, 0, 2, 2), draw("a", 0, 0, 1, 1), draw("c", 0, 0, 0, 5)), []int{1, 2, 0, 0})
	same(t, reserve(t, s), []int(nil))
}

func testDrawn(t *testing.T, s store.Store) {
	reserve(t, s, draw("p/b", 0, 0, 2, 9), draw("p/a", 1, 0, 3, 9), draw("p/a", 0, 0, 1, 9), draw("q", 0, 0, 5, 9), draw("p/old", -60, -60, 1, 9))
	want := []budget.Use{{Key: "p/a", At: after(0), Spent: 1}, {Key: "p/a", At: after(1), Spent: 3}, {Key: "p/b", At: after(0), Spent: 2}}
	same(t, ok(s.Drawn(t.Context(), "p/", after(0)))(t), want)
	same(t, ok(s.PurgeDrawn(t.Context(), after(-30)))(t), 1)
	same(t, ok(s.Drawn(t.Context(), "p/", after(-100)))(t), want)
	same(t, ok(s.PurgeDrawn(t.Context(), after(2)))(t) > 0, true)
	same(t, ok(s.Drawn(t.Context(), "", time.Time{}))(t), []budget.Use(nil))
}

// raceReserve: 40 draw on one budget at once, some of them in the next slot, and some give back what they had.
func raceReserve(t *testing.T, s store.Store) {
	var held atomic.Int64
	won, _ := together(t, 40, func(i int) error {
		for n := range 5 {
			granted, err := s.Reserve(t.Context(), []budget.Draw{draw("a", i%2, -9, 3, 100), draw(fmt.Sprint("own", i), 0, -9, 1, 100)})
			if err != nil {
				return err
			}
			if granted[1] != 1 {
				return fmt.Errorf("its own budget grants %d", granted[1])
			}
			held.Add(int64(granted[0]))
			if n == 2 && granted[0] > 0 {
				held.Add(-int64(granted[0]))
				if _, err := s.Reserve(t.Context(), []budget.Draw{draw("a", i%2, -9, -granted[0], 0)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	same(t, won, 40)
	spent := 0
	for _, u := range ok(s.Drawn(t.Context(), "a", after(-9)))(t) {
		spent += u.Spent
	}
	if int(held.Load()) != spent || spent > 100 || spent < 90 {
		t.Fatalf("%d are held, %d are spent, of 100", held.Load(), spent)
	}
}
