package mongo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/raw"
)

// refusedDoc has the version's time as a number too, 0 where it is not known, so that versions compare.
type refusedDoc struct {
	raw.Refused `bson:",inline"`

	Version int64 `bson:"version"`
}

func versionOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// PutRefused is as in store.Refusals. Where a later version is noted, the insert fails on its id, which is right.
func (s *Store) PutRefused(ctx context.Context, all []raw.Refused) error {
	return eachOf(ctx, len(all), func(ctx context.Context, i int) error {
		doc := refusedDoc{all[i], versionOf(all[i].ModifiedAt)}
		if _, err := put(ctx, s.refused, bson.D{is("_id", doc.ID), op("version", is("$lte", doc.Version))}, doc); err != nil {
			return fmt.Errorf("noting what %s was refused: %w", doc.Source, err)
		}
		return nil
	})
}

// Refused is as in store.Refusals.
func (s *Store) Refused(ctx context.Context, source, after string, limit int) ([]raw.Refused, string, error) {
	limit = pageSize(limit)
	all, err := findAll[raw.Refused](ctx, s.refused, bson.D{is("source", source), op("_id", is("$gt", after))}, page(limit, order("_id")))
	if err != nil {
		return nil, "", fmt.Errorf("what %s was refused: %w", source, err)
	}
	for i := range all {
		all[i].At = all[i].At.UTC()
		if !all[i].ModifiedAt.IsZero() {
			all[i].ModifiedAt = all[i].ModifiedAt.UTC()
		}
	}
	found, next := cut(all, limit, func(r raw.Refused) string { return r.ID })
	return found, next, nil
}

// CountRefused is as in store.Refusals.
func (s *Store) CountRefused(ctx context.Context, source string) (int, error) {
	n, err := s.refused.CountDocuments(ctx, bson.D{is("source", source)})
	return int(n), wrap(ctx, err, "what %s was refused", source)
}

// SettleRefused is as in store.Refusals. Of many things few were ever refused, so these are looked up first.
func (s *Store) SettleRefused(ctx context.Context, all []raw.Refused) error {
	const atOnce = 200
	for part := range slices.Chunk(all, atOnce) {
		taken, ids := make(map[string]int64, len(part)), make([]string, len(part))
		for i, r := range part {
			ids[i] = r.ID
			taken[r.ID] = max(taken[r.ID], versionOf(r.ModifiedAt))
		}
		noted, err := findAll[raw.Refused](ctx, s.refused, bson.D{op("_id", is("$in", ids))}, page(atOnce, order("_id")))
		if err != nil {
			return err
		}
		for _, r := range noted {
			if _, err := s.refused.DeleteOne(ctx, bson.D{is("_id", r.ID), op("version", is("$lte", taken[r.ID]))}); err != nil {
				return wrap(ctx, err, "settling what %s was refused", r.Source)
			}
		}
	}
	return nil
}

// PurgeRefused is as in store.Refusals.
func (s *Store) PurgeRefused(ctx context.Context, source string, before time.Time) (int, error) {
	filter := bson.D{op("at", is("$lt", before))}
	if source != "" {
		filter = append(filter, is("source", source))
	}
	result, err := s.refused.DeleteMany(ctx, filter)
	if err != nil {
		return 0, wrap(ctx, err, "purging what was refused")
	}
	return int(result.DeletedCount), nil
}
