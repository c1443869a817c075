package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/raw"
)

// AddRaw is as in store.Raws.
func (s *Store) AddRaw(ctx context.Context, p raw.Part) error {
	if _, err := insert(ctx, s.raws, p); err != nil {
		return fmt.Errorf("raw records %s of %s: %w", p.ID, p.Source, err)
	}
	return nil
}

// EachRaw is as in store.Raws. A part is read at a time: it may be large.
func (s *Store) EachRaw(ctx context.Context, source, after string, fn func(raw.Part) error) error {
	for {
		found, err := findAll[raw.Part](ctx, s.raws, bson.D{is("source", source), op("_id", is("$gt", after))}, options.Find().SetSort(order("_id")).SetLimit(1))
		if err != nil {
			return fmt.Errorf("raw records of %s: %w", source, err)
		}
		if len(found) == 0 {
			return nil
		}
		found[0].At = found[0].At.UTC()
		if err := fn(found[0]); err != nil {
			return err
		}
		after = found[0].ID
	}
}

// CountRaw is as in store.Raws. It reads no bodies.
func (s *Store) CountRaw(ctx context.Context, source string) (n int, err error) {
	type counted struct {
		Count int `bson:"count"`
	}
	all, err := findAll[counted](ctx, s.raws, bson.D{is("source", source)}, options.Find().SetProjection(bson.D{is("count", 1)}))
	if err != nil {
		return 0, fmt.Errorf("raw records of %s: %w", source, err)
	}
	for _, one := range all {
		n += one.Count
	}
	return n, nil
}

// PurgeRaw is as in store.Raws.
func (s *Store) PurgeRaw(ctx context.Context, source string, before time.Time) (int, error) {
	filter := bson.D{op("at", is("$lt", before))}
	if source != "" {
		filter = append(filter, is("source", source))
	}
	result, err := s.raws.DeleteMany(ctx, filter)
	if err != nil {
		return 0, wrap(ctx, err, "purging raw records")
	}
	return int(result.DeletedCount), nil
}
