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

// ClockedCustomers is as in store.Customers.
func (s *Store) ClockedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error) {
	if limit < 1 {
		return nil, nil
	}
	return s.findCustomers(ctx, bson.D{op("clock.next", is("$lte", now))}, options.Find().SetSort(order("clock.next")).SetLimit(int64(limit)))
}

// ownerDoc is who owns a customer.
type ownerDoc struct {
	Owner string `bson:"owner"`
}

// NextOwner is as in store.Customers.
func (s *Store) NextOwner(ctx context.Context, after string) (string, error) {
	first := options.FindOne().SetSort(order("owner")).SetProjection(bson.D{is("owner", 1)})
	found, err := findOne[ownerDoc](ctx, s.customers, bson.D{op("owner", is("$gt", after))}, first)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the owner after %q: %w", after, err)
	}
	return found.Owner, nil
}
