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
	field := taskOrder(q)
	filter, err := taskFilter(q, field)
	if err != nil {
		return nil, "", err
	}
	limit, sort := pageSize(q.Limit), order("_id")
	if field != "" {
		sort = order(field, "_id")
	}
	cursor := func(t followup.Task) string {
		switch field {
		case "wake":
			return instantCursor(t.Wake, t.ID)
		case "due":
			return instantCursor(t.Due, t.ID)
		}
		return t.ID
	}
	all, err := findAll[followup.Task](ctx, s.tasks, filter, page(limit, sort))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, cursor)
	return found, next, nil
}

// taskOrder is the field that a query's pages are ordered by, before the id; "" for none.
func taskOrder(q followup.Query) string {
	switch {
	case !q.WakeBefore.IsZero():
		return "wake"
	case q.Owner != "" || !q.DueBefore.IsZero() || !q.DueFrom.IsZero():
		return "due"
	}
	return ""
}

func taskFilter(q followup.Query, field string) (bson.D, error) {
	filter := equal(bson.D{}, is("owner", q.Owner), is("customer", q.Customer), is("state", string(q.State)))
	due := bson.D{}
	if !q.DueFrom.IsZero() {
		due = append(due, is("$gte", q.DueFrom))
	}
	if !q.DueBefore.IsZero() {
		due = append(due, is("$lt", q.DueBefore))
	}
	if len(due) > 0 {
		filter = append(filter, op("due", due...))
	}
	if !q.WakeBefore.IsZero() {
		filter = append(filter, op("wake", is("$exists", true), is("$lt", q.WakeBefore)))
	}
	switch {
	case q.After == "":
	case field != "":
		at, id, err := splitCursor(q.After, parseInstant)
		if err != nil {
			return nil, err
		}
		after := beyond(field, "$gt", at, "$gt", id)
		filter = append(filter, is("$and", bson.A{after})) // the field may be a condition already
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
