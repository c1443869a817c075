package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"lingke/internal/followup"
	"lingke/internal/store"
)

// AddTask is as in store.Tasks.
func (s *Store) AddTask(ctx context.Context, task followup.Task) (added bool, err error) {
	text, err := json.Marshal(task)
	if err != nil {
		return false, fmt.Errorf("encoding task %q: %w", task.ID, err)
	}
	const query = `INSERT INTO tasks (id, rev, customer, owner, state, due, wake, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, task.ID, 1, task.Customer, task.Owner, string(task.State), ms(task.Due), msOrNone(task.Wake), text)
		added = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("adding task %q: %w", task.ID, err)
	}
	return added, nil
}

// Task is as in store.Tasks.
func (s *Store) Task(ctx context.Context, id string) (followup.Task, error) {
	var d doc
	if err := s.row(ctx, []any{&d.rev, &d.text}, `SELECT rev, doc FROM tasks WHERE id = ?`, id); err != nil {
		return followup.Task{}, found(err, "task", id)
	}
	return decodeTask(d)
}

func decodeTask(d doc) (followup.Task, error) {
	task, err := decodeAs[followup.Task](d)
	task.Rev = d.rev
	return task, err
}

// PutTask is as in store.Tasks.
func (s *Store) PutTask(ctx context.Context, task followup.Task) error {
	text, err := json.Marshal(task)
	if err != nil {
		return fmt.Errorf("encoding task %q: %w", task.ID, err)
	}
	return s.do(ctx, func(t *tx) error { return putTask(t, task, text) })
}

func putTask(t *tx, task followup.Task, text []byte) error {
	var rev int64
	err := t.row([]any{&rev}, `SELECT rev FROM tasks WHERE id = ?`, task.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("task %q: %w", task.ID, err)
	}
	if rev != task.Rev {
		return fmt.Errorf("task %q has rev %d, not %d: %w", task.ID, rev, task.Rev, store.ErrConflict)
	}
	const query = `INSERT INTO tasks (id, rev, customer, owner, state, due, wake, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
		rev = excluded.rev, customer = excluded.customer, owner = excluded.owner, state = excluded.state, due = excluded.due, wake = excluded.wake, doc = excluded.doc`
	_, err = t.exec(query, task.ID, rev+1, task.Customer, task.Owner, string(task.State), ms(task.Due), msOrNone(task.Wake), text)
	if err != nil {
		return fmt.Errorf("writing task %q: %w", task.ID, err)
	}
	return nil
}

// Tasks is as in store.Tasks.
func (s *Store) Tasks(ctx context.Context, q followup.Query) ([]followup.Task, string, error) {
	column, order := taskOrder(q), "id"
	if column != "" {
		order = column + ", id"
	}
	w, err := taskConditions(q, column)
	if err != nil {
		return nil, "", err
	}
	cursor := func(t followup.Task) string {
		switch column {
		case "wake":
			return joinCursor(strconv.FormatInt(ms(t.Wake), 10), t.ID)
		case "due":
			return joinCursor(strconv.FormatInt(ms(t.Due), 10), t.ID)
		}
		return t.ID
	}
	limit := pageSize(q.Limit)
	docs, err := readRevDocs(ctx, s.reader, "SELECT rev, doc FROM tasks"+taskIndex(q, column)+w.String()+" ORDER BY "+order+" LIMIT ?", append(w.args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("reading tasks: %w", err)
	}
	all, err := decodeAll(docs, decodeTask)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, cursor)
	return page, next, nil
}

// taskOrder is the column that a query's pages are ordered by, before the id; "" for none.
func taskOrder(q followup.Query) string {
	switch {
	case !q.WakeBefore.IsZero():
		return "wake"
	case q.Owner != "" || !q.DueBefore.IsZero() || !q.DueFrom.IsZero():
		return "due"
	}
	return ""
}

func taskConditions(q followup.Query, order string) (*where, error) {
	w := &where{}
	w.equal("owner", q.Owner)
	w.equal("customer", q.Customer)
	w.equal("state", string(q.State))
	if !q.DueBefore.IsZero() {
		w.add("due < ?", ms(q.DueBefore))
	}
	if !q.DueFrom.IsZero() {
		w.add("due >= ?", ms(q.DueFrom))
	}
	if !q.WakeBefore.IsZero() {
		w.add("wake > 0 AND wake < ?", ms(q.WakeBefore))
	}
	switch {
	case q.After == "":
	case order != "":
		key, id, err := splitCursor(q.After, parseInt)
		if err != nil {
			return nil, err
		}
		w.add("("+order+", id) > (?, ?)", key, id)
	default:
		w.add("id > ?", q.After)
	}
	return w, nil
}

// taskIndex chooses the index, as customerIndex does. A customer's tasks are few enough to be sorted.
func taskIndex(q followup.Query, order string) string {
	switch {
	case order == "wake":
		return " INDEXED BY tasks_wake"
	case q.Customer != "":
		return " INDEXED BY tasks_customer"
	case q.Owner != "" && q.State != "":
		return " INDEXED BY tasks_owner_state"
	case q.Owner != "":
		return " INDEXED BY tasks_owner"
	case order != "" && q.State != "":
		return " INDEXED BY tasks_state_due"
	case order != "":
		return " INDEXED BY tasks_due"
	case q.State != "":
		return " INDEXED BY tasks_state"
	}
	return ""
}

// readRevDocs runs a query for rev and doc.
func readRevDocs(ctx context.Context, q querier, query string, args ...any) ([]doc, error) {
	var docs []doc
	err := q.rows(ctx, func(rows *sql.Rows) error {
		var d doc
		err := rows.Scan(&d.rev, &d.text)
		docs = append(docs, d)
		return err
	}, query, args...)
	return docs, err
}
