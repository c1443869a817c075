package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"lingke/internal/store"
)

// Document is as in store.Documents.
func (s *Store) Document(ctx context.Context, name string) (text []byte, err error) {
	err = s.row(ctx, []any{&text}, `SELECT text FROM documents WHERE name = ?`, name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("document %q: %w", name, err)
	}
	return text, nil
}

// PutDocument is as in store.Documents.
func (s *Store) PutDocument(ctx context.Context, name string, text []byte) error {
	const query = `INSERT INTO documents (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text`
	if text == nil {
		text = []byte{}
	}
	return s.do(ctx, func(t *tx) error {
		if _, err := t.exec(query, name, text); err != nil {
			return fmt.Errorf("document %q: %w", name, err)
		}
		return nil
	})
}

// SwapDocument is as in store.Documents.
func (s *Store) SwapDocument(ctx context.Context, name string, old, text []byte) error {
	const replace = `UPDATE documents SET text = ? WHERE name = ? AND text = ?`
	const add = `INSERT INTO documents (name, text) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`
	if old == nil {
		old = []byte{}
	}
	if text == nil {
		text = []byte{}
	}
	return s.do(ctx, func(t *tx) error {
		changed, err := t.exec(replace, text, name, old)
		if err == nil && changed == 0 && len(old) == 0 {
			changed, err = t.exec(add, name, text)
		}
		if err != nil {
			return fmt.Errorf("document %q: %w", name, err)
		}
		if changed == 0 {
			return fmt.Errorf("document %q: %w", name, store.ErrConflict)
		}
		return nil
	})
}
