package storetest

import (
	"testing"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// testHistoryMark is for stores that are store.Marked; there is nothing to be seen of others.
func testHistoryMark(t *testing.T, s store.Store) {
	m, marked := s.(store.Marked)
	if !marked {
		return
	}
	ctx := t.Context()
	seen := map[int64]string{}
	last := ok(m.HistoryMark(ctx))(t)
	seen[last] = "empty"
	look := func(what string, moves bool) {
		t.Helper()
		now := ok(m.HistoryMark(ctx))(t)
		if before := seen[now]; moves == (now == last) || moves && before != "" {
			t.Errorf("the mark after %s is %d, as after %q", what, now, before)
		}
		last, seen[now] = now, what
	}
	o, a := order("1", "1", noon, noon), activity("1", "1", noon, noon)
	ok(s.PutOrder(ctx, o))(t)
	look("a new order", true)
	ok(s.PutOrder(ctx, o))(t)
	look("the same order", false)
	must(t, s.PutCustomer(ctx, lead("x")))
	look("a customer", false)
	o.Amount, o.ModifiedAt = 1, after(1)
	ok(s.PutOrders(ctx, []customer.Order{o, order("2", "1", noon, noon)}))(t)
	look("a newer version and an order", true)
	ok(s.PutOrders(ctx, []customer.Order{o}))(t)
	look("the same version", false)
	ok(s.PutActivity(ctx, a))(t)
	look("an activity", true)
	ok(s.PutActivities(ctx, []customer.Activity{a, activity("2", "1", noon, noon)}))(t)
	look("activities", true)
	ok(s.ReplaceActivity(ctx, a.ID, nil))(t)
	look("an activity that was forgotten", true)
	ok(s.ReplaceOrder(ctx, o.ID, &o))(t)
	look("an order that was replaced", true)
}
