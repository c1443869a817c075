package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"lingke/connectors"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// PutBatch is as in store.Imports. It is one conditional statement.
func (s *Store) PutBatch(ctx context.Context, b batch.Batch) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encoding batch %q: %w", b.ID, err)
	}
	query, args := `UPDATE batches SET rev = rev + 1, doc = ? WHERE id = ? AND rev = ?`, []any{text, b.ID, b.Rev}
	if b.Rev == 0 {
		query, args = `INSERT INTO batches (doc, id, rev) VALUES (?, ?, 1) ON CONFLICT (id) DO NOTHING`, args[:2]
	}
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, args...)
		if err == nil && n == 0 {
			err = fmt.Errorf("it has not rev %d: %w", b.Rev, store.ErrConflict)
		}
		if err != nil {
			return fmt.Errorf("batch %q: %w", b.ID, err)
		}
		return nil
	})
}

// Batch is as in store.Imports.
func (s *Store) Batch(ctx context.Context, id string) (batch.Batch, error) {
	var d doc
	if err := s.row(ctx, []any{&d.rev, &d.text}, `SELECT rev, doc FROM batches WHERE id = ?`, id); err != nil {
		return batch.Batch{}, found(err, "batch", id)
	}
	return decodeBatch(d)
}

func decodeBatch(d doc) (batch.Batch, error) {
	b, err := decodeAs[batch.Batch](d)
	b.Rev = d.rev
	return b, err
}

// Batches is as in store.Imports.
func (s *Store) Batches(ctx context.Context, after string, limit int) ([]batch.Batch, string, error) {
	w := &where{}
	if after != "" {
		w.add("id < ?", after)
	}
	limit = pageSize(limit)
	var docs []doc
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var d doc
		err := rows.Scan(&d.rev, &d.text)
		docs = append(docs, d)
		return err
	}, `SELECT rev, doc FROM batches`+w.String()+` ORDER BY id DESC LIMIT ?`, append(w.args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("reading batches: %w", err)
	}
	all, err := decodeAll(docs, decodeBatch)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(b batch.Batch) string { return b.ID })
	return page, next, nil
}

// AddTold is as in store.Imports. All of it is one request.
func (s *Store) AddTold(ctx context.Context, all []batch.Told) error {
	texts := make([][]byte, len(all))
	for i, told := range all {
		var err error
		if texts[i], err = json.Marshal(told.Record); err != nil {
			return fmt.Errorf("encoding %q: %w", told.Ref, err)
		}
	}
	const query = `INSERT INTO told (batch, kind, ref, live, record) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (batch, kind, ref) DO UPDATE SET live = excluded.live, record = excluded.record`
	return s.do(ctx, func(t *tx) error {
		for i, told := range all {
			if _, err := t.exec(query, told.Batch, string(told.Record.Kind), string(told.Ref), told.Live, texts[i]); err != nil {
				return fmt.Errorf("noting %q: %w", told.Ref, err)
			}
		}
		return nil
	})
}

// SetTold is as in store.Imports.
func (s *Store) SetTold(ctx context.Context, batchID string, live bool) error {
	return s.do(ctx, func(t *tx) error {
		if _, err := t.exec(`UPDATE told SET live = ? WHERE batch = ?`, live, batchID); err != nil {
			return fmt.Errorf("batch %q: %w", batchID, err)
		}
		return nil
	})
}

// Told is as in store.Imports.
func (s *Store) Told(ctx context.Context, kind connectors.Kind, refs []customer.Ref) ([]batch.Told, error) {
	list, err := encodeList(refs)
	if err != nil {
		return nil, fmt.Errorf("encoding refs: %w", err)
	}
	const query = `SELECT batch, ref, live, record FROM told INDEXED BY told_ref
		WHERE live = 1 AND kind = ? AND ref IN (SELECT value FROM json_each(?)) ORDER BY ref, batch`
	return s.readTold(ctx, query, string(kind), list)
}

// ToldBy is as in store.Imports.
func (s *Store) ToldBy(ctx context.Context, batchID string, kind connectors.Kind, after string, limit int) ([]batch.Told, string, error) {
	limit = pageSize(limit)
	const query = `SELECT batch, ref, live, record FROM told WHERE batch = ? AND kind = ? AND ref > ? ORDER BY ref LIMIT ?`
	all, err := s.readTold(ctx, query, batchID, string(kind), after, limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(t batch.Told) string { return string(t.Ref) })
	return page, next, nil
}

func (s *Store) readTold(ctx context.Context, query string, args ...any) ([]batch.Told, error) {
	var all []batch.Told
	var texts [][]byte
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var t batch.Told
		var text []byte
		err := rows.Scan(&t.Batch, &t.Ref, &t.Live, &text)
		all, texts = append(all, t), append(texts, text)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading what was told: %w", err)
	}
	for i, text := range texts {
		if err := unmarshal(text, &all[i].Record); err != nil {
			return nil, fmt.Errorf("decoding %q: %w", all[i].Ref, err)
		}
	}
	return all, nil
}

// Attach is as in store.Imports.
func (s *Store) Attach(ctx context.Context, batchID, name string, content []byte) error {
	query, args := `DELETE FROM attachments WHERE batch = ? AND name = ?`, []any{batchID, name}
	if content != nil {
		query = `INSERT INTO attachments (batch, name, content) VALUES (?, ?, ?) ON CONFLICT (batch, name) DO UPDATE SET content = excluded.content`
		args = append(args, content)
	}
	return s.do(ctx, func(t *tx) error {
		if _, err := t.exec(query, args...); err != nil {
			return fmt.Errorf("attaching %s to %q: %w", name, batchID, err)
		}
		return nil
	})
}

// Attachment is as in store.Imports.
func (s *Store) Attachment(ctx context.Context, batchID, name string) (content []byte, err error) {
	err = s.row(ctx, []any{&content}, `SELECT content FROM attachments WHERE batch = ? AND name = ?`, batchID, name)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("attachment %s of %q: %w", name, batchID, err)
	}
	return content, nil
}
