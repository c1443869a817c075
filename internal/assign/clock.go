package assign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// retryWarning is when it is looked again whether a card that warns has arrived.
const retryWarning = 10 * time.Minute

// clocks is the part of the store that the ownership clock uses besides.
type clocks interface {
	ClockedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error)
	NextOwner(ctx context.Context, after string) (string, error)
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
}

// Tasks tells when a person last ended a task of a customer's as done, since an instant; the zero time for never.
type Tasks func(ctx context.Context, c customer.Customer, since time.Time) (time.Time, error)

// Arrival is what became of a card that warns.
type Arrival string

// What can have become of it.
const (
	Arrived Arrival = "arrived"
	Pending Arrival = "pending" // it is on its way
	Failed  Arrival = "failed"  // it never arrives
)

// WithOwnership lets the clock run under the rules in force. shown tells whether the owner's card that warns has arrived: nobody loses a customer without one.
func WithOwnership(records clocks, rules func() Ownership, done Tasks, shown func(ctx context.Context, c customer.Customer) (Arrival, error)) Option {
	return func(s *Service) { s.clocks, s.ownership, s.done, s.shown = records, rules, done, shown }
}

// clockPage is how many customers are read at a time.
const clockPage = 200

// Clocks makes the steps that are due: of owners who did nothing, and of customers that may be claimed again. after is called for each customer that changed, to carry
// out its effects. One customer that fails does not stop the others; the error is the first failure. It returns how many changed.
func (s *Service) Clocks(ctx context.Context, after func(customer.Customer) error) (int, error) {
	n := 0
	var failed error
	fail := func(err error) {
		if failed == nil {
			failed = err
		}
	}
	for ctx.Err() == nil {
		page, err := s.clocks.ClockedCustomers(ctx, s.now(), clockPage)
		if err != nil {
			return n, fmt.Errorf("clocks that are due: %w", err)
		}
		moved := 0
		for _, c := range page {
			changed, err := s.Tick(ctx, c.ID)
			if err != nil {
				fail(fmt.Errorf("clock of %s: %w", c.ID, err))
				continue
			}
			moved++
			if len(changed.Effects) == 0 {
				continue
			}
			n++
			if err := after(changed); err != nil {
				fail(err)
			}
		}
		if len(page) < clockPage || moved == 0 {
			return n, failed
		}
	}
	return n, ctx.Err()
}

// tickSteps bounds how many steps are made of one customer at a time: all of a ladder, and a warning before.
const tickSteps = 10

// Tick makes the steps of one customer that are due, and returns the customer as it then is.
func (s *Service) Tick(ctx context.Context, id string) (customer.Customer, error) {
	var c customer.Customer
	for range tickSteps {
		var again bool
		var err error
		if c, again, err = s.tick(ctx, id); err != nil || !again {
			return c, err
		}
	}
	return c, nil
}

// tick makes one step, and reports whether another may be due.
func (s *Service) tick(ctx context.Context, id string) (c customer.Customer, again bool, err error) {
	if c, err = s.customers.Customer(ctx, id); err != nil {
		return c, false, err
	}
	was := c
	if c.Owner == "" {
		s.thaw(&c)
	} else if s.gone(c.Owner) {
		c.Clock.Next = time.Time{} // see Leavers
	} else if again, err = s.step(ctx, &c); err != nil {
		return c, false, err
	}
	if c.Clock.Same(was.Clock) && c.Owner == was.Owner && len(c.Effects) == len(was.Effects) {
		return c, again, nil
	}
	if c.Owner == was.Owner {
		err = s.customers.PutCustomer(ctx, c)
	} else {
		err = s.customers.Release(ctx, c, was.Owner)
	}
	if errors.Is(err, store.ErrConflict) { // whoever was faster may have changed everything
		return was, true, nil
	}
	c.Rev++
	return c, again, err
}

