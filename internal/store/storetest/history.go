package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var historyCases = []testCase{
	{"an order comes back as it was", testOrderRoundTrip},
	{"an activity comes back as it was", testActivityRoundTrip},
	{"an older or the same version is not stored", testOrderVersions},
	{"any order of the same versions, with repeats, ends the same", testOrdersAnyOrder},
	{"any order of the same activities, with repeats, ends the same", testActivitiesAnyOrder},
	{"orders of several refs come by date and id, without the deleted", testOrdersSorted},
	{"activities come since an instant, by time and id, without the deleted", testActivitiesSince},
	{"an order that changes its customer leaves the former", testOrderMoves},
	{"many orders at once, with repeats in any order, end the same as one by one", testManyOrders},
	{"the orders of one source come by id, the deleted ones too, and may be written meanwhile", testEachOrder},
	{"many activities at once tell whose they were before", testManyActivities},
	{"a mark of history is another after any write, and stays where nothing is written", testHistoryMark},
}

func order(id, of string, date, modified time.Time) customer.Order {
	return customer.Order{
		ID: customer.NewRef("kingdee", id), Customer: customer.NewRef("kingdee", of), Amount: 12_500_000_001, Margin: -1, Date: date,
		Status: "won", Product: "数控机床 ®", Rep: "张伟", Opened: date.Add(-time.Hour), Reason: "价格\n太高", By: "zhangwei", ModifiedAt: modified,
	}
}

func activity(id, of string, at, modified time.Time) customer.Activity {
	return customer.Activity{
		ID: customer.NewRef("website", id), Customer: customer.NewRef("kingdee", of), Type: "visit", Text: "现场拜访\n意向强 👍", By: "lina",
		At: at, ModifiedAt: modified,
	}
}

var kingdee1 = []customer.Ref{"kingdee/1"}

func testOrderRoundTrip(t *testing.T, s store.Store) {
	o := order("o1", "1", noon, after(1))
	same(t, ok(s.PutOrder(t.Context(), o))(t), true)
	got := ok(s.Orders(t.Context(), kingdee1))(t)
	same(t, got, []customer.Order{o})
	same(t, got[0].Version(), o.Version())
}

func testActivityRoundTrip(t *testing.T, s store.Store) {
	a := activity("a1", "1", noon, after(1))
	same(t, ok(s.PutActivity(t.Context(), a))(t), true)
	got := ok(s.Activities(t.Context(), kingdee1, time.Time{}))(t)
	same(t, got, []customer.Activity{a})
	same(t, got[0].Version(), a.Version())
}

func testOrderVersions(t *testing.T, s store.Store) {
	newer, older := order("o1", "1", noon, after(2)), order("o1", "1", noon, after(1))
	older.Status = "open"
	for _, step := range []struct {
		o      customer.Order
		stored bool
	}{{newer, true}, {older, false}, {newer, false}} {
		same(t, ok(s.PutOrder(t.Context(), step.o))(t), step.stored)
		same(t, ok(s.Orders(t.Context(), kingdee1))(t), []customer.Order{newer})
	}
}

// versions are six versions of an order: three times, and at each time two contents; the last by time is deleted.
func versions(id string) []customer.Order {
	var all []customer.Order
	for i := range 3 {
		for j := range 2 {
			o := order(id, "1", after(j), after(i))
			o.Status, o.Deleted = fmt.Sprint("state ", i, j), id == "deleted" && i == 2
			all = append(all, o)
		}
	}
	return all
}

func newest[T interface{ Version() string }](all []T) T {
	best := all[0]
	for _, v := range all {
		if v.Version() > best.Version() {
			best = v
		}
	}
	return best
}

