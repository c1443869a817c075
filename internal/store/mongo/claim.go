package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// claimTime bounds a claim's write of the customer. It is far below leftOver, so that a slow claim is not taken for a dead one.
const claimTime = 20 * time.Second

// Claim is as in store.Customers. It books the allowances, then writes the customer where its Rev still is the one read, then closes the
// booking; a lost race gives the booking back. A claim whose outcome is not known, since the process died or the server did not
// answer, leaves its booking to the person's next claim (see settle).
func (s *Store) Claim(ctx context.Context, c customer.Customer, a store.Allowance) error {
	if _, err := time.Parse(time.DateOnly, a.Day); err != nil || a.Person == "" {
		return fmt.Errorf("claiming customer %q: an allowance needs a person and a day, not %q and %q", c.ID, a.Person, a.Day)
	}
	if err := s.checkRev(ctx, c.ID, c.Rev); err != nil {
		return fmt.Errorf("claiming: %w", err)
	}
	b, err := s.book(ctx, c, a)
	if err != nil {
		return fmt.Errorf("claiming customer %q: %w", c.ID, err)
	}
	writing, cancel := context.WithTimeout(ctx, claimTime)
	err = s.PutCustomer(writing, c)
	cancel()
	// An error of closing the booking changes nothing of what was decided: the next claim closes it.
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTime)
	defer cancel()
	switch {
	case err == nil:
		_ = s.closeBooking(closing, b)
	case errors.Is(err, store.ErrConflict):
		_ = s.giveBack(closing, b)
	}
	return err
}

// checkRev asks whether somebody else was faster before an allowance is touched: that answer is of more use to a person than a spent
// allowance, and a lost race then seldom books anything.
func (s *Store) checkRev(ctx context.Context, id string, rev int64) error {
	head, err := s.head(ctx, id)
	if err != nil {
		return err
	}
	if head.Rev != rev {
		return fmt.Errorf("customer %q has rev %d, not %d: %w", id, head.Rev, rev, store.ErrConflict)
	}
	return nil
}

// head returns the zero headDoc where no customer has the id itself.
func (s *Store) head(ctx context.Context, id string) (headDoc, error) {
	head, err := findOne[headDoc](ctx, s.customers, bson.D{is("_id", id), is("live", true)}, options.FindOne().SetProjection(headFields))
	if errors.Is(err, store.ErrNotFound) {
		return headDoc{}, nil
	}
	return head, err
}

// owned returns the ids of the customers that person owns.
func (s *Store) owned(ctx context.Context, person string) ([]string, error) {
	if person == "" { // unowned customers are nobody's
		return nil, nil
	}
	found, err := findAll[nameDoc](ctx, s.customers, bson.D{is("owner", person)}, options.Find().SetProjection(bson.D{is("_id", 1)}))
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	return ids, err
}

// Release is as in store.Customers. The write itself gives the holding back: what a person holds is looked up.
func (s *Store) Release(ctx context.Context, c customer.Customer, _ string) error {
	return s.PutCustomer(ctx, c)
}

// Spent is as in store.Customers.
func (s *Store) Spent(ctx context.Context, person, day string) (daily, holding int, err error) {
	spent, err := s.allowance(ctx, person)
	if err != nil {
		return 0, 0, err
	}
	ids, err := s.owned(ctx, person)
	return spent.Days[day], len(ids), err
}
