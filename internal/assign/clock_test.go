package assign_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
)

// timed is a desk with the owners' clock. What becomes of cards that warn is set by hand.
type timed struct {
	*desk
	rules   assign.Ownership
	arrival assign.Arrival
	done    time.Time // when the owner ended a task last
}

func days(n int) calendar.Span { return calendar.HoursSpan(time.Duration(n) * 24 * time.Hour) }

// shortLadder is remind, manager and pool on the days 3, 5 and 7.
func shortLadder() assign.Ownership {
	return assign.Ownership{
		Ladders: []assign.Ladder{{Rungs: []assign.Rung{
			{Step: customer.StepRemind, After: days(3)}, {Step: customer.StepManager, After: days(5)}, {Step: customer.StepPool, After: days(7)},
		}}},
		Signs: customer.Signs{Types: []string{"note", "call"}}, Notice: days(1), ExtendBy: days(3), ExtendTimes: 2, DelayDays: 60, DelayTimes: 2,
		Contract: "contract_end", ProtectDays: 30, Former: days(20),
	}
}

func newTimed(t *testing.T, rules assign.Ownership, people ...access.Person) *timed {
	t.Helper()
	d := &timed{desk: newDesk(t, people...), rules: rules, arrival: assign.Arrived}
	d.Service = assign.New(d.store, d.people, func() assign.Pools { return d.pools }, shanghai, d.now, assign.WithWorking(d.working),
		assign.WithOwnership(d.store, func() assign.Ownership { return d.rules },
			func(context.Context, customer.Customer, time.Time) (time.Time, error) { return d.done, nil },
			func(context.Context, customer.Customer) (assign.Arrival, error) { return d.arrival, nil }))
	return d
}

func (d *timed) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = at
}

func (d *timed) get(id string) customer.Customer {
	d.t.Helper()
	c, err := d.store.Customer(d.t.Context(), id)
	must(d.t, err)
	return c
}

// run makes what is due and returns the customer.
func (d *timed) run(id string) customer.Customer {
	d.t.Helper()
	_, err := d.Clocks(d.t.Context(), func(c customer.Customer) error {
		var ids []string
		for _, e := range c.Effects {
			ids = append(ids, e.ID)
		}
		return d.store.ClearEffects(d.t.Context(), c.ID, ids)
	})
	must(d.t, err)
	return d.get(id)
}

// owned is a customer of a person's from the present on.
func (d *timed) owned(id, pool string, who access.Person) customer.Customer {
	d.t.Helper()
	d.lead(id, pool, "")
	_, err := d.Claim(d.t.Context(), id, who, "")
	must(d.t, err)
	return d.run(id)
}

// sameTimeAfter is the n-th workday after an instant at the same time, found by walking from day to day; where it is no working time, the next.
func sameTimeAfter(at time.Time, n int) time.Time {
	at = at.In(shanghai)
	if w := chinese.Working(nil, shanghai); !w.Open(at) {
		at = w.Next(at)
	}
	for n > 0 {
		at = at.AddDate(0, 0, 1)
		if chinese.Workday(calendar.DayOf(at, shanghai)) {
			n--
		}
	}
	return at
}

func TestTheLadderIsClimbedOnItsDaysOfTheWholeYear(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"))
	every := 1
	if otherMachine() {
		every = 8 // all days of the week, in all seasons
	}
	for day := 0; day < 365; day += every {
		id := fmt.Sprint("c", day)
		start := time.Date(2026, 1, 1+day, 10+day%7, 20, 0, 0, shanghai) // also on weekends and holidays
		if day > 344 {
			break // the steps would lie in a year that nobody has decreed yet
		}
		d.set(start)
		c := d.owned(id, "claim", able("li"))
		for _, step := range []struct {
			n    int
			done customer.Step
		}{{3, customer.StepRemind}, {5, customer.StepManager}, {7, ""}} {
			due := sameTimeAfter(start, step.n)
			if !c.Clock.Next.Equal(due) {
				t.Fatalf("owned from %s: the step of day %d is due %s, want %s", start, step.n, c.Clock.Next.In(shanghai), due)
			}
			d.set(due.Add(-time.Millisecond))
			if early := d.run(id); early.Clock.Done == step.done && step.done != "" || early.Owner == "" {
				t.Fatalf("owned from %s: day %d came early", start, step.n)
			}
			d.set(due)
			c = d.run(id)
			if c.Clock.Done != step.done {
				t.Fatalf("owned from %s: on day %d the ladder is at %q", start, step.n, c.Clock.Done)
			}
		}
		if c.Owner != "" || c.Waiting.Why != customer.WaitOffered || !c.Returns[0].Lost {
			t.Fatalf("owned from %s: after day 7 %+v", start, c)
		}
	}
}

