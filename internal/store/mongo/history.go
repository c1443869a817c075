package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
)

// orderDoc and activityDoc carry the version that settles which one stays.
type orderDoc struct {
	customer.Order `bson:",inline"`

	Version string `bson:"version"`
}

type activityDoc struct {
	customer.Activity `bson:",inline"`

	Version string `bson:"version"`
}

// PutOrder is as in store.History.
func (s *Store) PutOrder(ctx context.Context, o customer.Order) (bool, error) {
	return putVersion(ctx, s.orders, o.ID, o.Version(), orderDoc{o, o.Version()})
}

// PutActivity is as in store.History.
func (s *Store) PutActivity(ctx context.Context, a customer.Activity) (bool, error) {
	return putVersion(ctx, s.activities, a.ID, a.Version(), activityDoc{a, a.Version()})
}

// putVersion stores doc over an older version or as a new one. The id may be taken because a version is there that is not older, or because
// an older one came at this moment; the second try tells them apart, since versions never vanish.
func putVersion(ctx context.Context, in *mongo.Collection, id customer.Ref, version string, doc any) (bool, error) {
	older := bson.D{is("_id", string(id)), op("version", is("$lt", version))}
	stored, err := put(ctx, in, older, doc)
	if err == nil && !stored {
		stored, err = replace(ctx, in, older, doc)
	}
	if err != nil {
		return false, fmt.Errorf("%q: %w", id, err)
	}
	return stored, nil
}

// OrderCustomer is as in store.History.
func (s *Store) OrderCustomer(ctx context.Context, id customer.Ref) (customer.Ref, error) {
	return customerOf(ctx, s.orders, id)
}

// ActivityCustomer is as in store.History.
func (s *Store) ActivityCustomer(ctx context.Context, id customer.Ref) (customer.Ref, error) {
	return customerOf(ctx, s.activities, id)
}

func customerOf(ctx context.Context, in *mongo.Collection, id customer.Ref) (customer.Ref, error) {
	var found struct {
		Customer customer.Ref `bson:"customer"`
	}
	err := in.FindOne(ctx, bson.D{is("_id", string(id))}, options.FindOne().SetProjection(bson.D{is("customer", 1)})).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("customer of %q: %w", id, err)
	}
	return found.Customer, nil
}

// ofRefs selects what is not deleted.
func ofRefs(refs []customer.Ref) bson.D {
	return bson.D{op("customer", is("$in", refs)), op("deleted", is("$exists", false))}
}

// Orders is as in store.History.
func (s *Store) Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	return findAll[customer.Order](ctx, s.orders, ofRefs(refs), options.Find().SetSort(order("date", "_id")))
}

// Activities is as in store.History.
func (s *Store) Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	filter := append(ofRefs(refs), op("at", is("$gte", since)))
	return findAll[customer.Activity](ctx, s.activities, filter, options.Find().SetSort(order("at", "_id")))
}
