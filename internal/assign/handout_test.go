package assign_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// able is somebody of team a whom no allowance stops.
func able(id string) access.Person {
	p := rep(id)
	p.Daily, p.Holding = 100_000, 100_000
	return p
}

func monthly(id string, n int) access.Person {
	p := able(id)
	p.Monthly = n
	return p
}

// handOut hands out a new customer of a pool.
func (d *desk) handOut(id, pool string) customer.Customer {
	d.t.Helper()
	d.lead(id, pool, "")
	c, err := d.HandOut(d.t.Context(), id)
	must(d.t, err)
	return c
}

// days hands out so many customers a day for so many days and counts the owners.
func (d *desk) days(pool string, days, each int) map[string]int {
	d.t.Helper()
	owners := make(map[string]int)
	for range days {
		for range each {
			d.n++
			owners[d.handOut(fmt.Sprintf("c%04d", d.n), pool).Owner]++
		}
		d.pass(24 * time.Hour)
	}
	return owners
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(t)
}

// ledger is the team's, as it is stored.
func (d *desk) ledger() assign.Ledger {
	d.t.Helper()
	text, err := d.store.Document(d.t.Context(), "handout/a")
	must(d.t, err)
	var l assign.Ledger
	must(d.t, json.Unmarshal(text, &l))
	return l
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOneCustomerADayForAMonthAmongThreeEquals(t *testing.T) {
	t.Parallel()
	for _, pool := range []string{"equal", "rotate", "weighted", "least"} {
		d := newDesk(t, able("x"), able("y"), able("z"))
		same(t, d.days(pool, 30, 1), map[string]int{"x": 10, "y": 10, "z": 10})
	}
}

func TestCapacitiesAndWeightsGiveTheirSharesAtAnyTime(t *testing.T) {
	t.Parallel()
	heavy := func(id string, w float64) access.Person { p := able(id); p.Weight = w; return p }
	for pool, people := range map[string][]access.Person{
		"rotate":   {monthly("x", 10), monthly("y", 20), monthly("z", 30)},
		"weighted": {heavy("x", 0.5), heavy("y", 1), heavy("z", 1.5)},
	} {
		d := newDesk(t, people...)
		owners := make(map[string]int)
		for n := 1; n <= 60; n++ {
			owners[d.handOut(fmt.Sprint(n), pool).Owner]++
			for id, part := range map[string]float64{"x": 1. / 6, "y": 2. / 6, "z": 3. / 6} {
				if off := float64(owners[id]) - part*float64(n); off < -1 || off > 1 {
					t.Errorf("%s: after %d, %s has %d", pool, n, id, owners[id])
				}
			}
		}
		same(t, owners, map[string]int{"x": 10, "y": 20, "z": 30})
	}
}

func TestAMonthsCapacityEndsAndComesBackWithTheNextMonth(t *testing.T) {
	t.Parallel()
	d := newDesk(t, monthly("x", 2), monthly("y", 1))
	same(t, d.days("rotate", 4, 1), map[string]int{"x": 2, "y": 1, "": 1})
	c, err := d.store.Customer(t.Context(), "c0004")
	must(t, err)
	same(t, c.Waiting.Blocks, map[customer.Block]int{customer.BlockMonth: 2})
	d.at = time.Date(2026, 3, 31, 16, 30, 0, 0, time.UTC) // half past midnight on 1 April in Shanghai
	n, err := d.Retry(t.Context(), func(customer.Customer) error { return nil })
	if n != 1 || err != nil {
		t.Errorf("Retry = %d, %v", n, err)
	}
	c, err = d.store.Customer(t.Context(), "c0004")
	must(t, err)
	if c.Owner == "" || !c.Waiting.IsZero() {
		t.Errorf("owner %q, %+v", c.Owner, c.Waiting)
	}
}

func TestWhoWasOnLeaveGotNothingAndGetsNoBurst(t *testing.T) {
	t.Parallel()
	d := newDesk(t, able("x"), able("y"), able("z"))
	same(t, d.days("equal", 1, 3), map[string]int{"x": 1, "y": 1, "z": 1})
	away := calendar.Leave{From: d.at, To: d.at.Add(10 * 24 * time.Hour)}
	d.leave = map[string][]calendar.Leave{"x": {away}}
	same(t, d.days("equal", 10, 3), map[string]int{"y": 15, "z": 15})
	same(t, d.days("equal", 1, 3), map[string]int{"x": 1, "y": 1, "z": 1})
	same(t, d.days("equal", 5, 1), map[string]int{"x": 2, "y": 2, "z": 1})
}

func TestSomebodyNewComesToTheFullShareInThreeMonths(t *testing.T) {
	t.Parallel()
	fresh := monthly("new", 30)
	fresh.Joined = time.Date(2026, 3, 9, 0, 0, 0, 0, shanghai)
	d := newDesk(t, fresh, monthly("old", 3000))
	for _, tt := range []struct {
		day  string
		want map[string]int
	}{
		{"2026-03-08", map[string]int{"old": 12}},
		{"2026-03-09", map[string]int{"new": 3, "old": 9}},
		{"2026-04-10", map[string]int{"new": 6, "old": 9}},
		{"2026-05-10", map[string]int{"new": 6, "old": 6}},
	} {
		day, err := time.ParseInLocation(time.DateOnly, tt.day, shanghai)
		must(t, err)
		d.at = day.Add(9 * time.Hour)
		same(t, d.days("equal", 1, tt.want["new"]+tt.want["old"]), tt.want)
	}
}

func TestRampedCapacityIsRoundedUp(t *testing.T) {
	t.Parallel()
	fresh := monthly("new", 10)
	fresh.Joined = time.Date(2026, 3, 1, 0, 0, 0, 0, shanghai)
	d := newDesk(t, fresh)
	same(t, d.days("equal", 1, 6), map[string]int{"new": 4, "": 2}) // 10/3
}

func TestTheCustomerSaysByWhatRuleAndWhy(t *testing.T) {
	t.Parallel()
	d := newDesk(t, monthly("x", 60), monthly("y", 30))
	first := d.handOut("1", "rotate")
	same(t, first.Handed, customer.Handed{Rule: "rotate", Share: "2/3", Month: 1, Quota: 60, Least: true})
	same(t, d.handOut("2", "rotate").Handed, customer.Handed{Rule: "rotate", Share: "1/3", Month: 1, Quota: 30, Least: true})
	third := d.handOut("3", "rotate")
	same(t, third.Handed, customer.Handed{Rule: "rotate", Share: "2/3", Month: 2, Quota: 60, Least: true, Open: 1})
	released, err := d.Release(t.Context(), "3", monthly("x", 60), "")
	must(t, err)
	if !released.Handed.IsZero() || released.Waiting.Why != customer.WaitInTurn {
		t.Errorf("after its release: %+v, %+v", released.Handed, released.Waiting)
	}
	again, err := d.HandOut(t.Context(), "3")
	must(t, err)
	if again.Owner != "y" || !again.Handed.Only {
		t.Errorf("it went to %q again, %+v", again.Owner, again.Handed)
	}
}

func TestMatchingGoesByWhatTheCustomerIsAndFallsBackToAll(t *testing.T) {
	t.Parallel()
	east, west := able("east"), able("west")
	east.Attributes = map[string][]string{"region": {"华东", "华南"}}
	west.Attributes = map[string][]string{"region": {"西南"}}
	for _, tt := range []struct {
		region string
		away   string
		owner  string
		want   customer.Handed
	}{
		{"华南", "", "east", customer.Handed{Rule: "equal", Share: "1", Month: 1, Only: true, Match: []string{"region"}}},
		{"西南", "", "west", customer.Handed{Rule: "equal", Share: "1", Month: 1, Only: true, Match: []string{"region"}}},
		{"东北", "", "east", customer.Handed{Rule: "equal", Share: "1/2", Month: 1, Least: true, Match: []string{"region"}, Unmatched: true}},
		{"西南", "west", "east", customer.Handed{Rule: "equal", Share: "1", Month: 1, Only: true, Match: []string{"region"}, Unmatched: true}},
		{"", "", "east", customer.Handed{Rule: "equal", Share: "1/2", Month: 1, Least: true}},
	} {
		d := newDesk(t, east, west)
		if tt.away != "" {
			d.leave = map[string][]calendar.Leave{tt.away: {{From: d.at, To: d.at.Add(48 * time.Hour)}}}
		}
		must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: "c", Pool: "region", Fields: map[string]customer.Field{"region": {Value: tt.region}}}))
		c, err := d.HandOut(t.Context(), "c")
		must(t, err)
		same(t, c.Owner, tt.owner)
		same(t, c.Handed, tt.want)
	}
}