// shuffled gives each element twice, in an order of the seed's.
func shuffled[T any](all []T, seed uint64) []T {
	list := append(append([]T(nil), all...), all...)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func testOrdersAnyOrder(t *testing.T, s store.Store) {
	for seed := range uint64(8) {
		id := fmt.Sprint("kept", seed)
		for _, o := range shuffled(versions(id), seed) {
			o.Customer = customer.NewRef("seed", fmt.Sprint(seed))
			ok(s.PutOrder(t.Context(), o))(t)
		}
		for _, o := range shuffled(versions("deleted"), seed) {
			o.ID = customer.NewRef("deleted", fmt.Sprint(seed))
			ok(s.PutOrder(t.Context(), o))(t)
		}
		all := versions(id)
		for i := range all {
			all[i].Customer = customer.NewRef("seed", fmt.Sprint(seed))
		}
		same(t, ok(s.Orders(t.Context(), []customer.Ref{all[0].Customer, "kingdee/1"}))(t), []customer.Order{newest(all)})
	}
}

func testActivitiesAnyOrder(t *testing.T, s store.Store) {
	for seed := range uint64(8) {
		var all []customer.Activity
		for i := range 6 {
			a := activity(fmt.Sprint("a", seed), fmt.Sprint("of ", seed), after(i), after(i/2))
			all = append(all, a)
		}
		for _, a := range shuffled(all, seed) {
			ok(s.PutActivity(t.Context(), a))(t)
		}
		same(t, ok(s.Activities(t.Context(), []customer.Ref{all[0].Customer}, time.Time{}))(t), []customer.Activity{newest(all)})
	}
}

func testOrdersSorted(t *testing.T, s store.Store) {
	a, b, c, d := order("a", "1", after(3), noon), order("b", "2", after(1), noon), order("c", "1", after(1), noon), order("d", "3", noon, noon)
	deleted := order("e", "1", noon, noon)
	deleted.Deleted = true
	for _, o := range []customer.Order{a, b, c, d, deleted} {
		same(t, ok(s.PutOrder(t.Context(), o))(t), true)
	}
	same(t, ok(s.Orders(t.Context(), []customer.Ref{"kingdee/2", "kingdee/1", "kingdee/1"}))(t), []customer.Order{b, c, a})
	same(t, ok(s.Orders(t.Context(), nil))(t), []customer.Order(nil))
}

func testActivitiesSince(t *testing.T, s store.Store) {
	a, b, c := activity("a", "1", after(3), noon), activity("b", "2", after(1), noon), activity("c", "1", after(1), noon)
	early, deleted := activity("d", "1", after(1).Add(-time.Millisecond), noon), activity("e", "1", after(2), noon)
	deleted.Deleted = true
	for _, x := range []customer.Activity{a, b, c, early, deleted} {
		same(t, ok(s.PutActivity(t.Context(), x))(t), true)
	}
	refs := []customer.Ref{"kingdee/1", "kingdee/2"}
	same(t, ok(s.Activities(t.Context(), refs, after(1)))(t), []customer.Activity{b, c, a})
	same(t, ok(s.Activities(t.Context(), refs, time.Time{}))(t), []customer.Activity{early, b, c, a})
	same(t, ok(s.Activities(t.Context(), nil, time.Time{}))(t), []customer.Activity(nil))
}

func testOrderMoves(t *testing.T, s store.Store) {
	same(t, ok(s.PutOrders(t.Context(), []customer.Order{order("o1", "1", noon, after(1))}))(t), []customer.Ref{""})
	moved := order("o1", "2", noon, after(2))
	same(t, ok(s.PutOrders(t.Context(), []customer.Order{moved, order("o2", "1", noon, noon)}))(t), []customer.Ref{"kingdee/1", ""})
	same(t, ok(s.PutOrders(t.Context(), []customer.Order{order("o1", "1", noon, after(1))}))(t), []customer.Ref{"kingdee/2"})
	same(t, ok(s.Orders(t.Context(), kingdee1))(t), []customer.Order{order("o2", "1", noon, noon)})
	same(t, ok(s.Orders(t.Context(), []customer.Ref{"kingdee/2"}))(t), []customer.Order{moved})
}

func testManyOrders(t *testing.T, s store.Store) {
	var all, newestOnes []customer.Order
	for i := range 60 {
		of := versions(fmt.Sprint("o", i))
		all, newestOnes = append(all, of...), append(newestOnes, newest(of))
	}
	all = shuffled(all, 1)
	for _, part := range [][]customer.Order{all[:300], all[200:], nil} {
		same(t, len(ok(s.PutOrders(t.Context(), part))(t)), len(part))
	}
	got := ok(s.Orders(t.Context(), kingdee1))(t)
	byID := func(a, b customer.Order) int { return strings.Compare(string(a.ID), string(b.ID)) }
	slices.SortFunc(got, byID)
	slices.SortFunc(newestOnes, byID)
	same(t, got, newestOnes)
}

func testManyActivities(t *testing.T, s store.Store) {
	first, moved := activity("a1", "1", noon, after(1)), activity("a1", "2", noon, after(2))
	other := activity("a2", "2", after(1), noon)
	same(t, ok(s.PutActivities(t.Context(), []customer.Activity{first, other}))(t), []customer.Ref{"", ""})
	same(t, ok(s.PutActivities(t.Context(), []customer.Activity{moved, first, other}))(t)[:1], []customer.Ref{"kingdee/1"})
	same(t, ok(s.Activities(t.Context(), kingdee1, time.Time{}))(t), []customer.Activity(nil))
	same(t, ok(s.Activities(t.Context(), []customer.Ref{"kingdee/2"}, time.Time{}))(t), []customer.Activity{moved, other})
}

func testEachOrder(t *testing.T, s store.Store) {
	var want []customer.Order
	for i := range 12 {
		o := order(fmt.Sprintf("o%04d", i), "1", noon, after(1))
		o.Deleted = i%7 == 0
		want = append(want, o)
	}
	others := []customer.Order{order("x", "1", noon, after(1)), order("x", "1", noon, after(1)), order("x", "1", noon, after(1))}
	for i, source := range []string{"king", "kingdee2", "kingdee-b"} {
		others[i].ID = customer.NewRef(source, "x")
	}
	_, err := s.PutOrders(t.Context(), slices.Concat(want, others))
	must(t, err)
	var got []customer.Order
	must(t, s.EachOrder(t.Context(), "kingdee", func(o customer.Order) error {
		got = append(got, o)
		if len(got)%5 == 1 {
			o.ModifiedAt = after(2)
			_, err := s.PutOrder(t.Context(), o)
			return err
		}
		return nil
	}))
	same(t, got, want)
	stop := errors.New("enough")
	wantErr(t, s.EachOrder(t.Context(), "kingdee", func(customer.Order) error { return stop }), stop)
}
