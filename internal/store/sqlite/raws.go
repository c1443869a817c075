package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lingke/internal/raw"
)

// schemaRaws: parts are read by source in the order of ids, and forgotten by source and age, or by age alone.
const schemaRaws = `
CREATE TABLE raws (id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX raws_source ON raws (source, id, count);
CREATE INDEX raws_age ON raws (source, at);
CREATE INDEX raws_at ON raws (at);
`

// AddRaw is as in store.Raws.
func (s *Store) AddRaw(ctx context.Context, p raw.Part) error {
	const query = `INSERT INTO raws (id, source, at, count, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	return s.do(ctx, func(t *tx) error {
		if _, err := t.exec(query, p.ID, p.Source, ms(p.At), p.Count, p.Body); err != nil {
			return fmt.Errorf("raw records %s of %s: %w", p.ID, p.Source, err)
		}
		return nil
	})
}

// EachRaw is as in store.Raws. A part is read at a time: it may be large.
func (s *Store) EachRaw(ctx context.Context, source, after string, fn func(raw.Part) error) error {
	const query = `SELECT id, source, at, count, body FROM raws INDEXED BY raws_source WHERE source = ? AND id > ? ORDER BY id LIMIT 1`
	for {
		var found []raw.Part
		err := s.rows(ctx, func(rows *sql.Rows) error {
			var p raw.Part
			var at int64
			err := rows.Scan(&p.ID, &p.Source, &at, &p.Count, &p.Body)
			p.At = instant(at)
			found = append(found, p)
			return err
		}, query, source, after)
		if err != nil {
			return fmt.Errorf("raw records of %s: %w", source, err)
		}
		if len(found) == 0 {
			return nil
		}
		if err := fn(found[0]); err != nil {
			return err
		}
		after = found[0].ID
	}
}

// CountRaw is as in store.Raws.
func (s *Store) CountRaw(ctx context.Context, source string) (n int, err error) {
	err = s.row(ctx, []any{&n}, `SELECT coalesce(sum(count), 0) FROM raws INDEXED BY raws_source WHERE source = ?`, source)
	if err != nil {
		return 0, fmt.Errorf("raw records of %s: %w", source, err)
	}
	return n, nil
}

// PurgeRaw is as in store.Raws.
func (s *Store) PurgeRaw(ctx context.Context, source string, before time.Time) (int, error) {
	query := `DELETE FROM raws WHERE rowid IN (SELECT rowid FROM raws INDEXED BY raws_age WHERE source = ? AND at < ? LIMIT ?)`
	args := []any{source, ms(before)}
	if source == "" {
		query, args = `DELETE FROM raws WHERE rowid IN (SELECT rowid FROM raws INDEXED BY raws_at WHERE at < ? LIMIT ?)`, args[1:]
	}
	purged, err := s.purge(ctx, query, args...)
	if err != nil {
		return purged, fmt.Errorf("purging raw records: %w", err)
	}
	return purged, nil
}
