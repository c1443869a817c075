package assign_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
)

func TestASimulationHandsTheLastMonthOutOnceMoreAndChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, monthly("x", 10), monthly("y", 20), able("z"))
	d.leave = map[string][]calendar.Leave{"z": {{From: d.at, To: d.at.Add(60 * 24 * time.Hour)}}}
	begin := d.at
	arrive := func(id string, at time.Time) {
		c := customer.Customer{ID: id, Pool: "rotate", Owner: "somebody", Standing: customer.Standing{Judged: at}}
		must(t, d.store.PutCustomer(t.Context(), c))
	}
	arrive("old", begin.Add(-time.Hour))
	for i := range 24 {
		arrive(fmt.Sprintf("c%02d", i), begin.Add(time.Duration(i)*24*time.Hour))
	}
	all, err := d.Simulate(t.Context(), "rotate", "", begin)
	must(t, err)
	got := make(map[string]int)
	for i, o := range all {
		if want := fmt.Sprintf("c%02d", i); o.Customer.ID != want || o.Customer.Handed.Rule != "rotate" {
			t.Errorf("%d: %+v", i, o.Customer)
		}
		got[o.Customer.Owner]++
	}
	same(t, got, map[string]int{"x": 8, "y": 16})
	all, err = d.Simulate(t.Context(), "claim", assign.Equal, begin)
	if len(all) != 0 || err != nil {
		t.Errorf("of an empty pool: %v, %v", all, err)
	}
	c, err := d.store.Customer(t.Context(), "c00")
	must(t, err)
	if text, err := d.store.Document(t.Context(), "handout/a"); err != nil || text != nil || c.Rev != 1 {
		t.Errorf("something was written: %s, rev %d, %v", text, c.Rev, err)
	}
	for pool, want := range map[string]error{"hold": assign.ErrNoHandOut, "nowhere": assign.ErrNotOpen} {
		if _, err := d.Simulate(t.Context(), pool, "", begin); !errors.Is(err, want) {
			t.Errorf("%s: %v", pool, err)
		}
	}
}
