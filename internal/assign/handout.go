package assign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// HandOut makes a member of the pool's team the owner of a customer, as the pool's strategy says, and returns the customer. Where nobody can get it, it stays unowned
// without an error and says why (Waiting).
//
// The choice is one conditional write of the team's ledger, made before the claim: a crash between the two finds the same choice again, and a claim that is refused
// takes it back.
func (s *Service) HandOut(ctx context.Context, id string) (customer.Customer, error) {
	refused := make(map[string]customer.Block)
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil {
			return c, err
		}
		pool, ok := s.pools().ByName(c.Pool)
		if ok && c.Waiting.Handing && !pool.HandsOut() {
			pool.Strategy = Rotate
		}
		switch {
		case !ok || !pool.Chooses():
			return c, nil
		case c.Owner != "":
			return c, s.change(ctx, pool.Team, func(l *Ledger) (bool, error) { return l.close(c), nil })
		case c.Clock.Cooled.After(s.now()):
			return c, nil
		case pool.Strategy == ByManager:
			return s.propose(ctx, c, pool)
		}
		wish := &request{c: c, pool: pool, refused: refused}
		s.decide(ctx, pool.Team, wish)
		if got, again, err := s.carryOut(ctx, wish); !again {
			return got, err
		}
	}
	return customer.Customer{}, fmt.Errorf("hand out %s: %w", id, ErrBusy)
}

// carryOut makes whom a request chose the owner. again asks for another choice: the customer changed meanwhile, or the claim was refused, which is noted in the request.
func (s *Service) carryOut(ctx context.Context, r *request) (c customer.Customer, again bool, err error) {
	switch {
	case errors.Is(r.err, store.ErrConflict):
		return r.c, true, nil
	case r.err != nil:
		return r.c, false, fmt.Errorf("hand out %s: %w", r.c.ID, r.err)
	case r.decision.Person == "":
		c, err = s.nobody(ctx, r.c, r.blocks)
		return c, false, err
	}
	who, _ := s.people.ByID(r.decision.Person)
	claimed, err := s.claim(ctx, r.c.ID, who, "", r.decision.Handed)
	block, is := blockOf(err)
	switch {
	case err == nil:
		s.settle(r.pool.Team, claimed)
		return claimed, false, nil
	case !is:
		return r.c, false, err
	}
	r.refused[who.ID] = block
	err = s.change(ctx, r.pool.Team, func(l *Ledger) (bool, error) { l.takeBack(r.c.ID); return true, nil })
	return r.c, err == nil, err
}

// blockOf is why a claim was refused to somebody who was chosen; is reports whether it was refused at all.
func blockOf(err error) (block customer.Block, is bool) {
	switch {
	case errors.Is(err, store.ErrDailySpent):
		return customer.BlockDaily, true
	case errors.Is(err, store.ErrHoldingFull):
		return customer.BlockHolding, true
	case errors.Is(err, ErrNotMember), errors.Is(err, ErrNotOpen): // it went to another pool meanwhile
		return customer.BlockRole, true
	case errors.Is(err, ErrFormer):
		return customer.BlockFormer, true
	case errors.Is(err, ErrTaken):
		return "", true
	}
	return "", false
}

// nobody is what becomes of a customer that nobody can get: it waits, or where it is handed out although its pool does not, the pool's own way goes on.
func (s *Service) nobody(ctx context.Context, c customer.Customer, blocks map[customer.Block]int) (customer.Customer, error) {
	pool, _ := s.pools().ByName(c.Pool)
	if pool.HandsOut() {
		return s.keepWaiting(ctx, c, blocks)
	}
	return s.amend(ctx, c.ID, func(c *customer.Customer) error {
		if c.Owner != "" || !c.Waiting.Handing {
			return nil
		}
		c.Waiting.Why, c.Waiting.Handing = pool.Waits(), false
		c.Require(customer.Effect{Kind: customer.EffectCards, At: s.stamp(), Pool: pool.Name})
		if pool.Chooses() {
			c.Require(customer.Effect{Kind: customer.EffectHandOut, At: s.stamp(), Pool: pool.Name})
		}
		return nil
	})
}

// keepWaiting notes why nobody can get a customer. One that changed meanwhile is left to whoever changed it: it is tried again.
func (s *Service) keepWaiting(ctx context.Context, c customer.Customer, blocks map[customer.Block]int) (customer.Customer, error) {
	next := customer.Waiting{Why: customer.WaitNobody, Since: c.Waiting.Since, Blocks: blocks, Handing: c.Waiting.Handing}
	if next.Since.IsZero() {
		next.Since = s.stamp()
	}
	if next.Same(c.Waiting) {
		return c, nil
	}
	c.Waiting = next
	if err := s.customers.PutCustomer(ctx, c); err != nil && !errors.Is(err, store.ErrConflict) {
		return c, fmt.Errorf("note why %s waits: %w", c.ID, err)
	}
	return s.customers.Customer(ctx, c.ID)
}

func (s *Service) month() string { return s.now().In(s.zone).Format("2006-01") }

// stamp is the present as it is stored.
func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Millisecond) }
