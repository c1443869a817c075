package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/scoring"
)

// longestAdjustment is how far ahead an adjustment may expire: what is to last longer belongs into the model.
const longestAdjustment = 366 * 24 * time.Hour

// keptAdjustments bounds how many adjustments a customer keeps; the oldest that is not in force goes first.
const keptAdjustments = 50

// Adjust changes the customer's score by hand until the adjustment expires, in place of an adjustment in force; a.At is set here. Whether a.By may is the
// caller's to know. store.ErrNotFound, scoring.ErrAdjustment, *scoring.BoundError.
func (s *Service) Adjust(ctx context.Context, id string, a scoring.Adjustment) (customer.Customer, error) {
	return s.AdjustOnce(ctx, id, uuid.NewString(), a)
}

// AdjustOnce is Adjust under an id of the caller's: doing it again with the same one changes nothing more.
func (s *Service) AdjustOnce(ctx context.Context, id, adjustment string, a scoring.Adjustment) (customer.Customer, error) {
	kept := customer.Adjustment{ID: adjustment, Adjustment: a}
	return s.decide(ctx, id, func(c *customer.Customer, unadjusted float64) error {
		if slices.ContainsFunc(c.Adjustments, func(a customer.Adjustment) bool { return a.ID == adjustment }) {
			return nil
		}
		kept.At, kept.Expires = s.stamp(), a.Expires.UTC().Truncate(time.Millisecond)
		if kept.Expires.After(kept.At.Add(longestAdjustment)) {
			return fmt.Errorf("%w: it may last at most a year", scoring.ErrAdjustment)
		}
		if err := kept.Check(unadjusted, kept.At); err != nil {
			return err
		}
		c.Adjustments = append(slices.Clip(c.Adjustments), kept)
		if len(c.Adjustments) > keptAdjustments {
			oldest := slices.IndexFunc(c.Adjustments, func(a customer.Adjustment) bool { return !a.Active(kept.At) })
			c.Adjustments = slices.Delete(c.Adjustments, max(oldest, 0), max(oldest, 0)+1)
		}
		return nil
	})
}

// ErrNoAdjustment says that the customer has no adjustment of that id in force.
var ErrNoAdjustment = errors.New("no such adjustment is in force")

// Withdraw ends an adjustment before it expires; by is a person's id. store.ErrNotFound, ErrNoAdjustment.
func (s *Service) Withdraw(ctx context.Context, id, adjustment, by string) (customer.Customer, error) {
	return s.decide(ctx, id, func(c *customer.Customer, _ float64) error {
		now := s.stamp()
		c.Adjustments = slices.Clone(c.Adjustments)
		for i := range c.Adjustments {
			if a := &c.Adjustments[i]; a.ID == adjustment && a.Active(now) {
				a.Ended, a.EndedBy = now, by
				return nil
			}
		}
		return fmt.Errorf("adjustment %q of %s: %w", adjustment, c.ID, ErrNoAdjustment)
	})
}

// decide stores a person's decision about a customer's score, with what follows from it. change is told the score as it is without adjustment.
func (s *Service) decide(ctx context.Context, id string, change func(c *customer.Customer, unadjusted float64) error) (customer.Customer, error) {
	for range attempts {
		c, err := s.store.Customer(ctx, id)
		if err != nil {
			return c, fmt.Errorf("adjust: %w", err)
		}
		c, err = s.decided(ctx, c, change)
		if err != nil {
			return c, err
		}
		err = s.store.PutCustomer(ctx, c)
		if err == nil {
			c.Rev++
			s.wakeFor(c)
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return c, fmt.Errorf("adjust %s: %w", id, err)
		}
	}
	return customer.Customer{}, fmt.Errorf("adjust %s: %w", id, ErrBusy)
}

func (s *Service) decided(ctx context.Context, c customer.Customer, change func(c *customer.Customer, unadjusted float64) error) (customer.Customer, error) {
	h, err := s.historyOf(ctx, c.Refs())
	if err != nil {
		return c, fmt.Errorf("adjust %s: %w", c.ID, err)
	}
	bare := c
	bare.Adjustments = nil
	if bare, err = s.rules().Judge(bare, h.orders, h.activities, s.stamp(), ""); err != nil {
		return c, err
	}
	if err := change(&c, bare.Score.Total); err != nil {
		return c, err
	}
	return s.rules().Judge(c, h.orders, h.activities, s.stamp(), customer.WhyAdjustment)
}

// lapsedPage is how many customers RescoreLapsed takes at once.
const lapsedPage = 256

// RescoreLapsed judges those anew whose adjustment has expired, and returns how many they were. Those that cannot be judged now are left to the next run.
func (s *Service) RescoreLapsed(ctx context.Context) (int, error) {
	for done, first := 0, ""; ; {
		found, err := s.store.LapsedCustomers(ctx, s.stamp(), lapsedPage)
		if err != nil {
			return done, fmt.Errorf("lapsed adjustments: %w", err)
		}
		if len(found) == 0 || found[0].ID == first {
			return done, nil
		}
		if err := s.judgeMany(ctx, found); err != nil {
			return done, err
		}
		first, done = found[0].ID, done+len(found)
	}
}