func TestWorkOnTheCustomerBeginsTheLadderAnew(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	for name, work := range map[string]func(d *timed, at time.Time){
		"a note of the owner's":         func(d *timed, at time.Time) { d.activity("note", "li", at) },
		"a call that a system tells of": func(d *timed, at time.Time) { d.activity("call", "", at) },
		"an order": func(d *timed, at time.Time) {
			_, err := d.store.PutOrder(d.t.Context(), customer.Order{ID: "erp/1", Customer: "erp/c1", Date: at, Status: "won", ModifiedAt: at})
			must(d.t, err)
		},
		"a task done": func(d *timed, at time.Time) { d.done = at },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTimed(t, shortLadder(), able("li"))
			d.set(start)
			must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: "c1", Pool: "claim", Records: []customer.Record{{Ref: "erp/c1"}}}))
			_, err := d.Claim(t.Context(), "c1", able("li"), "")
			must(t, err)
			d.run("c1")
			d.set(sameTimeAfter(start, 3))
			if c := d.run("c1"); c.Clock.Warned.IsZero() {
				t.Fatal("no card warns")
			}
			at := sameTimeAfter(start, 4)
			work(d, at)
			d.set(sameTimeAfter(start, 5))
			c := d.run("c1")
			if !c.Clock.From.Equal(at) || !c.Clock.Warned.IsZero() || c.Clock.Done != "" || !c.Clock.Next.Equal(sameTimeAfter(at, 3)) {
				t.Errorf("the clock stands at %+v", c.Clock)
			}
		})
	}
	t.Run("what others do, or did before, does not", func(t *testing.T) {
		t.Parallel()
		d := newTimed(t, shortLadder(), able("li"))
		d.set(start)
		d.owned("c1", "claim", able("li"))
		d.activity("note", "zhang", start.Add(time.Hour))
		d.activity("visit", "", start.Add(2*time.Hour))
		d.activity("note", "li", start.Add(-time.Hour))
		d.set(sameTimeAfter(start, 3))
		if c := d.run("c1"); c.Clock.Done != customer.StepRemind {
			t.Errorf("the clock stands at %+v", c.Clock)
		}
	})
}

func (d *timed) activity(kind, by string, at time.Time) {
	d.n++
	_, err := d.store.PutActivity(d.t.Context(), customer.Activity{ID: customer.NewRef("chat", fmt.Sprint(d.n)), Customer: "erp/c1", Type: kind, By: by, At: at.UTC(), ModifiedAt: at.UTC()})
	must(d.t, err)
}

func TestNobodyLosesACustomerWithoutACardBefore(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	d.owned("c1", "claim", able("li"))

	d.set(sameTimeAfter(start, 30)) // nobody looked for weeks: first the card, and the customer goes a day later
	c := d.run("c1")
	if c.Owner != "li" || !c.Clock.Warned.Equal(d.now()) || c.Clock.Done != customer.StepManager || !c.Clock.MoveAt.Equal(sameTimeAfter(start, 31)) {
		t.Fatalf("after weeks without a card: %+v", c.Clock)
	}
	d.set(sameTimeAfter(start, 31))
	d.arrival = assign.Pending
	if c = d.run("c1"); c.Owner != "li" {
		t.Fatal("the customer went while the card was on its way")
	}
	d.arrival = assign.Failed
	d.pass(time.Hour)
	if c = d.run("c1"); c.Owner != "li" || c.Clock.Episode != 2 {
		t.Fatalf("the card never arrived: %+v", c.Clock)
	}
	d.arrival = assign.Arrived
	d.set(c.Clock.MoveAt)
	if c = d.run("c1"); c.Owner != "" {
		t.Fatalf("the customer stays: %+v", c.Clock)
	}
}

