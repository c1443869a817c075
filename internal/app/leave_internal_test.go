package app

import (
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/leave"
)

// TestLeaveNotedOnOneGatewayHoldsOnTheOther: the other hands nothing out, waits with its clocks, and gives what is due to the deputy, once.
func TestLeaveNotedOnOneGatewayHoldsOnTheOther(t *testing.T) {
	t.Parallel()
	c := newCompany(t) // Monday, noon in Shanghai
	here, there := c.open(), c.open()
	ctx := t.Context()
	x := customer.Customer{ID: "c1", Name: "华星机械", Owner: "lina", OwnedAt: c.Now()}
	if err := here.store.PutCustomer(ctx, x); err != nil {
		t.Fatal(err)
	}
	if _, err := here.tasks.Take(ctx, x, customer.Work{Task: "t1", Kind: "request", Title: "客户请求", Due: "48h", At: c.Now()}, "lina"); err != nil {
		t.Fatal(err)
	}
	e := leave.Entry{Person: "lina", From: c.Now().Add(time.Hour), To: c.Now().Add(73 * time.Hour), Deputy: "zhangwei"}
	if err := here.leave.Add(ctx, e); err != nil {
		t.Fatal(err)
	}
	if !here.hours("lina").Away(e.From) || there.hours("lina").Away(e.From) {
		t.Fatal("the one that was told follows at once, the other with its next look")
	}
	c.Pass(90 * time.Minute)
	there.look(ctx, &[]stamp{})
	if !there.hours("lina").Away(c.Now()) || there.deputy("lina", c.Now()) != "zhangwei" || !there.rewind.Load() {
		t.Fatal("the other does not follow")
	}
	for n, on := range []*App{there, here, there} {
		told, err := on.tellOfTasks(ctx, c.Now())
		if err != nil || (told > 0) != (n == 0) {
			t.Errorf("round %d: told %d, %v", n, told, err)
		}
	}
	got, err := here.store.Task(ctx, "t1")
	if err != nil || got.Owner != "zhangwei" || len(got.Passed) != 1 || got.State != followup.Open {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := there.leave.Return(ctx, "lina", time.Time{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	here.look(ctx, &[]stamp{})
	if here.hours("lina").Away(c.Now()) {
		t.Error("the first does not follow her back")
	}
}
