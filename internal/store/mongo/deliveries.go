package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/delivery"
	"lingke/internal/store"
)

// deliveryDoc is a stored delivery.
type deliveryDoc struct {
	delivery.Delivery `bson:",inline"`

	Lease leaseDoc `bson:",inline"`

	Added []string `bson:"added"` // the codes that AddCode brought since the lease began
	Ver   int64    `bson:"ver"`   // counts the writes, without leases
}

// Show is as in store.Deliveries. It first tries to change a wish that is there, then to store a new one; if that id was taken just now,
// the first try is repeated and decides, since deliveries do not vanish.
func (s *Store) Show(ctx context.Context, d delivery.Delivery) (bool, error) {
	changed, err := s.changeWish(ctx, d)
	if err == nil && !changed {
		changed, err = insert(ctx, s.deliveries, deliveryDoc{Delivery: d, Ver: 1})
		if err == nil && !changed {
			changed, err = s.changeMerged(ctx, d)
		}
		if err == nil && !changed {
			changed, err = s.changeWish(ctx, d)
		}
	}
	if err != nil {
		return false, fmt.Errorf("delivery %q: %w", d.ID, err)
	}
	return changed, nil
}

// changeWish tries what usually is the case first: what is merged is changed without being sent again.
func (s *Store) changeWish(ctx context.Context, d delivery.Delivery) (bool, error) {
	older := bson.D{is("_id", d.ID), op("rev", is("$lt", d.Rev)), op("state", is("$ne", delivery.Merged))}
	wish := op("$set", is("text", d.Text), is("card", d.Card), is("rev", d.Rev), is("due", d.Due), is("state", delivery.Due), is("attempts", 0))
	return update(ctx, s.deliveries, older, bson.D{wish, op("$unset", is("why", ""), is("ended", "")), op("$inc", is("ver", 1))})
}

func (s *Store) changeMerged(ctx context.Context, d delivery.Delivery) (bool, error) {
	older := bson.D{is("_id", d.ID), op("rev", is("$lt", d.Rev)), is("state", delivery.Merged)}
	return update(ctx, s.deliveries, older, bson.D{op("$set", is("text", d.Text), is("card", d.Card), is("rev", d.Rev)), op("$inc", is("ver", 1))})
}

// Delivery is as in store.Deliveries.
func (s *Store) Delivery(ctx context.Context, id string) (delivery.Delivery, error) {
	doc, err := findOne[deliveryDoc](ctx, s.deliveries, byID(id))
	if err != nil {
		return delivery.Delivery{}, fmt.Errorf("delivery %q: %w", id, err)
	}
	return doc.Delivery, nil
}

// LeaseDeliveries is as in store.Deliveries. A code that comes between the lease and reading it is not shown to the worker: it counts as
// one that came while leased.
func (s *Store) LeaseDeliveries(ctx context.Context, platform string, now, until time.Time, token string, limit int) ([]delivery.Delivery, error) {
	var docs []deliveryDoc
	var err error
	for rank := delivery.Urgent; rank <= delivery.Bulk && len(docs) < limit && err == nil; rank++ { // each has its part of the index
		due := bson.D{is("platform", platform), is("rank", rank), is("state", delivery.Due)}
		var some []deliveryDoc
		some, err = lease[deliveryDoc](ctx, s.deliveries, leaseRequest{due, now, until, token, limit - len(docs), []bson.E{is("added", bson.A{})}})
		docs = append(docs, some...)
	}
	all := make([]delivery.Delivery, len(docs))
	for i, doc := range docs {
		all[i] = doc.Delivery
		all[i].Handle.Codes = without(doc.Handle.Codes, doc.Added)
	}
	return all, err
}

// without returns the elements of all that are not in some.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(x string) bool { return slices.Contains(some, x) })
}