func TestAContractKeepsACustomerUntilItsDaysAreOver(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"2026-06-30", "2026/6/30", "2026年6月30日", "2026-06-30T00:00:00+08:00"} {
		d := newTimed(t, shortLadder(), able("li"))
		start := time.Date(2026, 1, 5, 10, 0, 0, 0, shanghai)
		d.set(start)
		must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: "c1", Pool: "claim", Fields: map[string]customer.Field{"contract_end": {Value: written}}}))
		_, err := d.Claim(t.Context(), "c1", able("li"), "")
		must(t, err)
		end := time.Date(2026, 7, 31, 0, 0, 0, 0, shanghai) // 30 days after the last day
		var went time.Time
		for at := start; went.IsZero() && at.Before(end.AddDate(0, 1, 0)); at = at.Add(6 * time.Hour) {
			d.set(at)
			c := d.run("c1")
			if c.Owner == "" {
				went = at
				continue
			}
			if c.Clock.Done == "" && at.After(sameTimeAfter(start, 4)) {
				t.Fatalf("%s: no card was shown although the contract only keeps the customer from going", written)
			}
		}
		if went.Before(end) || went.After(end.AddDate(0, 0, 6)) {
			t.Errorf("%s: the customer went %s, want soon after %s", written, went, end)
		}
	}
}

func TestExtendingMovesTheRestOfTheLadderAndIsBounded(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"), able("zhang"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	d.owned("c1", "claim", able("li"))
	extend := func(who access.Person, episode int) error {
		_, err := d.Extend(t.Context(), "c1", episode, who)
		return err
	}
	if err := extend(able("li"), 0); !errors.Is(err, assign.ErrNoClock) {
		t.Errorf("before any card: %v", err)
	}
	d.set(sameTimeAfter(start, 3))
	d.run("c1")
	for _, c := range []struct {
		who     access.Person
		episode int
		want    error
	}{{able("zhang"), 1, assign.ErrNotOwner}, {able("li"), 7, assign.ErrOver}, {able("li"), 1, nil}, {able("li"), 1, nil}, {able("li"), 1, assign.ErrNoMore}} {
		if err := extend(c.who, c.episode); !errors.Is(err, c.want) {
			t.Errorf("%s extends: %v, want %v", c.who.ID, err, c.want)
		}
	}
	if c := d.get("c1"); !c.Clock.MoveAt.Equal(sameTimeAfter(start, 13)) || c.Clock.Extended != 2 {
		t.Errorf("extended twice by 3 days, it goes %s", c.Clock.MoveAt.In(shanghai))
	}
	d.set(sameTimeAfter(start, 13).Add(-time.Millisecond))
	if c := d.run("c1"); c.Owner != "li" {
		t.Error("it went early")
	}
	d.set(sameTimeAfter(start, 13))
	if c := d.run("c1"); c.Owner != "" {
		t.Error("it did not go")
	}
}

