package assign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// leaversName is the document that says since when somebody is missed.
const leaversName = "ownership/leavers"

// Leaver is somebody who owns customers and is no longer there.
type Leaver struct {
	ID    string
	Since time.Time // when they left, or were first missed
	Due   time.Time // from when on their customers go
}

// gone reports whether somebody is no longer there.
func (s *Service) gone(person string) bool {
	p, known := s.people.ByID(person)
	return !known || !p.Left.IsZero() && !p.Left.After(s.now())
}

// Leavers lists who owns customers and is no longer there: whom the directory does not know, or calls left. It notes when somebody is missed first, so that a slip of the pen in
// the list of people can be mended before anything goes.
func (s *Service) Leavers(ctx context.Context) ([]Leaver, error) {
	var all []string
	for owner := ""; ; {
		next, err := s.clocks.NextOwner(ctx, owner)
		if err != nil {
			return nil, err
		}
		if owner = next; owner == "" {
			break
		}
		if s.gone(owner) {
			all = append(all, owner)
		}
	}
	since, err := s.missedSince(ctx, all)
	if err != nil {
		return nil, err
	}
	out := make([]Leaver, len(all))
	for i, id := range all {
		out[i] = Leaver{ID: id, Since: since[id], Due: s.after(since[id], s.ownership().LeaverAfter)}
		if p, known := s.people.ByID(id); known { // left by the book: nothing to wait for
			out[i].Since, out[i].Due = p.Left, p.Left
		}
	}
	return out, nil
}

// missedSince is since when each of the people is missed; who is back is forgotten.
func (s *Service) missedSince(ctx context.Context, all []string) (map[string]time.Time, error) {
	for range attempts {
		old, err := s.customers.Document(ctx, leaversName)
		if err != nil {
			return nil, err
		}
		known := map[string]time.Time{}
		if len(old) > 0 {
			if err := json.Unmarshal(old, &known); err != nil {
				return nil, fmt.Errorf("%s: %w", leaversName, err)
			}
		}
		now := make(map[string]time.Time, len(all))
		same := len(all) == len(known)
		for _, id := range all {
			at, had := known[id]
			if !had {
				at, same = s.stamp(), false
			}
			now[id] = at
		}
		if same {
			return now, nil
		}
		text, err := json.Marshal(now)
		if err != nil {
			return nil, err
		}
		if err = s.customers.SwapDocument(ctx, leaversName, old, text); !errors.Is(err, store.ErrConflict) {
			return now, err
		}
	}
	return nil, fmt.Errorf("%s: %w", leaversName, ErrBusy)
}

// Vacate takes all customers from somebody who is no longer there, each to where the rules say, and calls after for each. It returns how many there were.
func (s *Service) Vacate(ctx context.Context, person string, after func(customer.Customer) error) (int, error) {
	n := 0
	for {
		page, _, err := s.customers.Customers(ctx, store.CustomerQuery{Owner: person, Limit: clockPage})
		if err != nil || len(page) == 0 {
			return n, err
		}
		for _, c := range page {
			left, err := s.vacate(ctx, c.ID, person)
			if err != nil {
				return n, fmt.Errorf("take %s from %s: %w", c.ID, person, err)
			}
			n++
			if err := after(left); err != nil {
				return n, err
			}
		}
	}
}

func (s *Service) vacate(ctx context.Context, id, person string) (customer.Customer, error) {
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil || c.Owner != person {
			return c, err
		}
		pool, ok := s.poolOf(c)
		s.lose(&c, pool, ok && s.ownership().LeaverTo != LeaverToPool, s.stamp())
		if !ok {
			c.Waiting.Handing = false
		}
		err = s.customers.Release(ctx, c, person)
		if err == nil {
			c.Rev++
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return c, err
		}
	}
	return customer.Customer{}, ErrBusy
}
