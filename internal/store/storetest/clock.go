package storetest

import (
	"fmt"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var clockCases = []testCase{
	{"a customer's clock comes back as it was", testClockRoundTrip},
	{"customers whose clock is due are found, earliest first, until they are written with another time", testClocked},
	{"owners are listed one by one, each once", testOwners},
	{"what somebody is given neither asks nor spends the day, but needs room", testGiven},
}

func testClockRoundTrip(t *testing.T, s store.Store) {
	c := owned(lead("c1"), "lina")
	c.Clock = customer.Clock{
		Next: after(1), Last: after(-1), From: after(2), Done: customer.StepManager, Episode: 3, Warned: after(3), Move: customer.StepPool, MoveAt: after(4), Extended: 1, Delays: 2,
		Delay: customer.Delay{Until: after(5), Why: "等客户预算", By: "lina"}, Cooled: after(7),
		Offer: customer.Offer{N: 2, To: "zhangwei", By: "lina", At: after(6), Declined: []string{"sunli"}},
	}
	c.Waiting = customer.Waiting{Why: customer.WaitChoice, Since: after(1), Choices: []customer.Choice{{Person: "lina", Open: 3, Month: 1, Fits: true}}, Handing: true}
	c.Handed = customer.Handed{Rule: customer.HandedByManager, By: "wangfang"}
	must(t, s.PutCustomer(t.Context(), c))
	c.Rev = 1
	same(t, load(t, s, "c1"), c)
}

func testClocked(t *testing.T, s store.Store) {
	for i, minutes := range []int{0, 3, 1, 2, -1} {
		c := lead(fmt.Sprintf("c%d", i))
		if i > 0 {
			c.Clock.Next = after(minutes)
		}
		must(t, s.PutCustomer(t.Context(), c))
	}
	due := func(minutes, limit int, want ...string) {
		t.Helper()
		all, err := s.ClockedCustomers(t.Context(), after(minutes), limit)
		must(t, err)
		same(t, ids(all), want)
	}
	due(2, 10, "c4", "c2", "c3") // also at the instant itself
	due(2, 2, "c4", "c2")
	c := load(t, s, "c2")
	c.Clock.Next = time.Time{}
	must(t, s.PutCustomer(t.Context(), c))
	c = load(t, s, "c4")
	c.Clock.Next = after(9)
	must(t, s.PutCustomer(t.Context(), c))
	due(3, 10, "c3", "c1")
	due(2, 0)
}

func testOwners(t *testing.T, s store.Store) {
	for i, owner := range []string{"lina", "", "zhangwei", "lina", "ann"} {
		must(t, s.PutCustomer(t.Context(), owned(lead(fmt.Sprintf("c%d", i)), owner)))
	}
	var all []string
	for owner := ""; ; {
		next, err := s.NextOwner(t.Context(), owner)
		must(t, err)
		if owner = next; owner == "" {
			break
		}
		all = append(all, owner)
	}
	same(t, all, []string{"ann", "lina", "zhangwei"})
}

func testGiven(t *testing.T, s store.Store) {
	c := putLeads(t, s, 4)
	a := allowance("lina", 1, 3)
	must(t, s.Claim(t.Context(), owned(c[0], "lina"), a))
	a.Given = true
	must(t, s.Claim(t.Context(), owned(c[1], "lina"), a))
	must(t, s.Claim(t.Context(), owned(c[2], "lina"), a))
	wantSpent(t, s, "lina", a.Day, 1, 3)
	wantErr(t, s.Claim(t.Context(), owned(c[3], "lina"), a), store.ErrHoldingFull)
	wantErr(t, s.Claim(t.Context(), owned(c[0], "sunli"), store.Allowance{Person: "sunli", Day: a.Day, Holding: 9, Given: true}), store.ErrConflict)
	wantSpent(t, s, "sunli", a.Day, 0, 0)
	a.Given = false
	wantErr(t, s.Claim(t.Context(), owned(c[3], "lina"), a), store.ErrDailySpent)
}