// step makes the next step of an owned customer in c, if it is due, and sets when to look again.
func (s *Service) step(ctx context.Context, c *customer.Customer) (again bool, err error) {
	now, rules, w := s.stamp(), s.ownership(), s.working(c.Owner)
	k := &c.Clock
	if k.From.IsZero() {
		k.Last, k.From = now, now // owned since before there was a clock
	}
	if !k.Delay.IsZero() && !k.Delay.Until.After(now) {
		k.From, k.Done, k.Delay = later(k.From, k.Delay.Until), "", customer.Delay{}
	}
	out := rules.look(*c, w, s.zone, now)
	if out.step != "" {
		last, err := s.lastWork(ctx, *c, rules, now)
		if err != nil {
			return false, err
		}
		switch {
		case c.Worked(last):
			again = true
		case out.step.Moves():
			again, err = s.move(ctx, c, out.step, now)
		default:
			s.warn(c, out.step, now)
			again = true
		}
		if err != nil || c.Owner == "" {
			return false, err
		}
		if !again { // it waits for the card
			return false, nil
		}
	}
	s.announceMove(c, rules.look(*c, w, s.zone, now), now)
	return again, nil
}

// announceMove sets when to look again, and has the card that warns say what is to come.
func (s *Service) announceMove(c *customer.Customer, out outlook, now time.Time) {
	k := &c.Clock
	k.Next = stamped(out.next)
	if out.step != "" {
		k.Next = now
	}
	moveAt := stamped(out.moveAt)
	if k.Move == out.move && k.MoveAt.Equal(moveAt) {
		return
	}
	k.Move, k.MoveAt = out.move, moveAt
	if !k.Warned.IsZero() {
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	}
}

// warn makes a step that only tells.
func (s *Service) warn(c *customer.Customer, step customer.Step, now time.Time) {
	k := &c.Clock
	if step == customer.StepRemind {
		k.Warned = now
		k.Episode++
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	} else {
		c.Require(customer.Effect{Kind: customer.EffectCopied, At: now, Pool: c.Pool, Person: c.Owner, From: string(step)})
	}
	if order(step) > order(k.Done) {
		k.Done = step
	}
}

// move makes a step by which the owner may lose the customer, once the card that warns has arrived. again is false where it has not.
func (s *Service) move(ctx context.Context, c *customer.Customer, step customer.Step, now time.Time) (again bool, err error) {
	arrival, err := s.shown(ctx, *c)
	if err != nil {
		return false, err
	}
	switch arrival {
	case Pending:
		c.Clock.Next = now.Add(retryWarning)
		return false, nil
	case Failed: // another card, which may find another way
		c.Require(customer.Effect{Kind: customer.EffectCopied, At: now, Pool: c.Pool, Person: c.Owner, From: copiedUnseen})
		s.warn(c, customer.StepRemind, now)
		return true, nil
	}
	if step == customer.StepOffer {
		c.Clock.Done = step
		return true, s.ask(ctx, c, now)
	}
	pool, ok := s.poolOf(*c)
	if !ok { // there is nowhere to go
		c.Clock.Done = step
		return true, nil
	}
	s.lose(c, pool, step == customer.StepReassign, now)
	return true, nil
}

// copiedUnseen is the From of an effect that tells managers that an owner cannot be warned.
const copiedUnseen = "unseen"

// poolOf is the pool that a customer goes back to: its own, or the one that its score leads to.
func (s *Service) poolOf(c customer.Customer) (Pool, bool) {
	pools := s.pools()
	if pool, ok := pools.ByName(c.Pool); ok {
		return pool, true
	}
	for _, pool := range pools {
		if f, err := pool.When.Schema().DecodeFacts(c.Facts); err == nil && pool.When.Match(f, c.Score.Total, c.Tier) {
			return pool, true
		}
	}
	return Pool{}, false
}

// lose takes a customer from its owner, to be handed to somebody else of the pool's team or to wait in the pool.
func (s *Service) lose(c *customer.Customer, pool Pool, hand bool, at time.Time) {
	owner, all := c.Owner, s.ownership().All
	c.Owner, c.OwnedAt, c.Handed, c.Clock = "", time.Time{}, customer.Handed{}, customer.Clock{}
	c.Lost(owner, at)
	c.Round++
	c.Pool = pool.Name
	c.Waiting = customer.Waiting{Why: pool.Waits(), Since: at}
	c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Pool: pool.Name})
	switch {
	case hand:
		c.Waiting.Why, c.Waiting.Handing = customer.WaitInTurn, true
		c.Require(customer.Effect{Kind: customer.EffectHandOut, At: at, Pool: pool.Name})
	case !all.IsZero():
		c.Clock.Cooled = stamped(s.after(at, all))
		c.Clock.Next, c.Waiting.Why = c.Clock.Cooled, customer.WaitCooling
	case pool.Chooses():
		c.Require(customer.Effect{Kind: customer.EffectHandOut, At: at, Pool: pool.Name})
	}
	// After a hand-out, so that the former's tasks go to whom it finds.
	c.Require(customer.Effect{Kind: customer.EffectReleased, At: at, Pool: pool.Name, Person: owner})
	c.Announce(s.watch, at)
}

