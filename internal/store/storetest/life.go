package storetest

import (
	"context"
	"errors"
	"testing"

	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

var lifeCases = []testCase{
	{"a store answers", func(t *testing.T, s store.Store) { must(t, s.Ping(t.Context())) }},
	{"a context that was cancelled before stops every method and writes nothing", testCancelled},
	{"after Close every method returns an error", testClosed},
}

// calls is every method of the contract, writing where it can.
func calls(ctx context.Context, s store.Store) map[string]error {
	all := map[string]error{
		"Ping": s.Ping(ctx), "PutCustomer": s.PutCustomer(ctx, lead("x")), "Regroup": s.Regroup(ctx, []customer.Customer{lead("x")}, nil),
		"Claim": s.Claim(ctx, owned(lead("x"), "lina"), allowance("lina", 1, 1)), "Release": s.Release(ctx, lead("x"), "lina"),
		"ClearEffects": s.ClearEffects(ctx, "x", []string{"e"}), "PutTask": s.PutTask(ctx, sampleTask("x")),
		"EachCustomer":   s.EachCustomer(ctx, func(customer.Customer) error { return nil }),
		"FinishDelivery": s.FinishDelivery(ctx, sampleDelivery("x"), "one"), "AddCode": s.AddCode(ctx, "x", "c"),
		"Replay": s.Replay(ctx, "x", noon), "FinishEvent": s.FinishEvent(ctx, sampleEvent("x"), "one"),
		"ExtendRun": s.ExtendRun(ctx, "x", noon, noon, "one"), "EndRun": s.EndRun(ctx, "x", noon, noon, "one", "ok"),
		"SetCursor": s.SetCursor(ctx, "x", "y"),
	}
	note := func(name string) func(any, error) { return func(_ any, err error) { all[name] = err } }
	note("Customer")(s.Customer(ctx, "x"))
	note("CustomersByKey")(s.CustomersByKey(ctx, []customer.Ref{"a/b"}, nil))
	note("Holders")(s.Holders(ctx, []string{"name x"}, 1))
	note("KeyHolders")(s.KeyHolders(ctx, []string{"name x"}))
	note("PutDecision")(s.PutDecision(ctx, sampleDecision("a/1", "b/1", true, 0)))
	note("Decisions")(s.Decisions(ctx, []customer.Ref{"a/1"}))
	note("AddQuestion")(s.AddQuestion(ctx, sampleQuestion("1", 0)))
	note("ClockedCustomers")(s.ClockedCustomers(ctx, noon, 1))
	note("NextOwner")(s.NextOwner(ctx, ""))
	note("PendingCustomers")(s.PendingCustomers(ctx, 1))
	note("SearchCustomers")(s.SearchCustomers(ctx, "公司", 1))
	note("PutOrder")(s.PutOrder(ctx, order("x", "1", noon, noon)))
	note("PutOrders")(s.PutOrders(ctx, []customer.Order{order("x", "1", noon, noon)}))
	note("PutActivities")(s.PutActivities(ctx, []customer.Activity{activity("x", "1", noon, noon)}))
	note("PutCustomers")(s.PutCustomers(ctx, []customer.Customer{lead("x")}))
	note("Orders")(s.Orders(ctx, kingdee1))
	note("PutActivity")(s.PutActivity(ctx, activity("x", "1", noon, noon)))
	note("Activities")(s.Activities(ctx, kingdee1, noon))
	note("AddTask")(s.AddTask(ctx, sampleTask("x")))
	note("Task")(s.Task(ctx, "x"))
	note("Show")(s.Show(ctx, sampleDelivery("x")))
	note("Delivery")(s.Delivery(ctx, "x"))
	note("LeaseDeliveries")(s.LeaseDeliveries(ctx, wecom, noon, noon, "one", 1))
	note("AddEvent")(s.AddEvent(ctx, sampleEvent("x")))
	note("TakeEvent")(s.TakeEvent(ctx, sampleEvent("y"), noon, "one"))
	note("LeaseEvents")(s.LeaseEvents(ctx, noon, noon, "one", 1))
	note("Events")(s.Events(ctx, inbox.Due, 1))
	note("PurgeEvents")(s.PurgeEvents(ctx, noon))
	note("StartRun")(s.StartRun(ctx, "x", noon, noon, noon, "one"))
	note("LastRun")(s.LastRun(ctx, "x"))
	note("Cursor")(s.Cursor(ctx, "x"))
	_, _, all["Spent"] = s.Spent(ctx, "lina", "2026-03-02")
	_, _, all["Customers"] = s.Customers(ctx, store.CustomerQuery{})
	_, _, all["Questions"] = s.Questions(ctx, customer.QuestionOpen, "", 1)
	_, _, all["Tasks"] = s.Tasks(ctx, followup.Query{})
	_, _, all["Deliveries"] = s.Deliveries(ctx, delivery.Query{})
	return all
}

func testCancelled(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range calls(ctx, s) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want context.Canceled", name, err)
		}
	}
	for name, err := range calls(t.Context(), s) {
		if name == "Customer" || name == "Task" || name == "Delivery" {
			must(t, err) // calls has just written them, as the first ones
		}
	}
}

func testClosed(t *testing.T, s store.Store) {
	must(t, s.PutCustomer(t.Context(), lead("kept")))
	must(t, s.Close())
	for name, err := range calls(t.Context(), s) {
		if err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s after Close = %v", name, err)
		}
	}
	_ = s.Close() // must not panic
}
