package assign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// retryPage is how many customers are read at a time.
const retryPage = 200

// Retry tries again to hand out what waits in the pools that hand out, the best scores first, and clears up decisions that a crash left over. done is called for each
// customer that found an owner, from several goroutines. It returns how many did.
func (s *Service) Retry(ctx context.Context, done func(customer.Customer) error) (int, error) {
	n := 0
	var problems []error
	for _, pool := range s.pools() {
		if !pool.HandsOut() {
			continue
		}
		got, err := s.retry(ctx, pool, true, done)
		n += got
		problems = append(problems, err, s.tidy(ctx, pool.Team))
	}
	return n, errors.Join(problems...)
}

// RetryTeam hands out of the team's pools until nobody can get any more; it is for when somebody may have room again. done as in Retry.
func (s *Service) RetryTeam(ctx context.Context, team string, done func(customer.Customer) error) (int, error) {
	n := 0
	for _, pool := range s.pools() {
		if pool.Team != team || !pool.HandsOut() {
			continue
		}
		got, err := s.retry(ctx, pool, false, done)
		n += got
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// retry hands out what waits in a pool. Once nobody can get any, it ends, or notes so for the rest.
func (s *Service) retry(ctx context.Context, pool Pool, note bool, done func(customer.Customer) error) (int, error) {
	n, together := 0, 1
	var nobody map[customer.Block]int // once it is known that nobody can get any customer
	q := store.CustomerQuery{Pool: pool.Name, Unowned: true, ByScore: true, Limit: retryPage}
	for {
		page, next, err := s.customers.Customers(ctx, q)
		if err != nil {
			return n, fmt.Errorf("waiting in %s: %w", pool.Name, err)
		}
		page = slices.DeleteFunc(page, func(c customer.Customer) bool { return c.Clock.Cooled.After(s.now()) })
		for len(page) > 0 && nobody == nil {
			some := page[:min(together, len(page))] // few first: often there is room for one
			page, together = page[len(some):], min(2*together, retryPage)
			var got int
			if got, nobody, err = s.handOutAll(ctx, pool, some, done); err != nil {
				return n + got, err
			}
			n += got
		}
		if nobody != nil && !note {
			return n, nil
		}
		for _, waiting := range page {
			if _, err := s.keepWaiting(ctx, waiting, nobody); err != nil {
				return n, err
			}
		}
		if next == "" {
			return n, nil
		}
		q.After = next
	}
}

// hands is how many claims are made side by side: the store commits them together.
const hands = 16

// handOutAll hands some customers of a pool out, the first first, and calls done for each that found an owner. nobody is why not, where nobody could get one whichever it was.
func (s *Service) handOutAll(ctx context.Context, pool Pool, some []customer.Customer, done func(customer.Customer) error) (n int, nobody map[customer.Block]int, failed error) {
	wishes := make([]*request, len(some))
	for i, c := range some {
		wishes[i] = &request{c: c, pool: pool, refused: make(map[string]customer.Block)}
	}
	s.decide(ctx, pool.Team, wishes...)
	var mu sync.Mutex
	note := func(c customer.Customer, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch w := c.Waiting; {
		case err != nil:
			failed = errors.Join(failed, err)
		case c.Owner != "":
			n++
		case w.Why == customer.WaitNobody && w.Blocks[customer.BlockFormer] == 0: // it is not this customer's
			nobody = w.Blocks
		}
	}
	var working sync.WaitGroup
	free := make(chan struct{}, hands)
	for _, r := range wishes {
		free <- struct{}{}
		working.Go(func() {
			defer func() { <-free }()
			c, again, err := s.carryOut(ctx, r)
			if again && err == nil {
				c, err = s.HandOut(ctx, r.c.ID)
			}
			if err == nil && c.Owner != "" {
				err = done(c)
			}
			note(c, err)
		})
	}
	working.Wait()
	return n, nobody, failed
}

// tidy closes the decisions of a team whose customers found an owner otherwise, or are no more.
func (s *Service) tidy(ctx context.Context, team string) error {
	return s.change(ctx, team, func(l *Ledger) (bool, error) {
		changed := false
		for id, d := range l.Open {
			c, err := s.customers.Customer(ctx, id)
			switch {
			case errors.Is(err, store.ErrNotFound), err == nil && c.ID != id, err == nil && c.Owner == "" && c.Pool != d.Pool:
				l.takeBack(id)
				changed = true
			case err != nil:
				return false, err
			case c.Owner != "":
				changed = l.close(c) || changed
			}
		}
		return changed, nil
	})
}
