package assign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	paper := newPaper(nil, nil)
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