func TestPuttingOffNeedsAReasonAndEnds(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"), able("zhang"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	d.owned("c1", "claim", able("li"))
	d.set(sameTimeAfter(start, 3))
	d.run("c1")
	until := time.Date(2026, 4, 15, 0, 0, 0, 0, shanghai)
	for _, c := range []struct {
		who   access.Person
		until time.Time
		why   string
		want  error
	}{
		{able("zhang"), until, "等预算", assign.ErrNotOwner}, {able("li"), until, " ", assign.ErrNoReason}, {able("li"), start, "等预算", assign.ErrTooLong},
		{able("li"), until.AddDate(1, 0, 0), "等预算", assign.ErrTooLong}, {able("li"), until, "等预算", nil}, {able("li"), until, "等预算", nil},
		{able("li"), until.AddDate(0, 0, 1), "再等等", nil}, {able("li"), until, "还是等", assign.ErrNoMore},
	} {
		if _, err := d.Delay(t.Context(), "c1", c.until, c.why, c.who); !errors.Is(err, c.want) {
			t.Errorf("%s, %s: %v, want %v", c.who.ID, c.why, err, c.want)
		}
	}
	until = until.AddDate(0, 0, 1)
	c := d.get("c1")
	if !c.Clock.Warned.IsZero() || !c.Clock.Next.Equal(until) || c.Clock.Delay.Why != "再等等" {
		t.Errorf("put off: %+v", c.Clock)
	}
	d.set(until.Add(-time.Millisecond))
	if c = d.run("c1"); c.Owner != "li" || c.Clock.Done != "" && !c.Clock.Warned.IsZero() {
		t.Errorf("while put off: %+v", c.Clock)
	}
	d.set(until)
	if c = d.run("c1"); !c.Clock.Next.Equal(sameTimeAfter(until, 3)) || !c.Clock.Delay.IsZero() {
		t.Errorf("afterwards the ladder begins anew: %+v", c.Clock)
	}
}

func TestWhatWentBackCannotBeClaimedForAWhile(t *testing.T) {
	t.Parallel()
	rules := shortLadder()
	rules.All = days(2)
	d := newTimed(t, rules, able("li"), able("zhang"))
	boss := able("boss")
	boss.Role = access.RoleManager
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	for _, id := range []string{"c1", "c2"} {
		d.owned(id, "claim", able("li"))
	}
	for _, n := range []int{3, 5, 7} {
		d.set(sameTimeAfter(start, n))
		d.run("c1")
	}
	c := d.get("c1")
	if c.Waiting.Why != customer.WaitCooling || d.Sees(c, able("li")) || d.Sees(c, able("zhang")) || !d.Sees(c, boss) {
		t.Errorf("back in its pool: %+v", c.Waiting)
	}
	claim := func(id string, who access.Person) error { _, err := d.Claim(t.Context(), id, who, ""); return err }
	if err := claim("c1", able("zhang")); !errors.Is(err, assign.ErrCooling) {
		t.Errorf("a colleague: %v", err)
	}
	if err := claim("c1", boss); err != nil {
		t.Errorf("a manager: %v", err)
	}
	d.set(sameTimeAfter(start, 9))
	c = d.run("c2")
	if c.Waiting.Why != customer.WaitOffered || !c.Clock.IsZero() || !d.Sees(c, able("zhang")) || d.Sees(c, able("li")) {
		t.Errorf("when it is warm again: %+v %+v", c.Waiting, c.Clock)
	}
	if err := claim("c2", able("li")); !errors.Is(err, assign.ErrFormer) {
		t.Errorf("who lost it: %v", err)
	}
	d.set(sameTimeAfter(start, 27))
	if err := claim("c2", able("li")); err != nil {
		t.Errorf("who lost it, 20 days later: %v", err)
	}
}