func TestManagersAreHandedWhatTheirOwnShareSays(t *testing.T) {
	t.Parallel()
	leads, sells := boss(), boss()
	sells.ID, sells.Monthly, sells.Daily, sells.Holding = "sells", 20, 100_000, 100_000
	d := newDesk(t, leads, sells, monthly("li", 60))
	same(t, d.days("rotate", 10, 4), map[string]int{"sells": 10, "li": 30})
}

func TestWaitingSaysHowManyCannotAndWhy(t *testing.T) {
	t.Parallel()
	clerk, full, spent, away, later := able("clerk"), able("full"), able("spent"), able("away"), able("later")
	clerk.Role, full.Holding, spent.Daily = access.RoleFinance, 0, 0
	later.Joined = time.Date(2026, 4, 1, 0, 0, 0, 0, shanghai)
	d := newDesk(t, clerk, full, spent, away, later)
	d.leave = map[string][]calendar.Leave{"away": {{From: d.at, To: d.at.Add(time.Hour * 48)}}}
	c := d.handOut("c", "equal")
	same(t, c.Waiting, customer.Waiting{Why: customer.WaitNobody, Since: d.at, Blocks: map[customer.Block]int{
		customer.BlockRole: 1, customer.BlockHolding: 1, customer.BlockDaily: 1, customer.BlockLeave: 1, customer.BlockNew: 1,
	}})
	rev := c.Rev
	d.pass(time.Hour)
	c, err := d.HandOut(t.Context(), "c")
	must(t, err)
	if c.Rev != rev {
		t.Error("the same reason was written again")
	}
	d.leave = nil
	if _, err := d.Retry(t.Context(), func(customer.Customer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	c, err = d.store.Customer(t.Context(), "c")
	must(t, err)
	same(t, c.Owner, "away")
}

func TestFormerOwnersWaitAndNewCustomersAreLocked(t *testing.T) {
	t.Parallel()
	li, boss := able("li"), able("boss")
	boss.Role = access.RoleManager
	d := newDesk(t, li, boss)
	d.at = time.Date(2026, 3, 6, 2, 0, 0, 0, time.UTC) // Friday 10:00 in Shanghai
	must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: "c", Pool: "wait", Waiting: customer.Waiting{Why: customer.WaitOffered, Since: d.at}}))
	claim := func(p access.Person) error { _, err := d.Claim(t.Context(), "c", p, ""); return err }
	var later *assign.LaterError
	if err := claim(li); !errors.Is(err, assign.ErrLocked) || !errors.As(err, &later) || !later.From.Equal(d.at.Add(time.Hour)) {
		t.Fatalf("at once: %v", err)
	}
	must(t, claim(boss))
	_, err := d.Release(t.Context(), "c", boss, "")
	must(t, err)
	d.pass(time.Hour)
	must(t, claim(li))
	_, err = d.Release(t.Context(), "c", li, "")
	must(t, err)
	d.pass(time.Hour)
	if err := claim(li); !errors.Is(err, assign.ErrFormer) || !errors.As(err, &later) || !later.From.Equal(time.Date(2026, 3, 11, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("after two hours: %v", err)
	}
	if err := claim(boss); !errors.Is(err, assign.ErrFormer) {
		t.Errorf("a manager who gave it back: %v", err)
	}
	d.at = time.Date(2026, 3, 11, 10, 0, 0, 0, time.UTC) // Wednesday 18:00: three workdays later
	must(t, claim(li))
}

