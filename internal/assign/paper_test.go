package assign_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
)

// snapshot is everything that a decision could have changed.
func (d *desk) snapshot() (all map[string]customer.Customer, ledger, leavers string) {
	d.t.Helper()
	all = map[string]customer.Customer{}
	must(d.t, d.store.EachCustomer(d.t.Context(), func(c customer.Customer) error { all[c.ID] = c; return nil }))
	texts := [2]string{}
	for i, name := range []string{"handout/a", "ownership/leavers"} {
		text, err := d.store.Document(d.t.Context(), name)
		must(d.t, err)
		texts[i] = string(text)
	}
	return all, texts[0], texts[1]
}

func (d *desk) unchanged(try func()) {
	d.t.Helper()
	before, ledger, leavers := d.snapshot()
	try()
	after, ledger2, leavers2 := d.snapshot()
	same(d.t, after, before)
	same(d.t, ledger2+leavers2, ledger+leavers)
}

// TestATrialOfAHandOutGivesWhatTheHandOutThenGives: with what the team owns and got by then, until the month's part, the day's allowance and the most that somebody may own are reached.
func TestATrialOfAHandOutGivesWhatTheHandOutThenGives(t *testing.T) {
	t.Parallel()
	full := able("full")
	full.Holding = 2
	d := newDesk(t, monthly("li", 9), monthly("wu", 5), full)
	for n := range 7 {
		d.handOut(fmt.Sprint("had", n), "rotate")
	}
	for n := range 450 { // more than are read at a time
		d.lead(fmt.Sprintf("c%03d", n), []string{"rotate", "least", "claim"}[n%3], "")
	}
	want := map[string]string{}
	waiting := 0
	d.unchanged(func() {
		given, n, err := d.TryHandOut(t.Context())
		must(t, err)
		for _, c := range given {
			want[c.ID] = c.Owner + " " + c.Handed.Rule
		}
		waiting = n
	})
	got := map[string]string{}
	_, err := d.Retry(t.Context(), func(c customer.Customer) error { return nil })
	must(t, err)
	must(t, d.store.EachCustomer(t.Context(), func(c customer.Customer) error {
		if c.Owner != "" && c.ID[0] == 'c' {
			got[c.ID] = c.Owner + " " + c.Handed.Rule
		}
		return nil
	}))
	same(t, want, got)
	if len(want) < 5 || waiting != 300-len(want) {
		t.Errorf("%d were given and %d wait", len(want), waiting)
	}
}

// TestATrialOfTheClocksTellsWhatTheyThenDo: reminders, what managers hear, what goes back, and to whom the customers of somebody go who has left.
func TestATrialOfTheClocksTellsWhatTheyThenDo(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"), able("wu"), able("zhang"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	for n, ago := range []int{7, 5, 3, 1, 7, 7} { // workdays
		d.set(start)
		d.set(sameTimeAfter(start, 7-ago))
		d.owned(fmt.Sprint("c", n), "claim", able("li"))
	}
	for n := range 210 { // more than are read at a time
		d.owned(fmt.Sprintf("left%03d", n), "claim", able("zhang"))
	}
	gone := able("zhang")
	gone.Left = start
	must(t, d.people.Replace([]access.Person{able("li"), able("wu"), gone}))
	d.set(sameTimeAfter(start, 7))
	said := func(was, is customer.Customer) string {
		return fmt.Sprint(was.Owner, " → ", is.Owner, " ", is.Clock.Done, " ", len(is.Effects)-len(was.Effects) > 0)
	}
	want := map[string]string{}
	d.unchanged(func() {
		must(t, d.TryClocks(t.Context(), func(was, is customer.Customer) error {
			want[is.ID] = said(was, is)
			return nil
		}))
	})
	got := map[string]string{}
	before, _, _ := d.snapshot()
	after := func(c customer.Customer) error {
		is, err := d.HandOut(context.Background(), c.ID)
		got[c.ID] = said(before[c.ID], is)
		return err
	}
	_, err := d.Clocks(t.Context(), after)
	must(t, err)
	_, err = d.Vacate(t.Context(), "zhang", after)
	must(t, err)
	same(t, want, got)
	if len(want) != 5+210 {
		t.Errorf("%d customers: %v", len(want), want)
	}
}
