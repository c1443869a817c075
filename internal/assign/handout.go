package assign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/scoring"
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
			return c, s.settle(ctx, pool.Team, c)
		case c.Clock.Cooled.After(s.now()):
			return c, nil
		case pool.Strategy == ByManager:
			return s.propose(ctx, c, pool)
		}
		d, blocks, err := s.decide(ctx, c, pool, refused)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return c, fmt.Errorf("hand out %s: %w", id, err)
		}
		if d.Person == "" {
			return s.nobody(ctx, c, blocks)
		}
		who, _ := s.people.ByID(d.Person)
		claimed, err := s.claim(ctx, id, who, "", d.Handed)
		block, is := blockOf(err)
		switch {
		case err == nil:
			return claimed, s.settle(ctx, pool.Team, claimed)
		case !is:
			return c, err
		}
		refused[d.Person] = block
		if err := s.change(ctx, pool.Team, func(l *Ledger) (bool, error) { l.takeBack(id); return true, nil }); err != nil {
			return c, err
		}
	}
	return customer.Customer{}, fmt.Errorf("hand out %s: %w", id, ErrBusy)
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

// decide chooses who gets the customer, or tells how many of the team cannot for which reason. Where the customer has got an owner or moved since it was read, nothing is
// decided: store.ErrConflict. Looking again after the ledger was read makes that certain, since a decision leaves the ledger after its claim only.
func (s *Service) decide(ctx context.Context, c customer.Customer, pool Pool, refused map[string]customer.Block) (d Decision, blocks map[customer.Block]int, err error) {
	err = s.change(ctx, pool.Team, func(l *Ledger) (bool, error) {
		fresh, err := s.customers.Customer(ctx, c.ID)
		if err == nil && (fresh.Owner != "" || fresh.Pool != c.Pool || fresh.Round != c.Round || fresh.ID != c.ID) {
			err = store.ErrConflict
		}
		if err != nil {
			return false, err
		}
		l.turn(s.month())
		changed := false
		if old, open := l.Open[c.ID]; open {
			if _, there := s.people.ByID(old.Person); there && old.Pool == pool.Name && old.Round == c.Round && refused[old.Person] == "" {
				d = old
				return false, nil
			}
			l.close(c)
			changed = true
		}
		var all []candidate
		d = Decision{Pool: pool.Name, Round: c.Round, At: s.stamp()}
		all, d.Handed, blocks, err = s.candidates(ctx, c, pool, l, refused)
		if err != nil || len(all) == 0 {
			return changed, err
		}
		d = l.decide(c.ID, d, pool.Strategy, all)
		return true, nil
	})
	return d, blocks, err
}

// candidates are the people who can get the customer now: those who match, or the whole team where none of them can. blocks counts the others of the team.
func (s *Service) candidates(ctx context.Context, c customer.Customer, pool Pool, l *Ledger, refused map[string]customer.Block) (
	all []candidate, h customer.Handed, blocks map[customer.Block]int, err error,
) {
	blocks = make(map[customer.Block]int)
	wants := pool.wants(c, factsOf(c, pool))
	var matching []candidate
	for _, p := range s.people.Team(pool.Team) {
		has, err := s.loadOf(ctx, p, l)
		if err != nil {
			return nil, h, nil, err
		}
		one, block := s.candidateOf(p, pool, c, l.Got[p.ID], has)
		if why, no := refused[p.ID]; no {
			block = why
		}
		if block != "" {
			blocks[block]++
			continue
		}
		all = append(all, one)
		if fits(p, wants) {
			matching = append(matching, one)
		}
	}
	h.Match = names(wants)
	if len(matching) > 0 {
		return matching, h, blocks, nil
	}
	h.Unmatched = len(wants) > 0
	return all, h, blocks, nil
}

// factsOf are what conditions look at; nil where no condition asks or they cannot be read.
func factsOf(c customer.Customer, pool Pool) *scoring.Facts {
	for _, m := range pool.Match {
		if m.When == nil {
			continue
		}
		if f, err := m.When.Schema().DecodeFacts(c.Facts); err == nil {
			return f
		}
	}
	return nil
}

// loadOf is what a person has now. Decisions that are not carried out yet count as if they were.
func (s *Service) loadOf(ctx context.Context, p access.Person, l *Ledger) (load, error) {
	day, holding, err := s.customers.Spent(ctx, p.ID, s.allowance(p).Day)
	if err != nil {
		return load{}, fmt.Errorf("allowances of %s: %w", p.ID, err)
	}
	for id, d := range l.Open {
		if d.Person != p.ID {
			continue
		}
		c, err := s.customers.Customer(ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return load{}, err
		}
		if err == nil && c.Owner == "" {
			day, holding = day+1, holding+1
		}
	}
	return load{day, holding}, nil
}

// settle closes the decision about a customer that has an owner: it stands where that is who was chosen.
func (s *Service) settle(ctx context.Context, team string, c customer.Customer) error {
	return s.change(ctx, team, func(l *Ledger) (bool, error) { return l.close(c), nil })
}

// ledger reads a team's ledger as it is.
func (s *Service) ledger(ctx context.Context, team string) (*Ledger, error) {
	text, err := s.customers.Document(ctx, "handout/"+team)
	if err != nil {
		return nil, err
	}
	l, err := parseLedger(text)
	if err == nil {
		l.turn(s.month())
	}
	return l, err
}

// close ends the decision about a customer as the customer now stands, and reports whether there was one. A customer in a later round has had
// an owner since, so that decision was carried out.
func (l *Ledger) close(c customer.Customer) bool {
	d, open := l.Open[c.ID]
	switch {
	case !open:
		return false
	case c.Owner == d.Person || c.Round > d.Round:
		delete(l.Open, c.ID)
	default:
		l.takeBack(c.ID)
	}
	return true
}

// change reads a team's ledger, has it changed, and stores it if nobody else did meanwhile; else it tries again. do reports whether there is
// something to store; it may run several times.
func (s *Service) change(ctx context.Context, team string, do func(l *Ledger) (bool, error)) error {
	turn := s.turns.of(team) // within this process people queue, rather than try again and again
	turn.Lock()
	defer turn.Unlock()
	name := "handout/" + team
	for range attempts {
		old, err := s.customers.Document(ctx, name)
		if err != nil {
			return err
		}
		l, err := parseLedger(old)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		changed, err := do(l)
		if err != nil || !changed {
			return err
		}
		text, err := l.text()
		if err != nil || bytes.Equal(text, old) {
			return err
		}
		if err = s.customers.SwapDocument(ctx, name, old, text); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("%s: %w", name, ErrBusy)
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
