package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// waiting selects what store.Deliveries.Waiting counts.
func waiting(platform bots.Platform, reader string, before time.Time) bson.D {
	return bson.D{
		is("reader", reader), is("platform", platform), is("state", delivery.Due), op("due", is("$lt", before)), is("merges", true), is("shown", 0),
	}
}

// Waiting is as in store.Deliveries.
func (s *Store) Waiting(ctx context.Context, platform bots.Platform, reader string, before time.Time) (int, error) {
	n, err := s.deliveries.CountDocuments(ctx, waiting(platform, reader, before))
	return int(n), wrap(ctx, err, "what waits for %q", reader)
}

// MergeDeliveries is as in store.Deliveries. Each document changes by itself; a worker that leases one meanwhile keeps it.
func (s *Store) MergeDeliveries(ctx context.Context, platform bots.Platform, reader string, before, now time.Time, into, why string) (int, error) {
	free := append(waiting(platform, reader, before), op("until", is("$lte", now)))
	change := bson.D{op("$set", is("state", delivery.Merged), is("into", into), is("why", why), is("ended", now), is("token", "")), op("$inc", is("ver", 1))}
	result, err := s.deliveries.UpdateMany(ctx, free, change)
	if err != nil {
		return 0, wrap(ctx, err, "merging into %q", into)
	}
	return int(result.ModifiedCount), nil
}

// Withdraw is as in store.Deliveries.
func (s *Store) Withdraw(ctx context.Context, id string, now time.Time, why string) error {
	unsent := bson.D{is("_id", id), is("state", delivery.Due), is("shown", 0), op("until", is("$lte", now))}
	change := bson.D{op("$set", is("state", delivery.Withdrawn), is("why", why), is("ended", now)), op("$inc", is("ver", 1))}
	withdrawn, err := update(ctx, s.deliveries, unsent, change)
	if err == nil && !withdrawn {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("unsent delivery %q: %w", id, err)
	}
	return nil
}

// MoveDelivery is as in store.Deliveries.
func (s *Store) MoveDelivery(ctx context.Context, d delivery.Delivery, token string) error {
	own := bson.D{is("_id", d.ID), is("token", token), is("shown", 0)}
	change := bson.D{op("$set", is("platform", d.Platform), is("to", d.To), is("reader", d.Reader), is("moved", d.Moved)), op("$inc", is("ver", 1))}
	moved, err := update(ctx, s.deliveries, own, change)
	if err == nil && (!moved || token == "") {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("delivery %q: %w", d.ID, err)
	}
	return s.FinishDelivery(ctx, d, token)
}

// Unreported is as in store.Deliveries.
func (s *Store) Unreported(ctx context.Context, now time.Time, limit int) ([]delivery.Delivery, error) {
	due := bson.D{op("ask", is("$gt", time.Unix(0, 0)), is("$lte", now))}
	return findAll[delivery.Delivery](ctx, s.deliveries, due, options.Find().SetSort(order("ask", "_id")).SetLimit(int64(limit)))
}

// SetReport is as in store.Deliveries.
func (s *Store) SetReport(ctx context.Context, id string, r *delivery.Report, ask time.Time) error {
	var set bson.D
	change := bson.D{op("$inc", is("ver", 1))}
	if r != nil {
		set = append(set, is("report", r))
	}
	if ask.IsZero() {
		change = append(change, op("$unset", is("ask", "")))
	} else {
		set = append(set, is("ask", ask))
	}
	if len(set) > 0 {
		change = append(change, op("$set", set...))
	}
	known, err := update(ctx, s.deliveries, byID(id), change)
	if err == nil && !known {
		err = store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("report of delivery %q: %w", id, err)
	}
	return nil
}

// Depths is as in store.Deliveries. Counts and one look along an index serve every server; grouping does not.
func (s *Store) Depths(ctx context.Context, now time.Time) ([]delivery.Depth, error) {
	var all []delivery.Depth
	for _, state := range []delivery.State{delivery.Dead, delivery.Due} {
		for _, platform := range bots.Platforms() {
			these := bson.D{is("platform", platform), op("rank", is("$in", bson.A{delivery.Urgent, delivery.Ordinary, delivery.Bulk})), is("state", state)}
			n, err := s.deliveries.CountDocuments(ctx, these)
			if err != nil {
				return nil, wrap(ctx, err, "counting deliveries")
			}
			if n == 0 {
				continue
			}
			d := delivery.Depth{State: state, Platform: platform, N: int(n)}
			if state == delivery.Due {
				if d.Oldest, err = s.oldest(ctx, platform, now); err != nil {
					return nil, err
				}
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// oldest is when the oldest delivery was created that is due by now; zero where none is.
func (s *Store) oldest(ctx context.Context, platform bots.Platform, now time.Time) (time.Time, error) {
	late := bson.D{is("state", delivery.Due), is("platform", platform), op("due", is("$lte", now))}
	found, err := findAll[delivery.Delivery](ctx, s.deliveries, late, options.Find().SetSort(order("created", "_id")).SetLimit(1))
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].Created, nil
}

// rankDue gives those that wait since before there were ranks theirs.
func (s *Store) rankDue(ctx context.Context) error {
	_, err := s.deliveries.UpdateMany(ctx, bson.D{is("state", delivery.Due), is("rank", nil)}, bson.D{op("$set", is("rank", delivery.Ordinary))})
	return wrap(ctx, err, "ranking what is due")
}
