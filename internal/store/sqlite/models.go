package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"lingke/internal/models"
)

// AddModel is as in store.Models.
func (s *Store) AddModel(ctx context.Context, v models.Version) (added bool, err error) {
	text := v.Text
	v.Text = ""
	about, err := json.Marshal(v)
	if err != nil {
		return false, fmt.Errorf("encoding model %q: %w", v.ID, err)
	}
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(`INSERT INTO models (id, at, doc, text) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, v.ID, ms(v.At), about, text)
		added = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("adding model %q: %w", v.ID, err)
	}
	return added, nil
}

// Model is as in store.Models.
func (s *Store) Model(ctx context.Context, id string) (models.Version, error) {
	var about []byte
	var text string
	if err := s.row(ctx, []any{&about, &text}, `SELECT doc, text FROM models WHERE id = ?`, id); err != nil {
		return models.Version{}, found(err, "model", id)
	}
	var v models.Version
	if err := unmarshal(about, &v); err != nil {
		return v, fmt.Errorf("decoding model %q: %w", id, err)
	}
	v.Text = text
	return v, nil
}

// Models is as in store.Models.
func (s *Store) Models(ctx context.Context) ([]models.Version, error) {
	return documents[models.Version](ctx, s, `SELECT doc FROM models ORDER BY at, id`)
}

// Publish is as in store.Models.
func (s *Store) Publish(ctx context.Context, p models.Publication) (done bool, err error) {
	text, err := json.Marshal(p)
	if err != nil {
		return false, fmt.Errorf("encoding publication %d: %w", p.N, err)
	}
	const query = `INSERT INTO publications (n, doc) SELECT ?1, ?2 WHERE (SELECT coalesce(max(n), 0) FROM publications) = ?1 - 1`
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, p.N, text)
		done = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("publication %d: %w", p.N, err)
	}
	return done, nil
}

// Publications is as in store.Models.
func (s *Store) Publications(ctx context.Context, limit int) ([]models.Publication, error) {
	if limit <= 0 {
		limit = -1
	}
	return documents[models.Publication](ctx, s, `SELECT doc FROM publications ORDER BY n DESC LIMIT ?`, limit)
}

// documents reads the one column of a query as JSON.
func documents[T any](ctx context.Context, s *Store, query string, args ...any) ([]T, error) {
	var all []T
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var text []byte
		var one T
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := unmarshal(text, &one); err != nil {
			return fmt.Errorf("decoding: %w", err)
		}
		all = append(all, one)
		return nil
	}, query, args...)
	return all, err
}
