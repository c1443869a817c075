package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// PutDecision is as in store.Identity.
func (s *Store) PutDecision(ctx context.Context, d customer.Decision) (stored bool, err error) {
	text, err := json.Marshal(d)
	if err != nil {
		return false, fmt.Errorf("encoding decision %q: %w", d.ID, err)
	}
	err = s.do(ctx, func(t *tx) error {
		stored = false
		var old doc
		err := t.row([]any{&old.text}, `SELECT doc FROM decisions WHERE id = ?`, d.ID)
		if err == nil {
			var known customer.Decision
			if known, err = decodeAs[customer.Decision](old); err != nil || !d.Replaces(known) {
				return err
			}
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		stored = true
		_, err = t.exec(`INSERT INTO decisions (id, a, b, doc) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`, d.ID, d.A, d.B, text)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("decision %q: %w", d.ID, err)
	}
	return stored, nil
}

// Decisions is as in store.Identity.
func (s *Store) Decisions(ctx context.Context, refs []customer.Ref) ([]customer.Decision, error) {
	list, err := json.Marshal(refs)
	if err != nil {
		return nil, fmt.Errorf("encoding refs: %w", err)
	}
	const query = `SELECT doc FROM decisions WHERE id IN (
		SELECT id FROM decisions WHERE a IN (SELECT value FROM json_each(?1)) UNION
		SELECT id FROM decisions WHERE b IN (SELECT value FROM json_each(?1))) ORDER BY a, b`
	return documents[customer.Decision](ctx, s, query, string(list))
}

// AddQuestion is as in store.Identity.
func (s *Store) AddQuestion(ctx context.Context, q customer.Question) (added bool, err error) {
	text, err := json.Marshal(q)
	if err != nil {
		return false, fmt.Errorf("encoding question %q: %w", q.ID, err)
	}
	const query = `INSERT INTO questions (id, rev, state, due, doc) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, q.ID, q.Rev+1, string(q.State), ms(q.Due), text)
		added = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("question %q: %w", q.ID, err)
	}
	return added, nil
}

// Question is as in store.Identity.
func (s *Store) Question(ctx context.Context, id string) (customer.Question, error) {
	var d doc
	if err := s.row(ctx, []any{&d.rev, &d.text}, `SELECT rev, doc FROM questions WHERE id = ?`, id); err != nil {
		return customer.Question{}, found(err, "question", id)
	}
	return decodeQuestion(d)
}

func decodeQuestion(d doc) (customer.Question, error) {
	q, err := decodeAs[customer.Question](d)
	q.Rev = d.rev
	return q, err
}

// PutQuestion is as in store.Identity.
func (s *Store) PutQuestion(ctx context.Context, q customer.Question) error {
	text, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("encoding question %q: %w", q.ID, err)
	}
	const query = `UPDATE questions SET rev = rev + 1, state = ?, due = ?, doc = ? WHERE id = ? AND rev = ?`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, string(q.State), ms(q.Due), text, q.ID, q.Rev)
		if err == nil && n == 0 {
			err = store.ErrConflict
		}
		if err != nil {
			return fmt.Errorf("question %q: %w", q.ID, err)
		}
		return nil
	})
}

// Questions is as in store.Identity.
func (s *Store) Questions(ctx context.Context, state customer.QuestionState, after string, limit int) ([]customer.Question, string, error) {
	w := &where{}
	w.add("state = ?", string(state))
	if after != "" {
		due, id, err := splitCursor(after, parseInt)
		if err != nil {
			return nil, "", err
		}
		w.add("(due, id) > (?, ?)", due, id)
	}
	limit = pageSize(limit)
	var docs []doc
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var d doc
		err := rows.Scan(&d.rev, &d.text)
		docs = append(docs, d)
		return err
	}, `SELECT rev, doc FROM questions INDEXED BY questions_state`+w.String()+` ORDER BY due, id LIMIT ?`, append(w.args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("reading questions: %w", err)
	}
	all, err := decodeAll(docs, decodeQuestion)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(q customer.Question) string { return joinCursor(strconv.FormatInt(ms(q.Due), 10), q.ID) })
	return page, next, nil
}
