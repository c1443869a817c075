package assign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// Outcome is what a simulation found of one customer.
type Outcome struct {
	Customer customer.Customer // with Owner and Handed as they would be, or Waiting
	Arrived  time.Time
}

// ErrNoHandOut says that a pool gives customers to nobody by rule.
var ErrNoHandOut = errors.New("the pool hands nothing out by rule")

// Simulate hands out the customers that came into a pool since an instant once more, each at the time when it was first known, by the pool's present rule, and
// returns them in that order. The people begin with nothing: what they own and got otherwise is not known for the past. Nothing is changed.
// strategy replaces the pool's where it is not empty. Errors: ErrNotOpen for an unknown pool, ErrNoHandOut.
func (s *Service) Simulate(ctx context.Context, name string, strategy Strategy, since time.Time) ([]Outcome, error) {
	pool, ok := s.pools().ByName(name)
	if !ok {
		return nil, fmt.Errorf("pool %q: %w", name, ErrNotOpen)
	}
	pool.Strategy = cmp.Or(strategy, pool.Strategy)
	if !pool.HandsOut() {
		return nil, fmt.Errorf("pool %q, strategy %s: %w", name, pool.Strategy, ErrNoHandOut)
	}
	arrived, err := s.arrived(ctx, name, since)
	if err != nil {
		return nil, err
	}
	paper := newPaper()
	at := since
	trial := New(paper, s.people, func() Pools { return Pools{pool} }, s.zone, func() time.Time { return at }, WithWorking(s.working))
	for _, c := range arrived {
		at = c.Judged
		if _, err := trial.Retry(ctx, func(customer.Customer) error { return nil }); err != nil {
			return nil, err
		}
		paper.arrive(customer.Customer{
			ID: c.ID, Name: c.Name, Fields: c.Fields, Facts: c.Facts, Score: c.Score, Tier: c.Tier, Stage: c.Stage, Standing: c.Standing, Records: c.Records,
			Pool: name, Waiting: customer.Waiting{Why: customer.WaitInTurn, Since: at},
		})
		if _, err := trial.HandOut(ctx, c.ID); err != nil {
			return nil, err
		}
	}
	out := make([]Outcome, len(arrived))
	for i, c := range arrived {
		out[i] = Outcome{paper.customers[c.ID], c.Judged}
	}
	return out, nil
}

// arrived are the customers of a pool, owned or not, that were first known since an instant, the earliest first.
func (s *Service) arrived(ctx context.Context, pool string, since time.Time) ([]customer.Customer, error) {
	var all []customer.Customer
	q := store.CustomerQuery{Pool: pool, Limit: 1000}
	for {
		page, next, err := s.customers.Customers(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("customers of %s: %w", pool, err)
		}
		for _, c := range page {
			if !c.Judged.IsZero() && !c.Judged.Before(since) {
				all = append(all, c)
			}
		}
		if next == "" {
			break
		}
		q.After = next
	}
	slices.SortFunc(all, func(a, b customer.Customer) int { return cmp.Or(a.Judged.Compare(b.Judged), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// paper is a store that forgets everything.
type paper struct {
	mu        sync.Mutex
	customers map[string]customer.Customer
	documents map[string][]byte
	daily     map[[2]string]int // claims by person and day
	holding   map[string]int    // customers by owner
	unowned   map[string]bool
}

func newPaper() *paper {
	return &paper{
		customers: make(map[string]customer.Customer), documents: make(map[string][]byte), daily: make(map[[2]string]int),
		holding: make(map[string]int), unowned: make(map[string]bool),
	}
}

// arrive adds a customer that nobody owns.
func (p *paper) arrive(c customer.Customer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.customers[c.ID], p.unowned[c.ID] = c, true
}

func (p *paper) Customer(_ context.Context, id string) (customer.Customer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.customers[id]
	if !ok {
		return c, store.ErrNotFound
	}
	return c, nil
}

func (p *paper) PutCustomer(_ context.Context, c customer.Customer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put(c)
}

func (p *paper) put(c customer.Customer) error {
	old := p.customers[c.ID]
	if old.Rev != c.Rev {
		return store.ErrConflict
	}
	c.Rev++
	p.holding[old.Owner]--
	p.holding[c.Owner]++
	delete(p.unowned, c.ID)
	if c.Owner == "" {
		p.unowned[c.ID] = true
	}
	p.customers[c.ID] = c
	return nil
}

func (p *paper) Claim(_ context.Context, c customer.Customer, a store.Allowance) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	day := [2]string{a.Person, a.Day}
	switch {
	case p.daily[day] >= a.Daily:
		return store.ErrDailySpent
	case p.holding[a.Person] >= a.Holding:
		return store.ErrHoldingFull
	}
	p.daily[day]++
	return p.put(c)
}

func (p *paper) Release(ctx context.Context, c customer.Customer, _ string) error {
	return p.PutCustomer(ctx, c)
}

func (p *paper) Spent(_ context.Context, person, day string) (daily, holding int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.daily[[2]string{person, day}], p.holding[person], nil
}

// Customers returns those that nobody owns, whatever else is asked: nothing else is.
func (p *paper) Customers(context.Context, store.CustomerQuery) (page []customer.Customer, next string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range p.unowned {
		page = append(page, p.customers[id])
	}
	slices.SortFunc(page, func(a, b customer.Customer) int {
		return cmp.Or(cmp.Compare(b.Score.Total, a.Score.Total), cmp.Compare(a.ID, b.ID))
	})
	return page, "", nil
}

func (p *paper) Document(_ context.Context, name string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.documents[name], nil
}

func (p *paper) SwapDocument(_ context.Context, name string, _, text []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.documents[name] = text
	return nil
}