// crashing is a store whose claims fail, as if the process had died before them.
type crashing struct {
	*sqlite.Store
	dead bool
}

var errDead = errors.New("dead")

func (c *crashing) Claim(ctx context.Context, x customer.Customer, a store.Allowance) error {
	if c.dead {
		return errDead
	}
	return c.Store.Claim(ctx, x, a)
}

func TestACrashBetweenDecisionAndClaimRepeatsTheDecision(t *testing.T) {
	t.Parallel()
	d := newDesk(t, able("x"), able("y"))
	broken := &crashing{d.store, true}
	dying := assign.New(broken, d.people, func() assign.Pools { return d.pools }, shanghai, d.now)
	d.lead("c1", "equal", "")
	for range 3 {
		if _, err := dying.HandOut(t.Context(), "c1"); !errors.Is(err, errDead) {
			t.Fatalf("%v", err)
		}
	}
	chosen := d.ledger().Open["c1"].Person
	same(t, d.handOut("c2", "equal").Owner, "y") // the next one's turn is after the decision that is open
	c, err := d.HandOut(t.Context(), "c1")
	must(t, err)
	same(t, []string{chosen, c.Owner}, []string{"x", "x"})
	_, err = d.Retry(t.Context(), func(customer.Customer) error { return nil }) // the job clears up what no later decision did
	must(t, err)
	l := d.ledger()
	if len(l.Open) != 0 || len(l.Credits["equal"]) != 0 || l.Got["x"] != 1 || l.Got["y"] != 1 {
		t.Errorf("%+v", l)
	}
}

