package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"lingke/internal/inbox"
	"lingke/internal/store"
)

const eventColumns = `id, source, body, received, state, attempts, due, why`

// AddEvent is as in store.Events.
func (s *Store) AddEvent(ctx context.Context, e inbox.Event) (bool, error) {
	return s.addEvent(ctx, e, "", 0)
}

// TakeEvent is as in store.Events.
func (s *Store) TakeEvent(ctx context.Context, e inbox.Event, until time.Time, token string) (bool, error) {
	return s.addEvent(ctx, e, token, ms(until))
}

func (s *Store) addEvent(ctx context.Context, e inbox.Event, token string, until int64) (added bool, err error) {
	const query = `INSERT INTO events (` + eventColumns + `, token, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	err = s.doNow(ctx, func(t *tx) error {
		n, err := t.exec(query, e.ID, e.Source, e.Body, ms(e.Received), string(e.State), e.Attempts, ms(e.Due), e.Why, token, until)
		added = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("adding event %q: %w", e.ID, err)
	}
	return added, nil
}

// scanEvent reads eventColumns.
func scanEvent(rows *sql.Rows) (inbox.Event, error) {
	var e inbox.Event
	var state string
	var received, due int64
	err := rows.Scan(&e.ID, &e.Source, &e.Body, &received, &state, &e.Attempts, &due, &e.Why)
	e.Received, e.State, e.Due = instant(received), inbox.State(state), instant(due)
	return e, err
}

// LeaseEvents is as in store.Events.
func (s *Store) LeaseEvents(ctx context.Context, now, until time.Time, token string, limit int) (all []inbox.Event, err error) {
	const query = `UPDATE events SET token = ?, until = ? WHERE rowid IN (
		SELECT rowid FROM events INDEXED BY events_due WHERE state = 'due' AND due <= ? AND until <= ? ORDER BY due, id LIMIT ?
		) RETURNING ` + eventColumns
	err = s.do(ctx, func(t *tx) error {
		all = nil
		return t.change(func(rows *sql.Rows) error {
			e, err := scanEvent(rows)
			all = append(all, e)
			return err
		}, query, token, ms(until), ms(now), ms(now), limit)
	})
	if err != nil {
		return nil, fmt.Errorf("leasing events: %w", err)
	}
	slices.SortFunc(all, func(a, b inbox.Event) int { return compareDue(a.Due, a.ID, b.Due, b.ID) })
	return all, nil
}

// FinishEvent is as in store.Events.
func (s *Store) FinishEvent(ctx context.Context, e inbox.Event, token string) error {
	const query = `UPDATE events SET state = ?, attempts = ?, due = ?, why = ?, token = '', until = 0 WHERE id = ? AND token = ? AND token <> ''`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, string(e.State), e.Attempts, ms(e.Due), e.Why, e.ID, token)
		return held(n, err, "event", e.ID)
	})
}

// held turns the outcome of a statement that is guarded by a lease into an error.
func held(changed int64, err error, what, id string) error {
	if err == nil && changed == 0 {
		err = store.ErrLeaseLost
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", what, id, err)
	}
	return nil
}

// Events is as in store.Events.
func (s *Store) Events(ctx context.Context, state inbox.State, limit int) ([]inbox.Event, error) {
	const query = `SELECT ` + eventColumns + ` FROM events INDEXED BY events_state WHERE state = ? ORDER BY received DESC, id DESC LIMIT ?`
	var all []inbox.Event
	err := s.rows(ctx, func(rows *sql.Rows) error {
		e, err := scanEvent(rows)
		all = append(all, e)
		return err
	}, query, string(state), limit)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return all, nil
}

// purgeStep bounds how long a purge keeps other writes waiting.
const purgeStep = 1000

// PurgeEvents is as in store.Events.
func (s *Store) PurgeEvents(ctx context.Context, before time.Time) (int, error) {
	const query = `DELETE FROM events WHERE rowid IN (
		SELECT rowid FROM events INDEXED BY events_state WHERE state = 'done' AND received < ? LIMIT ?)`
	n, err := s.purge(ctx, query, ms(before))
	if err != nil {
		return n, fmt.Errorf("purging events: %w", err)
	}
	return n, nil
}

// purge deletes in steps: query takes args and then the size of a step.
func (s *Store) purge(ctx context.Context, query string, args ...any) (purged int, err error) {
	args = append(slices.Clip(args), purgeStep)
	for {
		var n int64
		err := s.do(ctx, func(t *tx) (err error) {
			n, err = t.exec(query, args...)
			return err
		})
		if err != nil {
			return purged, err
		}
		if purged += int(n); n < purgeStep {
			return purged, nil
		}
	}
}
