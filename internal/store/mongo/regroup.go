package mongo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// errRegroup is a mistake of the caller.
var errRegroup = errors.New("mongo: Regroup needs a customer to put, and each id once")

// Regroup is as in store.Customers. It asks for all revs before it writes, so that a conflict seldom leaves half of it. Then it writes the
// customers that only gain keys, then those that lose some, then turns gone into names: a crash between leaves a record with two
// customers rather than with none, as long as no two customers of put exchange records.
func (s *Store) Regroup(ctx context.Context, put []customer.Customer, gone []store.Gone) error {
	stored, err := s.checkRegroup(ctx, put, gone)
	if err != nil {
		return fmt.Errorf("regrouping: %w", err)
	}
	for _, c := range gainersFirst(put, stored) {
		if err := s.PutCustomer(ctx, c); err != nil {
			return fmt.Errorf("regrouping: %w", err)
		}
	}
	for _, g := range gone {
		if err := s.rename(ctx, g, cmp.Or(g.Into, put[0].ID)); err != nil {
			return fmt.Errorf("regrouping: %w", err)
		}
	}
	return nil
}

// headDoc is what guards need of a customer.
type headDoc struct {
	ID    string   `bson:"_id"`
	Rev   int64    `bson:"rev"`
	Live  bool     `bson:"live"`
	Owner string   `bson:"owner"`
	Keys  []string `bson:"keys"`
}

var headFields = bson.D{is("rev", 1), is("live", 1), is("owner", 1), is("keys", 1)}

// checkRegroup returns what is stored under the ids, which must have the revs.
func (s *Store) checkRegroup(ctx context.Context, put []customer.Customer, gone []store.Gone) (map[string]headDoc, error) {
	revs, ids := map[string]int64{}, []string{}
	for _, c := range put {
		revs[c.ID], ids = c.Rev, append(ids, c.ID)
	}
	for _, g := range gone {
		revs[g.ID], ids = g.Rev, append(ids, g.ID)
	}
	if len(put) == 0 || len(revs) != len(ids) {
		return nil, errRegroup
	}
	all, err := findAll[headDoc](ctx, s.customers, bson.D{op("_id", is("$in", ids))}, options.Find().SetProjection(headFields))
	if err != nil {
		return nil, err
	}
	stored := map[string]headDoc{}
	for _, head := range all {
		if head.Live {
			stored[head.ID] = head
		}
	}
	for id, rev := range revs {
		if stored[id].Rev != rev {
			return nil, fmt.Errorf("customer %q has rev %d, not %d: %w", id, stored[id].Rev, rev, store.ErrConflict)
		}
	}
	for _, g := range gone {
		if g.Rev == 0 {
			return nil, fmt.Errorf("customer %q is gone already: %w", g.ID, store.ErrConflict)
		}
	}
	return stored, nil
}

// gainersFirst puts the customers that keep all their stored keys before the others; each part stays in its order.
func gainersFirst(put []customer.Customer, stored map[string]headDoc) []customer.Customer {
	var gain, lose []customer.Customer
	for _, c := range put {
		keys := c.Keys()
		if slices.ContainsFunc(stored[c.ID].Keys, func(key string) bool { return !slices.Contains(keys, key) }) {
			lose = append(lose, c)
		} else {
			gain = append(gain, c)
		}
	}
	return append(gain, lose...)
}

// rename makes an id another name of target.
func (s *Store) rename(ctx context.Context, g store.Gone, target string) error {
	done, err := replace(ctx, s.customers, withRev(g.ID, g.Rev), aliasDoc{ID: g.ID, Rev: g.Rev + 1, Alias: target})
	if err == nil && !done {
		err = fmt.Errorf("customer %q has not rev %d: %w", g.ID, g.Rev, store.ErrConflict)
	}
	return err
}
