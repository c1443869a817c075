package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lingke/internal/raw"
)

// schemaRefused: what is noted is read by source in the order of ids, and forgotten by source and age, or by age alone. modified is 0 where the version's time is not known.
const schemaRefused = `
CREATE TABLE refused (
	id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, kind TEXT NOT NULL, thing TEXT NOT NULL, modified INTEGER NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL
);
CREATE INDEX refused_source ON refused (source, id);
CREATE INDEX refused_age ON refused (source, at);
CREATE INDEX refused_at ON refused (at);
`

// PutRefused is as in store.Refusals.
func (s *Store) PutRefused(ctx context.Context, all []raw.Refused) error {
	const query = `INSERT INTO refused (id, source, kind, thing, modified, at, why) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
		SET thing = excluded.thing, modified = excluded.modified, at = excluded.at, why = excluded.why WHERE excluded.modified >= refused.modified`
	return s.do(ctx, func(t *tx) error {
		for _, r := range all {
			if _, err := t.exec(query, r.ID, r.Source, r.Kind, r.Thing, msOrZero(r.ModifiedAt), ms(r.At), r.Why); err != nil {
				return fmt.Errorf("noting what %s was refused: %w", r.Source, err)
			}
		}
		return nil
	})
}

func msOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return ms(t)
}

// Refused is as in store.Refusals.
func (s *Store) Refused(ctx context.Context, source, after string, limit int) ([]raw.Refused, string, error) {
	const query = `SELECT id, kind, thing, modified, at, why FROM refused INDEXED BY refused_source WHERE source = ? AND id > ? ORDER BY id LIMIT ?`
	limit = pageSize(limit)
	var all []raw.Refused
	err := s.rows(ctx, func(rows *sql.Rows) error {
		r := raw.Refused{Source: source}
		var modified, at int64
		err := rows.Scan(&r.ID, &r.Kind, &r.Thing, &modified, &at, &r.Why)
		if r.At = instant(at); modified != 0 {
			r.ModifiedAt = instant(modified)
		}
		all = append(all, r)
		return err
	}, query, source, after, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("what %s was refused: %w", source, err)
	}
	found, next := cut(all, limit, func(r raw.Refused) string { return r.ID })
	return found, next, nil
}

// CountRefused is as in store.Refusals.
func (s *Store) CountRefused(ctx context.Context, source string) (n int, err error) {
	err = s.row(ctx, []any{&n}, `SELECT count(*) FROM refused INDEXED BY refused_source WHERE source = ?`, source)
	if err != nil {
		return 0, fmt.Errorf("what %s was refused: %w", source, err)
	}
	return n, nil
}

// SettleRefused is as in store.Refusals.
func (s *Store) SettleRefused(ctx context.Context, all []raw.Refused) error {
	return s.do(ctx, func(t *tx) error {
		for _, r := range all {
			if _, err := t.exec(`DELETE FROM refused WHERE id = ? AND modified <= ?`, r.ID, msOrZero(r.ModifiedAt)); err != nil {
				return fmt.Errorf("settling what %s was refused: %w", r.Source, err)
			}
		}
		return nil
	})
}

// PurgeRefused is as in store.Refusals.
func (s *Store) PurgeRefused(ctx context.Context, source string, before time.Time) (int, error) {
	query := `DELETE FROM refused WHERE rowid IN (SELECT rowid FROM refused INDEXED BY refused_age WHERE source = ? AND at < ? LIMIT ?)`
	args := []any{source, ms(before)}
	if source == "" {
		query, args = `DELETE FROM refused WHERE rowid IN (SELECT rowid FROM refused INDEXED BY refused_at WHERE at < ? LIMIT ?)`, args[1:]
	}
	purged, err := s.purge(ctx, query, args...)
	if err != nil {
		return purged, fmt.Errorf("purging what was refused: %w", err)
	}
	return purged, nil
}
