package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/inbox"
	"lingke/internal/store"
)

// eventDoc is a stored event.
type eventDoc struct {
	inbox.Event `bson:",inline"`

	Lease leaseDoc `bson:",inline"`
}

// AddEvent is as in store.Events.
func (s *Store) AddEvent(ctx context.Context, e inbox.Event) (bool, error) {
	return s.addEvent(ctx, eventDoc{Event: e})
}

// TakeEvent is as in store.Events.
func (s *Store) TakeEvent(ctx context.Context, e inbox.Event, until time.Time, token string) (bool, error) {
	return s.addEvent(ctx, eventDoc{Event: e, Lease: leaseDoc{Token: token, Until: until}})
}

func (s *Store) addEvent(ctx context.Context, doc eventDoc) (bool, error) {
	added, err := insert(ctx, s.events, doc)
	if err != nil {
		return false, fmt.Errorf("event %q: %w", doc.ID, err)
	}
	return added, nil
}

// LeaseEvents is as in store.Events.
func (s *Store) LeaseEvents(ctx context.Context, now, until time.Time, token string, limit int) ([]inbox.Event, error) {
	due := bson.D{is("state", inbox.Due)}
	return lease[inbox.Event](ctx, s.events, leaseRequest{due, now, until, token, limit, nil})
}

// FinishEvent is as in store.Events.
func (s *Store) FinishEvent(ctx context.Context, e inbox.Event, token string) error {
	if token == "" { // the token of events that nobody has leased
		return fmt.Errorf("event %q: %w", e.ID, store.ErrLeaseLost)
	}
	change := op("$set", is("state", e.State), is("attempts", e.Attempts), is("due", e.Due), is("why", e.Why), is("token", ""), is("until", time.Time{}))
	done, err := update(ctx, s.events, bson.D{is("_id", e.ID), is("token", token)}, bson.D{change})
	if err == nil && !done {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("event %q: %w", e.ID, err)
	}
	return nil
}

// Events is as in store.Events.
func (s *Store) Events(ctx context.Context, state inbox.State, limit int) ([]inbox.Event, error) {
	if limit < 1 {
		return nil, nil
	}
	opts := options.Find().SetSort(order("-received", "-_id")).SetLimit(int64(limit))
	return findAll[inbox.Event](ctx, s.events, bson.D{is("state", state)}, opts)
}

// PurgeEvents is as in store.Events.
func (s *Store) PurgeEvents(ctx context.Context, before time.Time) (int, error) {
	result, err := s.events.DeleteMany(ctx, bson.D{is("state", inbox.Done), op("received", is("$lt", before))})
	if err != nil {
		return 0, wrap(ctx, err, "purging events")
	}
	return int(result.DeletedCount), nil
}