// thaw lets a customer be claimed again whose time in the cold is over.
func (s *Service) thaw(c *customer.Customer) {
	now := s.stamp()
	if c.Clock.Cooled.After(now) {
		c.Clock.Next = c.Clock.Cooled
		return
	}
	cooled := !c.Clock.Cooled.IsZero()
	c.Clock = customer.Clock{}
	if !cooled {
		return
	}
	pool, _ := s.pools().ByName(c.Pool)
	c.Waiting.Why = pool.Waits()
	c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	if pool.Chooses() {
		c.Require(customer.Effect{Kind: customer.EffectHandOut, At: now, Pool: c.Pool})
	}
}

// lastWork is when the owner last worked on a customer, by everything that is known.
func (s *Service) lastWork(ctx context.Context, c customer.Customer, rules Ownership, now time.Time) (time.Time, error) {
	orders, err := s.clocks.Orders(ctx, c.Refs())
	if err != nil {
		return time.Time{}, fmt.Errorf("orders: %w", err)
	}
	activities, err := s.clocks.Activities(ctx, c.Refs(), c.Clock.Last)
	if err != nil {
		return time.Time{}, fmt.Errorf("activities: %w", err)
	}
	done, err := s.done(ctx, c, c.Clock.Last)
	if err != nil {
		return time.Time{}, fmt.Errorf("tasks: %w", err)
	}
	return later(rules.Signs.Last(c, orders, activities, now), done), nil
}

// Worked notes that the owner of a customer worked on it at an instant, and returns the customer.
func (s *Service) Worked(ctx context.Context, id string, at time.Time) (customer.Customer, error) {
	return s.amend(ctx, id, func(c *customer.Customer) error {
		if c.Worked(stamped(at)) {
			s.rewind(c)
		}
		return nil
	})
}

// Rewind looks anew at the clocks of everything that a person owns: for when their working time, or the rules, have changed.
func (s *Service) Rewind(ctx context.Context, person string) error {
	q := store.CustomerQuery{Owner: person, Limit: clockPage}
	for {
		page, next, err := s.customers.Customers(ctx, q)
		if err != nil {
			return fmt.Errorf("customers of %s: %w", person, err)
		}
		for _, c := range page {
			if _, err := s.amend(ctx, c.ID, func(c *customer.Customer) error { s.rewind(c); return nil }); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}

// rewind sets when to look at a customer, as the rules and the owner's working time now are.
func (s *Service) rewind(c *customer.Customer) {
	if c.Owner == "" || s.gone(c.Owner) {
		return
	}
	now := s.stamp()
	if c.Clock.From.IsZero() {
		c.Clock.Last, c.Clock.From = now, now
	}
	s.announceMove(c, s.ownership().look(*c, s.working(c.Owner), s.zone, now), now)
}

// RewindAll does Rewind for everybody who owns something.
func (s *Service) RewindAll(ctx context.Context) error {
	for owner := ""; ; {
		var err error
		if owner, err = s.clocks.NextOwner(ctx, owner); err != nil || owner == "" {
			return err
		}
		if err := s.Rewind(ctx, owner); err != nil {
			return err
		}
	}
}

// amend changes one customer, trying again where somebody else was faster. What do leaves as it was is not written.
func (s *Service) amend(ctx context.Context, id string, do func(*customer.Customer) error) (customer.Customer, error) {
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil {
			return c, err
		}
		was := c
		if err := do(&c); err != nil {
			return was, err
		}
		if c.Clock.Same(was.Clock) && c.Owner == was.Owner && len(c.Effects) == len(was.Effects) {
			return c, nil
		}
		err = s.customers.PutCustomer(ctx, c)
		if err == nil {
			c.Rev++
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return was, fmt.Errorf("change %s: %w", id, err)
		}
	}
	return customer.Customer{}, fmt.Errorf("change %s: %w", id, ErrBusy)
}

func stamped(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.UTC().Truncate(time.Millisecond)
}
