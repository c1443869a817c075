package mongo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/store"
	"lingke/schedules"
)

// runDoc is a stored run; its id makes (job, due) unique.
type runDoc struct {
	ID            string `bson:"_id"`
	schedules.Run `bson:",inline"`
}

func runID(job string, due time.Time) string {
	return job + " " + strconv.FormatInt(due.UnixMilli(), 10)
}

// StartRun is as in store.Jobs.
func (s *Store) StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (bool, error) {
	id := runID(job, due)
	started, err := insert(ctx, s.runs, runDoc{id, schedules.Run{Job: job, Due: due, Holder: token, Until: until}})
	if err == nil && !started {
		left := bson.D{is("_id", id), op("until", is("$lte", now)), op("ended", is("$exists", false))}
		started, err = update(ctx, s.runs, left, bson.D{op("$set", is("holder", token), is("until", until))})
	}
	if err != nil {
		return false, fmt.Errorf("starting job %q: %w", job, err)
	}
	return started, nil
}

// ExtendRun is as in store.Jobs.
func (s *Store) ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error {
	return s.changeRun(ctx, job, due, token, is("until", until))
}

// EndRun is as in store.Jobs.
func (s *Store) EndRun(ctx context.Context, job string, due, ended time.Time, token, outcome string) error {
	return s.changeRun(ctx, job, due, token, is("ended", ended), is("outcome", outcome))
}

// changeRun sets fields of a run that token holds.
func (s *Store) changeRun(ctx context.Context, job string, due time.Time, token string, fields ...bson.E) error {
	held := bson.D{is("_id", runID(job, due)), is("holder", token), op("ended", is("$exists", false))}
	changed, err := update(ctx, s.runs, held, bson.D{op("$set", fields...)})
	if err == nil && !changed {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("job %q: %w", job, err)
	}
	return nil
}

// LastRun is as in store.Jobs.
func (s *Store) LastRun(ctx context.Context, job string) (schedules.Run, error) {
	doc, err := findOne[runDoc](ctx, s.runs, bson.D{is("job", job)}, options.FindOne().SetSort(order("-due")))
	if err != nil {
		return schedules.Run{}, fmt.Errorf("run of job %q: %w", job, err)
	}
	return doc.Run, nil
}

// cursorDoc is how far a connector has read.
type cursorDoc struct {
	Name   string `bson:"_id"`
	Cursor string `bson:"cursor"`
}

// Cursor is as in store.Jobs.
func (s *Store) Cursor(ctx context.Context, name string) (string, error) {
	doc, err := findOne[cursorDoc](ctx, s.cursors, byID(name))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", fmt.Errorf("cursor %q: %w", name, err)
	}
	return doc.Cursor, nil
}

// SetCursor is as in store.Jobs.
func (s *Store) SetCursor(ctx context.Context, name, cursor string) error {
	doc := cursorDoc{name, cursor}
	stored, err := put(ctx, s.cursors, byID(name), doc)
	if err == nil && !stored { // another process stored the first one at this moment
		_, err = replace(ctx, s.cursors, byID(name), doc)
	}
	if err != nil {
		return fmt.Errorf("cursor %q: %w", name, err)
	}
	return nil
}
