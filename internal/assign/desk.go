package assign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// desk is where a team's ledger is written in this process. Whoever has the turn decides for everybody who waits, in one write: many customers that come at once cost few.
type desk struct {
	turn sync.Mutex

	mu      sync.Mutex
	waiting []*request
	settled []customer.Customer // whose decisions are carried out; the next write closes them, or Retry does
}

// desks are by team.
type desks struct{ byTeam sync.Map }

func (d *desks) of(team string) *desk {
	at, _ := d.byTeam.LoadOrStore(team, new(desk))
	return at.(*desk)
}

// request is a customer for whom somebody is to be chosen.
type request struct {
	c       customer.Customer
	pool    Pool
	refused map[string]customer.Block // people whom the claim was refused to, and why

	done     bool // the fields below are set; guarded by the desk's turn
	decision Decision
	blocks   map[customer.Block]int // why how many of the team cannot get it, where nobody can
	err      error                  // store.ErrConflict where the customer has an owner, or moved, since it was read
}

// settle has the decision about a customer closed that has an owner: it stands where that is who was chosen.
func (s *Service) settle(team string, c customer.Customer) {
	at := s.desks.of(team)
	at.mu.Lock()
	defer at.mu.Unlock()
	at.settled = append(at.settled, c)
}

// mostTogether bounds how many decisions are made in one write.
const mostTogether = 500

// decide chooses who of a team gets each customer of some requests, in their order.
func (s *Service) decide(ctx context.Context, team string, all ...*request) {
	at := s.desks.of(team)
	at.mu.Lock()
	at.waiting = append(at.waiting, all...)
	at.mu.Unlock()
	at.turn.Lock()
	defer at.turn.Unlock()
	for !all[len(all)-1].done { // by whoever had the turn before, perhaps
		at.mu.Lock()
		batch, settled := at.waiting[:min(len(at.waiting), mostTogether)], at.settled
		at.waiting = at.waiting[len(batch):]
		at.settled = nil
		at.mu.Unlock()
		// Others wait for it too, who have not given up.
		err := s.swap(context.WithoutCancel(ctx), team, func(l *Ledger) (bool, error) { return s.decideAll(context.WithoutCancel(ctx), team, l, settled, batch) })
		for _, r := range batch {
			r.done = true
			if err != nil {
				r.decision, r.err = Decision{}, err
			}
		}
	}
}

// decideAll makes the decisions of a batch in the ledger.
func (s *Service) decideAll(ctx context.Context, team string, l *Ledger, settled []customer.Customer, batch []*request) (changed bool, err error) {
	l.turn(s.month())
	for _, c := range settled {
		changed = l.close(c) || changed
	}
	has, closed, err := s.loadsOf(ctx, team, l)
	if err != nil {
		return false, err
	}
	changed = changed || closed
	for _, r := range batch {
		r.decision, r.blocks, r.err = Decision{}, nil, nil // of an earlier try
		booked, err := s.choose(ctx, l, has, r)
		changed = changed || booked
		r.err = err
	}
	return changed, nil
}

// choose decides about one customer, and reports whether it changed the ledger. Where the customer has got an owner or moved since it was read, nothing is decided:
// store.ErrConflict. Looking again after the ledger was read makes that certain, since a decision leaves the ledger after its claim only.
func (s *Service) choose(ctx context.Context, l *Ledger, has loads, r *request) (changed bool, err error) {
	c, pool := r.c, r.pool
	fresh, err := s.customers.Customer(ctx, c.ID)
	if err == nil && (fresh.Owner != "" || fresh.Pool != c.Pool || fresh.Round != c.Round || fresh.ID != c.ID) {
		err = store.ErrConflict
	}
	if err != nil {
		return false, err
	}
	if old, open := l.Open[c.ID]; open {
		if _, there := s.people.ByID(old.Person); there && old.Pool == pool.Name && old.Round == c.Round && r.refused[old.Person] == "" {
			r.decision = old
			return false, nil
		}
		l.close(c)
		has.add(old.Person, -1)
		changed = true
	}
	d := Decision{Pool: pool.Name, Round: c.Round, At: s.stamp()}
	all, handed, blocks := s.candidates(c, pool, l, has, r.refused)
	r.blocks = blocks
	if len(all) == 0 {
		return changed, nil
	}
	d.Handed = handed
	r.decision = l.decide(c.ID, d, pool.Strategy, all)
	has.add(r.decision.Person, 1)
	return true, nil
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

// close ends the decision about a customer as the customer was seen, and reports whether there was one. A customer in a later round than the decision's has had an owner since,
// so that decision was carried out; one that was seen in an earlier round tells nothing of it.
func (l *Ledger) close(c customer.Customer) bool {
	d, open := l.Open[c.ID]
	switch {
	case !open || c.Round < d.Round:
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
	desk := s.desks.of(team)
	desk.turn.Lock()
	defer desk.turn.Unlock()
	return s.swap(ctx, team, do)
}

// swap is change for who has the team's turn.
func (s *Service) swap(ctx context.Context, team string, do func(l *Ledger) (bool, error)) error {
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
