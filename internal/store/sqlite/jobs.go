package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lingke/schedules"
)

// StartRun is as in store.Jobs. It is one conditional statement.
func (s *Store) StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (started bool, err error) {
	const query = `INSERT INTO runs (job, due, holder, until, ended, outcome) VALUES (?, ?, ?, ?, NULL, '')
		ON CONFLICT (job, due) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE ended IS NULL AND runs.until <= ?`
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, job, ms(due), token, ms(until), ms(now))
		started = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("starting job %q: %w", job, err)
	}
	return started, nil
}

// ExtendRun is as in store.Jobs.
func (s *Store) ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error {
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(`UPDATE runs SET until = ? WHERE job = ? AND due = ? AND holder = ? AND ended IS NULL`, ms(until), job, ms(due), token)
		return held(n, err, "job", job)
	})
}

// EndRun is as in store.Jobs.
func (s *Store) EndRun(ctx context.Context, job string, due, ended time.Time, token, outcome string) error {
	const query = `UPDATE runs SET ended = ?, outcome = ? WHERE job = ? AND due = ? AND holder = ? AND ended IS NULL`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, ms(ended), outcome, job, ms(due), token)
		return held(n, err, "job", job)
	})
}

// LastRun is as in store.Jobs.
func (s *Store) LastRun(ctx context.Context, job string) (schedules.Run, error) {
	run := schedules.Run{Job: job}
	var due, until int64
	var ended sql.NullInt64
	const query = `SELECT due, holder, until, ended, outcome FROM runs WHERE job = ? ORDER BY due DESC LIMIT 1`
	if err := s.row(ctx, []any{&due, &run.Holder, &until, &ended, &run.Outcome}, query, job); err != nil {
		return schedules.Run{}, found(err, "run of job", job)
	}
	run.Due, run.Until = instant(due), instant(until)
	if ended.Valid {
		run.Ended = instant(ended.Int64)
	}
	return run, nil
}

// Cursor is as in store.Jobs.
func (s *Store) Cursor(ctx context.Context, name string) (cursor string, err error) {
	err = s.row(ctx, []any{&cursor}, `SELECT cursor FROM cursors WHERE name = ?`, name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("cursor %q: %w", name, err)
	}
	return cursor, nil
}

// SetCursor is as in store.Jobs.
func (s *Store) SetCursor(ctx context.Context, name, cursor string) error {
	const query = `INSERT INTO cursors (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`
	return s.do(ctx, func(t *tx) error {
		if _, err := t.exec(query, name, cursor); err != nil {
			return fmt.Errorf("cursor %q: %w", name, err)
		}
		return nil
	})
}
