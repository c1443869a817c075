package ingest

import (
	"context"
	"errors"
	"fmt"

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

// Plan looks at every customer on an occasion and tells for whom something is to be done or noted; by itself it stores nothing. What the day's limit does not concern, because it asks nobody for
// work or there is no limit (0), is told to free at once, in the order of ids. Of the others each owner keeps, of those with the highest scores, as many as the limit leaves; they come
// with those whom given has already, the highest score first, and are added to given. left counts who has to wait for another day. The memory that it takes depends on how many owners
// there are, not on how many customers.
func (s *Service) Plan(ctx context.Context, o customer.Occasion, limit int, given Given, free func(Asked) error) (kept []Asked, left int, err error) {
	rules, day := s.rules().on(o), newSpread(limit, given)
	q := store.CustomerQuery{Owned: rules.Follow != nil && rules.Follow.OwnedOnly(o)}
	err = s.judgeEach(ctx, rules, q, func(old, c customer.Customer) error {
		if old.SameFollowing(c.Following) {
			return nil
		}
		a := askedOf(c, c.Effects[len(old.Effects):])
		if limit == 0 || len(a.Work) == 0 {
			return free(a)
		}
		day.add(a)
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("look at customers (%s): %w", o, err)
	}
	kept, left = day.end()
	return kept, left, nil
}

// askedOf is what effects of a customer ask for.
func askedOf(c customer.Customer, effects []customer.Effect) Asked {
	a := Asked{Customer: c.ID, Name: c.Name, Owner: c.Owner, Score: c.Score.Total}
	for _, e := range effects {
		switch e.Kind {
		case customer.EffectWork:
			a.Work = append(a.Work, *e.Work)
		case customer.EffectCalm:
			a.Calm = append(a.Calm, *e.Work)
		}
	}
	return a
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
