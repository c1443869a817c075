package assign_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// replica is another gateway's service over the same store.
func (d *desk) replica() *assign.Service {
	return assign.New(d.store, d.people, func() assign.Pools { return d.pools }, shanghai, d.now, assign.WithWorking(d.working))
}

// TestClaimingAndReleasingAgainAndAgainPassesNoAllowance lets one person claim and give back without pause, on two gateways at once.
func TestClaimingAndReleasingAgainAndAgainPassesNoAllowance(t *testing.T) {
	t.Parallel()
	li := rep("li")
	li.Daily, li.Holding = 7, 3
	d := newDesk(t, li)
	gateways := []*assign.Service{d.Service, d.replica()}
	const customers, workers, rounds = 12, 8, 12
	for i := range customers {
		d.lead(fmt.Sprint("c", i), "claim", "")
	}
	var won, refused, most atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, workers)
	for w := range workers {
		on := gateways[w%2]
		all.Go(func() {
			for round := range rounds {
				id := fmt.Sprint("c", (w*5+round)%customers)
				before, err := d.store.Customer(t.Context(), id)
				if err != nil {
					errs[w] = err
					return
				}
				_, err = on.Claim(t.Context(), id, li, "")
				switch {
				case err == nil && before.Owner == "":
					won.Add(1) // at most: another worker may have been the one who claimed it
					_, held, err := d.store.Spent(t.Context(), "li", "2026-03-02")
					errs[w] = errors.Join(errs[w], err)
					for m := most.Load(); int64(held) > m && !most.CompareAndSwap(m, int64(held)); m = most.Load() {
					}
				case errors.Is(err, store.ErrDailySpent), errors.Is(err, store.ErrHoldingFull):
					refused.Add(1)
				case err != nil:
					errs[w] = errors.Join(errs[w], err)
				}
				if _, err := on.Release(t.Context(), id, li, ""); err != nil && !errors.Is(err, assign.ErrNotOwner) {
					errs[w] = errors.Join(errs[w], err)
				}
			}
		})
	}
	all.Wait()
	must(t, errors.Join(errs...))
	spent, _, err := d.store.Spent(t.Context(), "li", "2026-03-02")
	must(t, err)
	rounds2 := 0 // each claim that was given back began a round of its customer
	for i := range customers {
		c, err := d.store.Customer(t.Context(), fmt.Sprint("c", i))
		must(t, err)
		rounds2 += c.Round
		if c.Owner != "" {
			rounds2++
		}
	}
	if spent != 7 || rounds2 != 7 || most.Load() > 3 || refused.Load() == 0 {
		t.Errorf("spent %d, claimed %d times, held %d at once at most, refused %d times; allowed are 7 a day and 3 at a time", spent, rounds2, most.Load(), refused.Load())
	}
	daily, _, err := gateways[1].Left(t.Context(), li)
	if err != nil || daily != 0 {
		t.Errorf("%d are left today, %v", daily, err)
	}
}

// TestWhoGaveACustomerBackWaitsOnEveryGateway also after somebody else had it in between.
func TestWhoGaveACustomerBackWaitsOnEveryGateway(t *testing.T) {
	t.Parallel()
	li, wu := rep("li"), rep("wu")
	li.Daily, wu.Daily = 20, 20
	d := newDesk(t, li, wu)
	other := d.replica()
	d.lead("c1", "wait", "") // three workdays, and locked for an hour after it came in
	must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: "c1", Rev: 1, Pool: "wait", Waiting: customer.Waiting{Since: d.now()}}))
	for _, on := range []*assign.Service{d.Service, other} {
		if _, err := on.Claim(t.Context(), "c1", li, ""); !errors.Is(err, assign.ErrLocked) {
			t.Fatalf("a moment after it came in: %v", err)
		}
	}
	d.pass(time.Hour)
	_, err := d.Claim(t.Context(), "c1", li, "")
	must(t, err)
	_, err = other.Release(t.Context(), "c1", li, "")
	must(t, err)
	d.pass(time.Hour) // the round's lock
	for _, on := range []*assign.Service{d.Service, other} {
		if _, err := on.Claim(t.Context(), "c1", li, ""); !errors.Is(err, assign.ErrFormer) {
			t.Fatalf("claimed, given back, claimed again: %v", err)
		}
	}
	_, err = other.Claim(t.Context(), "c1", wu, "")
	must(t, err)
	_, err = d.Release(t.Context(), "c1", wu, "")
	must(t, err)
	d.pass(time.Hour)
	if _, err := d.Claim(t.Context(), "c1", li, ""); !errors.Is(err, assign.ErrFormer) {
		t.Errorf("a colleague had it in between: %v", err)
	}
	if from := d.until("c1", li); from.Before(chinese.Working(nil, shanghai).Deadline(d.now().Add(-5*time.Hour), calendar.Span{Workdays: 3}).Add(-24 * time.Hour)) {
		t.Errorf("it can be claimed again from %s", from)
	}
	d.pass(d.until("c1", li).Sub(d.now()) - time.Millisecond)
	if _, err := other.Claim(t.Context(), "c1", li, ""); !errors.Is(err, assign.ErrFormer) {
		t.Errorf("a millisecond before: %v", err)
	}
	d.pass(time.Millisecond)
	if _, err := other.Claim(t.Context(), "c1", li, ""); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

