package assign

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// paper is a store that forgets everything. It may lie over another one, which shows through where nothing is written and is not changed.
type paper struct {
	clocks // of the store below; nil where there is none
	below  customers

	mu        sync.Mutex
	customers map[string]customer.Customer
	documents map[string][]byte
	daily     map[[2]string]int // claims on the paper, by person and day
	holding   map[string]int    // customers by owner: how many more than below
	unowned   map[string]bool
}

func newPaper(below customers, records clocks) *paper {
	return &paper{
		clocks: records, below: below,
		customers: make(map[string]customer.Customer), documents: make(map[string][]byte), daily: make(map[[2]string]int), holding: make(map[string]int), unowned: make(map[string]bool),
	}
}

// arrive adds a customer that nobody owns.
func (p *paper) arrive(c customer.Customer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.customers[c.ID], p.unowned[c.ID] = c, true
}

func (p *paper) Customer(ctx context.Context, id string) (customer.Customer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.customer(ctx, id)
}

func (p *paper) customer(ctx context.Context, id string) (customer.Customer, error) {
	switch c, ok := p.customers[id]; {
	case ok:
		return c, nil
	case p.below != nil:
		return p.below.Customer(ctx, id)
	}
	return customer.Customer{}, store.ErrNotFound
}

func (p *paper) PutCustomer(ctx context.Context, c customer.Customer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.put(ctx, c)
}

func (p *paper) put(ctx context.Context, c customer.Customer) error {
	old, err := p.customer(ctx, c.ID)
	if err != nil {
		return err
	}
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

func (p *paper) Claim(ctx context.Context, c customer.Customer, a store.Allowance) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	daily, holding, err := p.spent(ctx, a.Person, a.Day)
	switch {
	case err != nil:
		return err
	case daily >= a.Daily:
		return store.ErrDailySpent
	case holding >= a.Holding:
		return store.ErrHoldingFull
	}
	if err := p.put(ctx, c); err != nil {
		return err
	}
	p.daily[[2]string{a.Person, a.Day}]++
	return nil
}

func (p *paper) Release(ctx context.Context, c customer.Customer, _ string) error {
	return p.PutCustomer(ctx, c)
}

func (p *paper) Spent(ctx context.Context, person, day string) (daily, holding int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.spent(ctx, person, day)
}

func (p *paper) spent(ctx context.Context, person, day string) (daily, holding int, err error) {
	if p.below != nil {
		daily, holding, err = p.below.Spent(ctx, person, day)
	}
	return daily + p.daily[[2]string{person, day}], holding + p.holding[person], err
}

// Customers returns, without a store below, those that nobody owns, whatever else is asked: nothing else is. With one, it returns what that finds and what is still so on the paper.
func (p *paper) Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.below == nil {
		return p.waiting(), "", nil
	}
	for {
		found, next, err := p.below.Customers(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for _, c := range found {
			if now, ok := p.customers[c.ID]; ok {
				c = now
			}
			if (!q.Unowned || c.Owner == "") && (q.Owner == "" || c.Owner == q.Owner) && (q.Pool == "" || c.Pool == q.Pool) {
				page = append(page, c)
			}
		}
		if q.After = next; next == "" || len(page) > 0 {
			return page, next, nil
		}
	}
}

func (p *paper) waiting() (page []customer.Customer) {
	for id := range p.unowned {
		page = append(page, p.customers[id])
	}
	slices.SortFunc(page, func(a, b customer.Customer) int {
		return cmp.Or(cmp.Compare(b.Score.Total, a.Score.Total), cmp.Compare(a.ID, b.ID))
	})
	return page
}

// ClockedCustomers leaves out those whose clocks went on, on the paper.
func (p *paper) ClockedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.clocks.ClockedCustomers(ctx, now, limit+len(p.customers))
	all = slices.DeleteFunc(all, func(c customer.Customer) bool {
		c, on := p.customers[c.ID]
		return on && (c.Clock.Next.IsZero() || c.Clock.Next.After(now))
	})
	return all[:min(len(all), limit)], err
}

func (p *paper) Document(ctx context.Context, name string) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if text, ok := p.documents[name]; ok || p.below == nil {
		return text, nil
	}
	return p.below.Document(ctx, name)
}

func (p *paper) SwapDocument(_ context.Context, name string, _, text []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.documents[name] = text
	return nil
}

// onPaper is the service over a paper that lies on the store: it decides as the service does, and changes nothing.
func (s *Service) onPaper() *Service {
	p := newPaper(s.customers, s.clocks)
	return New(p, s.people, s.pools, s.zone, s.now, WithWorking(s.working), WithOwnership(p, s.ownership, s.done, s.shown))
}

// TryHandOut tells who would get what waits in the pools that hand out, were it handed out now, and how many would go on waiting. Nothing is changed. Memory grows with what is
// handed out.
func (s *Service) TryHandOut(ctx context.Context) (given []customer.Customer, waiting int, err error) {
	trial := s.onPaper()
	var mu sync.Mutex
	done := func(c customer.Customer) error {
		mu.Lock()
		defer mu.Unlock()
		given = append(given, c)
		return nil
	}
	for _, pool := range s.pools() {
		if !pool.HandsOut() {
			continue
		}
		if _, err := trial.retry(ctx, pool, false, done); err != nil {
			return nil, 0, err
		}
		q := store.CustomerQuery{Pool: pool.Name, Unowned: true, Limit: retryPage}
		for more := true; more; {
			page, next, err := trial.customers.Customers(ctx, q)
			if err != nil {
				return nil, 0, err
			}
			waiting += len(page)
			q.After, more = next, next != ""
		}
	}
	slices.SortFunc(given, func(a, b customer.Customer) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.ID, b.ID))
	})
	return given, waiting, nil
}

// TryClocks tells what the owners' clocks, and the rules about leavers, would do now: it calls tell with each customer before and after, with the effects that were added, and with
// its next owner where a rule would find one at once. Nothing is changed.
func (s *Service) TryClocks(ctx context.Context, tell func(was, is customer.Customer) error) error {
	trial := s.onPaper()
	after := func(c customer.Customer) error {
		was, err := s.customers.Customer(ctx, c.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(c.Effects, func(e customer.Effect) bool { return e.Kind == customer.EffectHandOut }) {
			if c, err = trial.HandOut(ctx, c.ID); err != nil {
				return err
			}
		}
		return tell(was, c)
	}
	_, failed := trial.Clocks(ctx, after)
	left, err := trial.Leavers(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, l := range left {
		if l.Due.After(s.now()) {
			continue
		}
		if _, err := trial.Vacate(ctx, l.ID, after); err != nil {
			return errors.Join(failed, err)
		}
	}
	return failed
}