func TestAColleagueIsAskedThenItIsHandedOut(t *testing.T) {
	t.Parallel()
	rules := shortLadder()
	rules.Ladders[0].Rungs = []assign.Rung{
		{Step: customer.StepRemind, After: days(3)}, {Step: customer.StepOffer, After: days(6)}, {Step: customer.StepReassign, After: days(7)},
	}
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	asked := func(t *testing.T) *timed {
		d := newTimed(t, rules, able("li"), able("wu"), able("zhang"))
		d.set(start)
		d.owned("c1", "claim", able("li"))
		for _, n := range []int{3, 6} {
			d.set(sameTimeAfter(start, n))
			d.run("c1")
		}
		return d
	}
	t.Run("who takes it over owns it", func(t *testing.T) {
		t.Parallel()
		d := asked(t)
		c := d.get("c1")
		if c.Clock.Offer.To != "wu" || c.Clock.Offer.N != 1 {
			t.Fatalf("asked: %+v", c.Clock.Offer)
		}
		if _, err := d.Accept(t.Context(), "c1", 0, 1, able("zhang"), ""); !errors.Is(err, assign.ErrOver) {
			t.Errorf("somebody who was not asked: %v", err)
		}
		c, err := d.Accept(t.Context(), "c1", 0, 1, able("wu"), "")
		must(t, err)
		if c.Owner != "wu" || c.Handed.Rule != customer.HandedByOffer || c.Round != 1 || c.Returns[0].Person != "li" {
			t.Errorf("taken over: %+v", c)
		}
		if again, err := d.Accept(t.Context(), "c1", 0, 1, able("wu"), ""); err != nil || again.Round != 1 {
			t.Errorf("a second click: %+v, %v", again, err)
		}
		if _, daily, _ := d.store.Spent(t.Context(), "wu", "2026-03-10"); daily != 1 {
			t.Errorf("holds %d", daily)
		}
	})
	t.Run("the next is asked, then nobody", func(t *testing.T) {
		t.Parallel()
		d := asked(t)
		c, err := d.Decline(t.Context(), "c1", 0, 1, able("wu"))
		must(t, err)
		if c.Clock.Offer.To != "zhang" || c.Clock.Offer.N != 2 {
			t.Fatalf("asked: %+v", c.Clock.Offer)
		}
		if c, err = d.Decline(t.Context(), "c1", 0, 2, able("zhang")); err != nil || c.Clock.Offer.To != "" || c.Owner != "li" {
			t.Fatalf("asked: %+v, %v", c.Clock.Offer, err)
		}
		if c, err = d.Decline(t.Context(), "c1", 0, 1, able("wu")); err != nil {
			t.Errorf("a second click: %v", err)
		}
		d.set(sameTimeAfter(start, 7))
		c = d.run("c1")
		if c.Owner != "" || !c.Waiting.Handing {
			t.Fatalf("handed out: %+v", c)
		}
		c, err = d.HandOut(t.Context(), "c1")
		must(t, err)
		if c.Owner == "" || c.Owner == "li" || c.Handed.Rule != string(assign.Rotate) {
			t.Errorf("handed to %q by %+v", c.Owner, c.Handed)
		}
	})
	t.Run("the owner's work ends it", func(t *testing.T) {
		t.Parallel()
		d := asked(t)
		c, err := d.Worked(t.Context(), "c1", d.now().Add(time.Minute))
		must(t, err)
		if c.Clock.Offer.To != "" || c.Clock.Done != "" {
			t.Errorf("after the owner's work: %+v", c.Clock)
		}
		if _, err := d.Accept(t.Context(), "c1", 0, 1, able("wu"), ""); !errors.Is(err, assign.ErrOver) {
			t.Errorf("accepted too late: %v", err)
		}
	})
	t.Run("where nobody can have it, the pool's own way goes on", func(t *testing.T) {
		t.Parallel()
		d := newTimed(t, rules, able("li"))
		d.set(start)
		d.owned("c1", "claim", able("li"))
		for _, n := range []int{3, 6, 7} {
			d.set(sameTimeAfter(start, n))
			d.run("c1")
		}
		c, err := d.HandOut(t.Context(), "c1")
		must(t, err)
		if c.Owner != "" || c.Waiting.Why != customer.WaitOffered || c.Waiting.Handing {
			t.Errorf("waits: %+v", c.Waiting)
		}
	})
}

