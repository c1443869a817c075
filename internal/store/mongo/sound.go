package mongo

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/customer"
)

// SoundingCustomers is as in store.Customers. Those that are spelled so to the end are asked for first: a text of few letters may be the start of many.
func (s *Store) SoundingCustomers(ctx context.Context, spelled string, limit int) ([]customer.Customer, error) {
	if len(spelled) < 2 || limit < 1 {
		return nil, nil
	}
	key := customer.SoundKey(spelled)
	ids, err := s.names(ctx, bson.D{is("keys", key)}, limit)
	if err != nil {
		return nil, err
	}
	if len(ids) < limit {
		start := bson.D{op("keys", is("$regex", "^"+regexp.QuoteMeta(key)))} // an index serves what begins so
		more, err := s.names(ctx, start, limit)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(more, cmp.Compare[string])
		for _, id := range more {
			if !slices.Contains(ids, id) && len(ids) < limit {
				ids = append(ids, id)
			}
		}
	}
	return s.inOrder(ctx, ids)
}
