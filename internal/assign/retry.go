package assign

import (
	"context"
	"errors"
	"fmt"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// retryPage is how many customers are read at a time.
const retryPage = 200

// Retry tries again to hand out what waits in the pools that hand out, the best scores first, and clears up decisions that a crash left over. done is called for each
// customer that found an owner. It returns how many did.
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

// RetryTeam hands out of the team's pools until nobody can get any more; it is for when somebody may have room again.
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
	n := 0
	var nobody map[customer.Block]int // once it is known that nobody can get any customer
	q := store.CustomerQuery{Pool: pool.Name, Unowned: true, ByScore: true, Limit: retryPage}
	for {
		page, next, err := s.customers.Customers(ctx, q)
		if err != nil {
			return n, fmt.Errorf("waiting in %s: %w", pool.Name, err)
		}
		for _, waiting := range page {
			if nobody != nil {
				if _, err := s.keepWaiting(ctx, waiting, nobody); err != nil {
					return n, err
				}
				continue
			}
			c, err := s.HandOut(ctx, waiting.ID)
			if err != nil {
				return n, err
			}
			if c.Owner == "" {
				if w := c.Waiting; w.Why == customer.WaitNobody && w.Blocks[customer.BlockFormer] == 0 { // it is not this customer's
					nobody = w.Blocks
				}
				if nobody != nil && !note {
					return n, nil
				}
				continue
			}
			n++
			if err := done(c); err != nil {
				return n, err
			}
		}
		if next == "" {
			return n, nil
		}
		q.After = next
	}
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