func TestLeaveStopsTheClock(t *testing.T) {
	t.Parallel()
	d := newTimed(t, shortLadder(), able("li"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	d.owned("c1", "claim", able("li"))
	d.leave = map[string][]calendar.Leave{"li": {{From: time.Date(2026, 3, 3, 0, 0, 0, 0, shanghai), To: time.Date(2026, 3, 6, 0, 0, 0, 0, shanghai)}}}
	must(t, d.Rewind(t.Context(), "li"))
	want := sameTimeAfter(start, 6) // three of the days are leave
	if c := d.get("c1"); !c.Clock.Next.Equal(want) {
		t.Fatalf("with leave the card comes %s, want %s", c.Clock.Next.In(shanghai), want)
	}
	d.leave = nil
	must(t, d.RewindAll(t.Context()))
	if c := d.get("c1"); !c.Clock.Next.Equal(sameTimeAfter(start, 3)) {
		t.Errorf("back early, the card comes %s", c.Clock.Next.In(shanghai))
	}
}

func TestRulesOfEachTierAndStage(t *testing.T) {
	t.Parallel()
	rules := shortLadder()
	rules.Ladders = append([]assign.Ladder{
		{Tiers: []string{"A"}, Stages: []customer.Stage{customer.Lead}, Rungs: []assign.Rung{{Step: customer.StepRemind, After: days(1)}}},
		{Stages: []customer.Stage{customer.Active}, Rungs: []assign.Rung{{Step: customer.StepRemind, After: days(9)}}},
		{Stages: []customer.Stage{customer.Lost}},
	}, rules.Ladders...)
	d := newTimed(t, rules, able("li"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	for i, c := range []struct {
		tier  string
		stage customer.Stage
		after int
	}{{"A", customer.Lead, 1}, {"B", customer.Lead, 3}, {"A", customer.Active, 9}, {"C", customer.Dormant, 3}, {"A", customer.Lost, 0}} {
		d.set(start)
		id := fmt.Sprint("c", i)
		must(t, d.store.PutCustomer(t.Context(), customer.Customer{ID: id, Pool: "claim", Tier: c.tier, Stage: c.stage}))
		_, err := d.Claim(t.Context(), id, able("li"), "")
		must(t, err)
		next := d.run(id).Clock.Next
		if c.after == 0 && !next.IsZero() || c.after > 0 && !next.Equal(sameTimeAfter(start, c.after)) {
			t.Errorf("%s %s: next %s", c.tier, c.stage, next.In(shanghai))
		}
	}
}

func TestWhoLeftHandsEverythingOver(t *testing.T) {
	t.Parallel()
	rules := shortLadder()
	rules.LeaverAfter = days(1)
	d := newTimed(t, rules, able("li"), able("wu"), able("zhang"))
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, shanghai)
	d.set(start)
	for i := range 6 {
		d.owned(fmt.Sprint("c", i), "claim", able("li"))
	}
	must(t, d.people.Replace([]access.Person{able("wu"), able("zhang")}))
	missed, err := d.Leavers(t.Context())
	must(t, err)
	if len(missed) != 1 || missed[0].ID != "li" || !missed[0].Due.Equal(sameTimeAfter(start, 1)) {
		t.Fatalf("missed: %+v", missed)
	}
	must(t, d.people.Replace([]access.Person{able("li"), able("wu"), able("zhang")})) // a slip of the pen
	missed, err = d.Leavers(t.Context())
	must(t, err)
	if len(missed) != 0 {
		t.Fatalf("missed: %+v", missed)
	}
	li := able("li")
	li.Left = d.now().Add(-time.Hour)
	must(t, d.people.Replace([]access.Person{li, able("wu"), able("zhang")}))
	missed, err = d.Leavers(t.Context())
	must(t, err)
	if len(missed) != 1 || missed[0].Due.After(d.now()) {
		t.Fatalf("left: %+v", missed)
	}
	owners := map[string]int{}
	n, err := d.Vacate(t.Context(), "li", func(c customer.Customer) error {
		got, err := d.HandOut(t.Context(), c.ID)
		owners[got.Owner]++
		return err
	})
	must(t, err)
	same(t, n, 6)
	same(t, owners, map[string]int{"wu": 3, "zhang": 3})
	if _, err := d.Assign(t.Context(), "c0", li, boss(), ""); !errors.Is(err, assign.ErrCannotOwn) {
		t.Errorf("somebody who left gets a customer: %v", err)
	}
}

func boss() access.Person {
	p := able("boss")
	p.Role = access.RoleManager
	return p
}

func TestManagersAssignAndOwnersHandOver(t *testing.T) {
	t.Parallel()
	full := able("full")
	full.Holding = 0
	d := newTimed(t, shortLadder(), able("li"), able("wu"), full, boss())
	d.owned("c1", "claim", able("li"))
	assignTo := func(to, by access.Person) (customer.Customer, error) { return d.Assign(t.Context(), "c1", to, by, "") }
	if _, err := assignTo(able("wu"), able("li")); !errors.Is(err, assign.ErrNotManager) {
		t.Errorf("a rep assigns: %v", err)
	}
	c, err := assignTo(able("wu"), boss())
	must(t, err)
	if c.Owner != "wu" || c.Round != 1 || c.Handed.By != "boss" || !c.Taken() {
		t.Errorf("assigned: %+v", c)
	}
	if c, err = assignTo(able("wu"), boss()); err != nil || c.Round != 1 {
		t.Errorf("assigned again: %+v, %v", c, err)
	}
	if _, err := assignTo(full, boss()); err == nil {
		t.Error("somebody without room got a customer")
	}
	hand := func(to, by access.Person) (customer.Customer, bool, error) {
		return d.HandOver(t.Context(), "c1", to, by, "")
	}
	if _, _, err := hand(able("li"), able("li")); !errors.Is(err, assign.ErrNotOwner) {
		t.Errorf("who is not the owner hands over: %v", err)
	}
	c, asked, err := hand(able("li"), able("wu"))
	if err != nil || asked || c.Owner != "li" || c.Handed.Rule != customer.HandedByOwner {
		t.Errorf("handed over at once: %+v, %v, %v", c, asked, err)
	}
	d.rules.Accept = true
	c, asked, err = hand(able("wu"), able("li"))
	if err != nil || !asked || c.Owner != "li" || c.Clock.Offer.To != "wu" || c.Clock.Offer.By != "li" {
		t.Fatalf("asked: %+v, %v, %v", c.Clock.Offer, asked, err)
	}
	if again, _, err := hand(able("wu"), able("li")); err != nil || again.Clock.Offer.N != c.Clock.Offer.N {
		t.Errorf("asked twice: %+v, %v", again.Clock.Offer, err)
	}
	c, err = d.Accept(t.Context(), "c1", c.Round, c.Clock.Offer.N, able("wu"), "")
	if err != nil || c.Owner != "wu" || c.Handed.By != "li" {
		t.Errorf("accepted: %+v, %v", c, err)
	}
}

func TestManagersChooseAmongThoseWhoCan(t *testing.T) {
	t.Parallel()
	away := able("away")
	d := newTimed(t, shortLadder(), able("li"), able("wu"), away, boss())
	d.pools = append(d.pools, assign.Pool{Name: "decide", Team: "a", Strategy: assign.ByManager})
	d.leave = map[string][]calendar.Leave{"away": {{From: d.at.Add(-time.Hour), To: d.at.Add(99 * time.Hour)}}}
	d.owned("c0", "claim", able("li"))
	d.lead("c1", "decide", "")
	c, err := d.HandOut(t.Context(), "c1")
	must(t, err)
	same(t, c.Waiting.Choices, []customer.Choice{{Person: "wu"}, {Person: "li", Open: 1}})
	same(t, c.Waiting.Blocks, map[customer.Block]int{customer.BlockLeave: 1, customer.BlockManager: 1})
	if again, err := d.HandOut(t.Context(), "c1"); err != nil || again.Rev != c.Rev {
		t.Errorf("proposing again wrote: %v", err)
	}
	if _, err := d.Claim(t.Context(), "c1", able("wu"), ""); !errors.Is(err, assign.ErrNotOpen) {
		t.Errorf("a rep claims it: %v", err)
	}
	if _, err := d.Choose(t.Context(), "c1", 0, "wu", able("li"), ""); !errors.Is(err, assign.ErrNotManager) {
		t.Errorf("a rep chooses: %v", err)
	}
	if c, err = d.Choose(t.Context(), "c1", 0, "wu", boss(), ""); err != nil || c.Owner != "wu" {
		t.Errorf("chosen: %+v, %v", c, err)
	}
	if _, err := d.Choose(t.Context(), "c1", 0, "li", boss(), ""); !errors.Is(err, assign.ErrTaken) {
		t.Errorf("chosen by a second manager: %v", err)
	}
}
