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

// PutOrders is as in store.History.
func (s *Store) PutOrders(ctx context.Context, all []customer.Order) ([]customer.Ref, error) {
	return putVersions(ctx, s.orders, all, func(o customer.Order) (customer.Ref, string, any) {
		v := o.Version()
		return o.ID, v, orderDoc{o, v}
	})
}

// PutActivities is as in store.History.
func (s *Store) PutActivities(ctx context.Context, all []customer.Activity) ([]customer.Ref, error) {
	return putVersions(ctx, s.activities, all, func(a customer.Activity) (customer.Ref, string, any) {
		v := a.Version()
		return a.ID, v, activityDoc{a, v}
	})
}

// heldVersion is what is stored of an id before a write.
type heldVersion struct {
	ID       customer.Ref `bson:"_id"`
	Customer customer.Ref `bson:"customer"`
	Version  string       `bson:"version"`
}

// putVersions asks first what is there, and writes only what is newer, of each id the newest.
func putVersions[T any](ctx context.Context, in *mongo.Collection, all []T, of func(T) (id customer.Ref, version string, doc any)) ([]customer.Ref, error) {
	held, err := heldVersions(ctx, in, all, of)
	if err != nil {
		return nil, err
	}
	before := make([]customer.Ref, len(all))
	best, news := make(map[customer.Ref]int), make([]int, 0, len(all))
	for i, content := range all {
		id, version, _ := of(content)
		before[i] = held[id].Customer
		if held[id].Version >= version {
			continue
		}
		h := held[id]
		h.Version = version
		held[id] = h
		if at, again := best[id]; again {
			news[at] = i
			continue
		}
		best[id], news = len(news), append(news, i)
	}
	err = eachOf(ctx, len(news), func(ctx context.Context, n int) error {
		id, version, doc := of(all[news[n]])
		_, err := putVersion(ctx, in, id, version, doc)
		return err
	})
	if err != nil {
		return nil, err
	}
	return before, nil
}

func heldVersions[T any](ctx context.Context, in *mongo.Collection, all []T, of func(T) (customer.Ref, string, any)) (map[customer.Ref]heldVersion, error) {
	ids := make([]customer.Ref, len(all))
	for i, content := range all {
		ids[i], _, _ = of(content)
	}
	fields := bson.D{is("customer", 1), is("version", 1)}
	found, err := findAll[heldVersion](ctx, in, bson.D{op("_id", is("$in", ids))}, options.Find().SetProjection(fields))
	if err != nil {
		return nil, err
	}
	held := make(map[customer.Ref]heldVersion, len(found))
	for _, v := range found {
		held[v.ID] = v
	}
	return held, nil
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

// EachOrder is as in store.History.
func (s *Store) EachOrder(ctx context.Context, source string, fn func(customer.Order) error) error {
	for after, end := source+"/", source+"0"; ; { // "0" follows "/"
		within := bson.D{op("_id", is("$gt", after), is("$lt", end))}
		page, err := findAll[customer.Order](ctx, s.orders, within, options.Find().SetSort(order("_id")).SetLimit(eachPage))
		if err != nil {
			return err
		}
		for _, o := range page {
			if err := fn(o); err != nil {
				return err
			}
		}
		if len(page) < eachPage {
			return nil
		}
		after = string(page[len(page)-1].ID)
	}
}

// ReplaceOrder is as in store.History.
func (s *Store) ReplaceOrder(ctx context.Context, id customer.Ref, o *customer.Order) (customer.Ref, error) {
	if o == nil {
		return replaceVersion(ctx, s.orders, id, nil)
	}
	return replaceVersion(ctx, s.orders, id, orderDoc{*o, o.Version()})
}

// ReplaceActivity is as in store.History.
func (s *Store) ReplaceActivity(ctx context.Context, id customer.Ref, a *customer.Activity) (customer.Ref, error) {
	if a == nil {
		return replaceVersion(ctx, s.activities, id, nil)
	}
	return replaceVersion(ctx, s.activities, id, activityDoc{*a, a.Version()})
}

// replaceVersion is one command, which also returns what was there.
func replaceVersion(ctx context.Context, in *mongo.Collection, id customer.Ref, doc any) (customer.Ref, error) {
	var held heldVersion
	var result *mongo.SingleResult
	if doc == nil {
		result = in.FindOneAndDelete(ctx, byID(string(id)))
	} else {
		result = in.FindOneAndReplace(ctx, byID(string(id)), doc, options.FindOneAndReplace().SetUpsert(true))
	}
	if err := result.Decode(&held); err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return "", wrap(ctx, err, "replacing %q", id)
	}
	return held.Customer, nil
}
