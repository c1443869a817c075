package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// keysVersion is raised when customers are found by other keys, or in other places, than before.
const keysVersion = 4

// keysDoc notes by which keys the customers of the database are found.
type keysDoc struct {
	ID      string `bson:"_id"`
	Version int    `bson:"version"`
}

// rekey writes the keys of every customer anew where an older program wrote them. Replicas that start together may both do it: that changes nothing.
func (s *Store) rekey(ctx context.Context) error {
	noted, err := findOne[keysDoc](ctx, s.meta, byID("keys"))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if noted.Version >= keysVersion {
		return nil
	}
	err = s.EachCustomer(ctx, func(c customer.Customer) error {
		_, err := update(ctx, s.customers, withRev(c.ID, c.Rev), bson.D{op("$set", is("keys", c.Keys()), is("places", c.Places()))})
		return err // whoever wrote it meanwhile wrote its keys
	})
	if err != nil {
		return fmt.Errorf("writing the keys of customers anew: %w", err)
	}
	_, err = s.meta.ReplaceOne(ctx, byID("keys"), keysDoc{"keys", keysVersion}, options.Replace().SetUpsert(true))
	return wrap(ctx, err, "writing %s", s.meta.Name())
}
