package mongo

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/followup"
	"lingke/internal/store"
)

// AddTask is as in store.Tasks.
func (s *Store) AddTask(ctx context.Context, t followup.Task) (bool, error) {
	t.Rev = 1
	added, err := insert(ctx, s.tasks, t)
	if err != nil {
		return false, fmt.Errorf("task %q: %w", t.ID, err)
	}
	return added, nil
}

// Task is as in store.Tasks.
func (s *Store) Task(ctx context.Context, id string) (followup.Task, error) {
	t, err := findOne[followup.Task](ctx, s.tasks, byID(id))
	if err != nil {
		return followup.Task{}, fmt.Errorf("task %q: %w", id, err)
	}
	return t, nil
}

// PutTask is as in store.Tasks. Rev 0 stands for a task that is not stored yet.
func (s *Store) PutTask(ctx context.Context, t followup.Task) error {
	was := t.Rev
	t.Rev++
	var stored bool
	var err error
	if was == 0 {
		stored, err = insert(ctx, s.tasks, t)
	} else {
		stored, err = replace(ctx, s.tasks, bson.D{is("_id", t.ID), is("rev", was)}, t)
	}
	if err == nil && !stored {
		err = fmt.Errorf("it has not rev %d: %w", was, store.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("task %q: %w", t.ID, err)
	}
	return nil
}

// Tasks is as in store.Tasks.
func (s *Store) Tasks(ctx context.Context, q followup.Query) ([]followup.Task, string, error) {
	byDue := q.Owner != "" || !q.DueBefore.IsZero()
	filter, err := taskFilter(q, byDue)
	if err != nil {
		return nil, "", err
	}
	limit, sort := pageSize(q.Limit), order("_id")
	cursor := func(t followup.Task) string { return t.ID }
	if byDue {
		sort = order("due", "_id")
		cursor = func(t followup.Task) string { return instantCursor(t.Due, t.ID) }
	}
	all, err := findAll[followup.Task](ctx, s.tasks, filter, page(limit, sort))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, cursor)
	return found, next, nil
}

func taskFilter(q followup.Query, byDue bool) (bson.D, error) {
	filter := equal(bson.D{}, is("owner", q.Owner), is("customer", q.Customer), is("state", string(q.State)))
	if !q.DueBefore.IsZero() {
		filter = append(filter, op("due", is("$lt", q.DueBefore)))
	}
	switch {
	case q.After == "":
	case byDue:
		due, id, err := splitCursor(q.After, parseInstant)
		if err != nil {
			return nil, err
		}
		after := beyond("due", "$gt", due, "$gt", id)
		filter = append(filter, is("$and", bson.A{after})) // "due" may be a condition already
	default:
		filter = append(filter, op("_id", is("$gt", q.After)))
	}
	return filter, nil
}

// instantCursor and parseInstant write instants in cursors as milliseconds since 1970.
func instantCursor(t time.Time, id string) string {
	return joinCursor(strconv.FormatInt(t.UnixMilli(), 10), id)
}

func parseInstant(s string) (time.Time, error) {
	ms, err := strconv.ParseInt(s, 10, 64)
	return time.UnixMilli(ms).UTC(), err
}
