package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// Asked is what looking at a customer on an occasion asks for.
type Asked struct {
	Customer string // its id
	Name     string
	Owner    string
	Score    float64
	Work     []customer.Work
	Calm     []customer.Work // tasks that end, and why
}

// on returns the service with everybody looked at on an occasion.
func (s *Service) on(o customer.Occasion) *Service {
	own := *s
	own.rules = func() *Rules { return s.rules().on(o) }
	return &own
}

func (r *Rules) on(o customer.Occasion) *Rules {
	own := *r
	own.Occasion = o
	return &own
}

// Plan looks at every customer on an occasion and returns those for whom something is to be done or noted, the highest score first. Nothing is stored. It keeps only those in memory.
func (s *Service) Plan(ctx context.Context, o customer.Occasion) ([]Asked, error) {
	var all []Asked
	rules := s.rules().on(o)
	q := store.CustomerQuery{Owned: rules.Follow != nil && rules.Follow.OwnedOnly(o)}
	err := s.judgeEach(ctx, rules, q, func(old, c customer.Customer) error {
		if old.SameFollowing(c.Following) {
			return nil
		}
		a := Asked{Customer: c.ID, Name: c.Name, Owner: c.Owner, Score: c.Score.Total}
		for _, e := range c.Effects[len(old.Effects):] {
			if e.Kind == customer.EffectWork {
				a.Work = append(a.Work, *e.Work)
			}
			if e.Kind == customer.EffectCalm {
				a.Calm = append(a.Calm, *e.Work)
			}
		}
		all = append(all, a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at customers (%s): %w", o, err)
	}
	slices.SortFunc(all, func(a, b Asked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Customer, b.Customer))
	})
	return all, nil
}

// Given are the customers for whom a day's work was asked for already, or is about to be, by owner.
type Given map[string][]string

// Spread keeps at most limit pieces of work a day for each owner, those first in the list; what only ends tasks or notes something stays. 0 is no limit. given is what was kept
// before on the day, and is added to: what a crash cut short is kept again, and nothing in place of what was done. left says how many wait for another day.
func Spread(all []Asked, limit int, given Given) (kept []Asked, left int) {
	for _, a := range all {
		if limit > 0 && len(a.Work) > 0 && !slices.Contains(given[a.Owner], a.Customer) {
			if len(given[a.Owner]) >= limit {
				left++
				continue
			}
			given[a.Owner] = append(given[a.Owner], a.Customer)
		}
		kept = append(kept, a)
	}
	return kept, left
}

// Follow looks at one customer on an occasion and stores what follows, as one write. A customer that is gone is none.
func (s *Service) Follow(ctx context.Context, id string, o customer.Occasion) error {
	err := s.on(o).Rescore(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Spells calls fn with the purchases of every customer that has some, in the order of ids; it ends early where fn returns false. Nothing else of the customers is read.
func (s *Service) Spells(ctx context.Context, fn func(purchases []customer.Order) bool) error {
	batch := make([]store.Holder, 0, together)
	flush := func() error {
		defer func() { batch = batch[:0] }()
		all, err := s.purchases(ctx, batch)
		for _, one := range all {
			if len(one) > 0 && !fn(one) {
				return errEnough
			}
		}
		return err
	}
	err := s.store.EachHolder(ctx, func(h store.Holder) error {
		if batch = append(batch, h); len(batch) < together {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// purchases are the orders of each, by their date.
func (s *Service) purchases(ctx context.Context, holders []store.Holder) ([][]customer.Order, error) {
	whose := make(map[customer.Ref]int, len(holders))
	var refs []customer.Ref
	for i, h := range holders {
		for _, key := range h.Keys {
			if ref, found := customer.CutRefKey(key); found {
				refs, whose[ref] = append(refs, ref), i
			}
		}
	}
	orders, err := s.store.Orders(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("orders of %d customers: %w", len(holders), err)
	}
	all := make([][]customer.Order, len(holders))
	for _, o := range orders {
		i := whose[o.Customer]
		all[i] = append(all[i], o)
	}
	return all, nil
}

var errEnough = errors.New("enough")
