package assign

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// maxChoices is how many people a card proposes to managers: as many as are still read at a glance.
const maxChoices = 4

// propose notes who could get a customer for the managers' card: those who match best and have the fewest first.
func (s *Service) propose(ctx context.Context, c customer.Customer, pool Pool) (customer.Customer, error) {
	l, err := s.ledger(ctx, pool.Team)
	if err != nil {
		return c, err
	}
	has, _, err := s.loadsOf(ctx, pool.Team, l)
	if err != nil {
		return c, err
	}
	all, h, blocks := s.candidates(c, pool, l, has, nil)
	slices.SortFunc(all, compareLoad)
	next := customer.Waiting{Why: customer.WaitChoice, Since: c.Waiting.Since, Blocks: blocks}
	if next.Since.IsZero() {
		next.Since = s.stamp()
	}
	for _, one := range all[:min(len(all), maxChoices)] {
		next.Choices = append(next.Choices, customer.Choice{Person: one.id, Open: one.open, Month: l.Got[one.id], Fits: len(h.Match) > 0 && !h.Unmatched})
	}
	if next.Same(c.Waiting) {
		return c, nil
	}
	c.Waiting = next
	c.Require(customer.Effect{Kind: customer.EffectCards, At: s.stamp(), Pool: c.Pool})
	if err := s.customers.PutCustomer(ctx, c); err != nil && !errors.Is(err, store.ErrConflict) {
		return c, fmt.Errorf("note who could get %s: %w", c.ID, err)
	}
	return s.customers.Customer(ctx, c.ID)
}

// Choose gives a waiting customer to one of those who were proposed, while its card is that of the round.
// Errors: TakenError, ErrOver, and those of Assign.
func (s *Service) Choose(ctx context.Context, id string, round int, to string, by access.Person, via string) (customer.Customer, error) {
	if !by.May(access.Manage) {
		return customer.Customer{}, fmt.Errorf("choose for %s: %w", id, ErrNotManager)
	}
	who, known := s.people.ByID(to)
	if !known {
		return customer.Customer{}, fmt.Errorf("choose %s: %w", to, ErrCannotOwn)
	}
	return s.transfer(ctx, id, who, via, customer.Handed{Rule: customer.HandedByManager, By: by.ID}, func(c *customer.Customer) error {
		switch {
		case c.Owner != "":
			return &TakenError{Owner: c.Owner}
		case c.Round != round:
			return fmt.Errorf("choose for %s: %w", id, ErrOver)
		}
		return nil
	})
}