func TestACrashAfterTheClaimIsClearedUp(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"by carrying on", "by a retry"} {
		d := newDesk(t, able("x"), able("y"))
		broken := &crashing{d.store, true}
		dying := assign.New(broken, d.people, func() assign.Pools { return d.pools }, shanghai, d.now)
		d.lead("c1", "equal", "")
		_, err := dying.HandOut(t.Context(), "c1")
		if !errors.Is(err, errDead) {
			t.Fatal(err)
		}
		claimed, err := d.Claim(t.Context(), "c1", able("x"), "")
		must(t, err)
		if way == "by a retry" {
			_, err = d.Retry(t.Context(), func(customer.Customer) error { return nil })
		} else {
			_, err = d.HandOut(t.Context(), claimed.ID)
		}
		must(t, err)
		l := d.ledger()
		if len(l.Open) != 0 || l.Got["x"] != 1 || l.Credits["equal"]["x"].Cmp(big.NewRat(-1, 2)) != 0 {
			t.Errorf("%s: %+v", way, l)
		}
	}
}

func TestADecisionThatSomebodyElseOvertookIsTakenBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, able("x"), able("y"))
	broken := &crashing{d.store, true}
	dying := assign.New(broken, d.people, func() assign.Pools { return d.pools }, shanghai, d.now)
	d.lead("c1", "equal", "")
	if _, err := dying.HandOut(t.Context(), "c1"); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	_, err := d.Claim(t.Context(), "c1", able("y"), "")
	must(t, err)
	_, err = d.HandOut(t.Context(), "c1")
	must(t, err)
	l := d.ledger()
	if len(l.Open) != 0 || len(l.Credits["equal"]) != 0 || l.Got["x"] != 0 {
		t.Errorf("%+v", l)
	}
}

func TestManyHandOutsAtOnceOnTwoServicesAreExact(t *testing.T) {
	t.Parallel()
	people := []access.Person{monthly("v", 10), monthly("w", 20), monthly("x", 20)}
	d := newDesk(t, people...)
	other := assign.New(d.store, d.people, func() assign.Pools { return d.pools }, shanghai, d.now)
	const n = 50
	for i := range n {
		d.lead(fmt.Sprint(i), "rotate", "")
	}
	errs := make([]error, 2*n)
	var all sync.WaitGroup
	for i := range n { // each customer on both at once
		all.Go(func() { _, errs[2*i] = d.HandOut(t.Context(), fmt.Sprint(i)) })
		all.Go(func() { _, errs[2*i+1] = other.HandOut(t.Context(), fmt.Sprint(i)) })
	}
	all.Wait()
	must(t, errors.Join(errs...))
	owners := make(map[string]int)
	for i := range n {
		c, err := d.store.Customer(t.Context(), fmt.Sprint(i))
		must(t, err)
		owners[c.Owner]++
	}
	same(t, owners, map[string]int{"v": 10, "w": 20, "x": 20})
	_, err := d.Retry(t.Context(), func(customer.Customer) error { return nil }) // closes what no later decision closed
	must(t, err)
	l := d.ledger()
	same(t, l.Got, map[string]int{"v": 10, "w": 20, "x": 20})
	sum := new(big.Rat)
	for _, credit := range l.Credits["rotate"] {
		sum.Add(sum, credit)
	}
	if len(l.Open) != 0 || sum.Sign() != 0 {
		t.Errorf("credits add up to %s: %+v", sum, l)
	}
}