// FinishDelivery is as in store.Deliveries. It begins again when the wish changes or a code comes meanwhile.
func (s *Store) FinishDelivery(ctx context.Context, d delivery.Delivery, token string) error {
	for {
		old, err := findOne[deliveryDoc](ctx, s.deliveries, bson.D{is("_id", d.ID), is("token", token)})
		if token == "" || errors.Is(err, store.ErrNotFound) {
			err = store.ErrLeaseLost
		}
		if err != nil {
			return fmt.Errorf("delivery %q: %w", d.ID, err)
		}
		unchanged := bson.D{is("_id", d.ID), is("token", token), is("ver", old.Ver)}
		stored, err := replace(ctx, s.deliveries, unchanged, deliveryDoc{Delivery: finished(old, d), Ver: old.Ver + 1})
		if err != nil {
			return fmt.Errorf("delivery %q: %w", d.ID, err)
		}
		if stored {
			return nil
		}
	}
}

// finished is the delivery after a worker that began with d's wish has reported d.
func finished(old deliveryDoc, d delivery.Delivery) delivery.Delivery {
	now := old.Delivery
	now.Shown, now.Replaced, now.Refused = d.Shown, d.Replaced, d.Refused
	now.Handle.Message = d.Handle.Message
	now.Rank, now.Into, now.Ask = d.Rank, d.Into, d.Ask
	if d.Rewritten && old.Rev <= d.Rev {
		now.Text, now.Card = d.Text, d.Card
	}
	now.Handle.Codes = append(slices.Clone(d.Handle.Codes), without(old.Added, d.Handle.Codes)...)
	now.State, now.Attempts, now.Due, now.Why, now.Ended = d.State, d.Attempts, d.Due, d.Why, d.Ended
	if old.Rev > d.Rev {
		now.State, now.Attempts, now.Why, now.Ended = delivery.Due, 0, "", time.Time{}
		if old.Due.After(d.Due) {
			now.Due = old.Due
		}
	}
	return now
}

// AddCode is as in store.Deliveries.
func (s *Store) AddCode(ctx context.Context, id, code string) error {
	missing := bson.D{is("_id", id), op("handle.codes", is("$ne", code))}
	added, err := update(ctx, s.deliveries, missing, bson.D{op("$push", is("handle.codes", code), is("added", code)), op("$inc", is("ver", 1))})
	if err == nil && !added {
		_, err = findOne[idDoc](ctx, s.deliveries, byID(id)) // has it already, or is not there
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", id, err)
	}
	return nil
}

// Replay is as in store.Deliveries.
func (s *Store) Replay(ctx context.Context, id string, now time.Time) error {
	dead := bson.D{is("_id", id), is("state", delivery.Dead)}
	change := bson.D{op("$set", is("state", delivery.Due), is("attempts", 0), is("due", now)), op("$unset", is("ended", "")), op("$inc", is("ver", 1))}
	replayed, err := update(ctx, s.deliveries, dead, change)
	if err == nil && !replayed {
		err = fmt.Errorf("no dead one: %w", store.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", id, err)
	}
	return nil
}

// Deliveries is as in store.Deliveries.
func (s *Store) Deliveries(ctx context.Context, q delivery.Query) ([]delivery.Delivery, string, error) {
	if q.Reader != "" {
		q.State = delivery.Due
	}
	filter := equal(bson.D{}, is("customer", q.Customer), is("state", string(q.State)), is("into", q.Into), is("platform", string(q.Platform)), is("reader", q.Reader))
	if q.After != "" {
		created, id, err := splitCursor(q.After, parseInstant)
		if err != nil {
			return nil, "", err
		}
		filter = append(filter, beyond("created", "$lt", created, "$lt", id)...)
	}
	limit := pageSize(q.Limit)
	all, err := findAll[delivery.Delivery](ctx, s.deliveries, filter, page(limit, order("-created", "-_id")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(d delivery.Delivery) string { return instantCursor(d.Created, d.ID) })
	return found, next, nil
}
