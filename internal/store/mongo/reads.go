package mongo

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/access"
	"lingke/internal/store"
)

// readsEnd remembers the newest lines apart from the log: one conditional write of it decides who appends, and whoever comes next stores the lines of a process that
// ended in between.
type readsEnd struct {
	ID    string        `bson:"_id"`
	N     int64         `bson:"n"` // of the last line
	Lines []access.Read `bson:"lines"`
}

const readsEndID = "reads"

// AppendReads is as in store.Reads.
func (s *Store) AppendReads(ctx context.Context, lines []access.Read) (bool, error) {
	if len(lines) == 0 {
		return true, nil
	}
	end := readsEnd{ID: readsEndID, N: lines[len(lines)-1].N, Lines: lines}
	if err := s.healReads(ctx, lines[0].N-1); err != nil {
		return false, err
	}
	done, err := replace(ctx, s.meta, bson.D{is("_id", readsEndID), is("n", lines[0].N-1)}, end)
	if err == nil && !done && lines[0].N == 1 {
		done, err = insert(ctx, s.meta, end)
	}
	if err == nil && done {
		err = s.insertReads(ctx, lines)
	}
	if err != nil {
		return false, fmt.Errorf("line %d of the read log: %w", lines[0].N, err)
	}
	return done, nil
}

// healReads stores the lines of an appending that was broken off, if line n, the last one, is not in the log.
func (s *Store) healReads(ctx context.Context, n int64) error {
	if n == 0 {
		return nil
	}
	_, err := findOne[access.Read](ctx, s.reads, bson.D{is("_id", n)})
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	_, err = s.LastRead(ctx)
	return err
}

// insertReads stores new lines in their order, so that where the last one is, all are.
func (s *Store) insertReads(ctx context.Context, lines []access.Read) error {
	_, err := s.reads.InsertMany(ctx, lines, options.InsertMany().SetOrdered(true))
	if err != nil && mongo.IsDuplicateKeyError(err) { // somebody was healing at this moment
		return s.addReads(ctx, lines)
	}
	return wrap(ctx, err, "storing %d lines", len(lines))
}

// addReads stores those lines that are missing, in their order.
func (s *Store) addReads(ctx context.Context, lines []access.Read) error {
	for _, r := range lines {
		if _, err := insert(ctx, s.reads, r); err != nil {
			return err
		}
	}
	return nil
}

// LastRead is as in store.Reads.
func (s *Store) LastRead(ctx context.Context) (access.Read, error) {
	end, err := findOne[readsEnd](ctx, s.meta, byID(readsEndID))
	if errors.Is(err, store.ErrNotFound) {
		return access.Read{}, nil
	}
	if err == nil && len(end.Lines) == 0 {
		err = fmt.Errorf("line %d: %w", end.N, store.ErrNotFound)
	}
	if err == nil {
		_, err = findOne[access.Read](ctx, s.reads, bson.D{is("_id", end.N)})
	}
	if errors.Is(err, store.ErrNotFound) && len(end.Lines) > 0 { // the appending was broken off
		err = s.addReads(ctx, end.Lines)
	}
	if err != nil {
		return access.Read{}, fmt.Errorf("last line of the read log: %w", err)
	}
	return end.Lines[len(end.Lines)-1], nil
}

// ReadsAfter is as in store.Reads.
func (s *Store) ReadsAfter(ctx context.Context, n int64, limit int) ([]access.Read, error) {
	return findAll[access.Read](ctx, s.reads, bson.D{op("_id", is("$gt", n))}, options.Find().SetSort(order("_id")).SetLimit(int64(limit)))
}

// KnownReads is as in store.Reads.
func (s *Store) KnownReads(ctx context.Context, ids []string) ([]string, error) {
	found, err := findAll[access.Read](ctx, s.reads, bson.D{op("id", is("$in", ids))}, options.Find().SetSort(order("id")))
	if err != nil {
		return nil, err
	}
	var known []string
	for _, r := range found {
		known = append(known, r.ID)
	}
	return known, nil
}

// FindReads is as in store.Reads.
func (s *Store) FindReads(ctx context.Context, q access.ReadQuery) ([]access.Read, string, error) {
	filter := equal(bson.D{}, is("person", q.Person), is("customers", q.Customer))
	if q.After != "" {
		n, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return nil, "", fmt.Errorf("%w: %q", store.ErrCursor, q.After)
		}
		filter = append(filter, op("_id", is("$lt", n)))
	}
	limit := pageSize(q.Limit)
	all, err := findAll[access.Read](ctx, s.reads, filter, page(limit, order("-_id")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(r access.Read) string { return strconv.FormatInt(r.N, 10) })
	return found, next, nil
}

// PurgeReads is as in store.Reads.
func (s *Store) PurgeReads(ctx context.Context, through int64) (int, error) {
	result, err := s.reads.DeleteMany(ctx, bson.D{op("_id", is("$lte", through))})
	if err != nil {
		return 0, wrap(ctx, err, "purging the read log")
	}
	return int(result.DeletedCount), nil
}