// until is from when on somebody may claim a customer that they gave back.
func (d *desk) until(id string, who access.Person) time.Time {
	d.t.Helper()
	_, err := d.Claim(d.t.Context(), id, who, "")
	var later *assign.LaterError
	if !errors.As(err, &later) {
		d.t.Fatalf("claim of %s: %v", id, err)
	}
	return later.From
}

// TestLooksAtCustomersOfPoolsAreCountedOnceADayAndNoTrickGivesOneBack on two gateways at once.
func TestLooksAtCustomersOfPoolsAreCountedOnceADayAndNoTrickGivesOneBack(t *testing.T) {
	t.Parallel()
	li, boss := rep("li"), rep("boss")
	li.Views, li.Daily, boss.Role, boss.Views = 5, 20, access.RoleManager, 1
	d := newDesk(t, li, boss)
	gateways := []*assign.Service{d.Service, d.replica()}
	var all []customer.Customer
	for i := range 12 {
		all = append(all, d.lead(fmt.Sprint("c", i), "claim", ""))
	}
	var seen atomic.Int64
	var looking sync.WaitGroup
	for i, c := range all {
		for n := range 3 { // thrice, here and there
			looking.Go(func() {
				if err := gateways[n%2].View(t.Context(), c, li); err == nil {
					seen.Add(1)
				} else if !errors.Is(err, assign.ErrViewsSpent) {
					t.Errorf("look %d at %d: %v", n, i, err)
				}
			})
		}
	}
	looking.Wait()
	if n := seen.Load(); n != 3*5 {
		t.Errorf("%d looks of 36 were allowed, want three at each of five customers", n)
	}
	may := func(c customer.Customer, who access.Person) bool {
		err := d.View(t.Context(), c, who)
		if err != nil && !errors.Is(err, assign.ErrViewsSpent) {
			t.Fatal(err)
		}
		return err == nil
	}
	var fresh []customer.Customer
	for _, c := range all {
		if !may(c, li) {
			fresh = append(fresh, c)
		}
	}
	if len(fresh) != 7 {
		t.Fatalf("%d of 12 are not to be looked at", len(fresh))
	}
	// Claiming, looking at what is one's own, and giving back: it was not looked at in the pool, and still cannot be.
	mine, err := d.Claim(t.Context(), fresh[0].ID, li, "")
	must(t, err)
	if !may(mine, li) {
		t.Error("one's own customer is not of a pool")
	}
	back, err := d.Release(t.Context(), mine.ID, li, "")
	must(t, err)
	if may(back, li) || may(fresh[1], li) {
		t.Error("claiming and releasing gave a look")
	}
	if !may(fresh[2], boss) || !may(fresh[3], boss) {
		t.Error("managers' looks are counted")
	}
	d.pass(24 * time.Hour)
	if !may(fresh[1], li) {
		t.Error("the next day begins without looks")
	}
	free := rep("free")
	for _, c := range all {
		if !may(c, free) {
			t.Fatal("looks are counted where no limit is set")
		}
	}
}
