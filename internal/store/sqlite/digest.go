package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// schemaDigest brings the ranks of deliveries, their merging and what platforms tell of them. What is due lies in lanes by rank; into, ask and the like are rare, so their
// indexes hold only the few that have them.
const schemaDigest = `
ALTER TABLE deliveries ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN reader TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN merges INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN into_id TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN report TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN ask INTEGER NOT NULL DEFAULT -62135596800000; -- never
UPDATE deliveries SET rank = -1 WHERE shown > 0;
DROP INDEX deliveries_due;
CREATE INDEX deliveries_lane ON deliveries (platform, rank, due, id) WHERE state = 'due';
CREATE INDEX deliveries_reader ON deliveries (platform, reader, due) WHERE state = 'due' AND reader <> '';
CREATE INDEX deliveries_into ON deliveries (into_id, created, id) WHERE into_id <> '';
CREATE INDEX deliveries_ask ON deliveries (ask, id) WHERE ask > 0;
`

// waiting selects what store.Deliveries.Waiting counts.
const waiting = ` platform = ? AND reader = ? AND reader <> '' AND state = 'due' AND due < ? AND merges = 1 AND shown = 0`

// Waiting is as in store.Deliveries.
func (s *Store) Waiting(ctx context.Context, platform bots.Platform, reader string, before time.Time) (n int, err error) {
	const query = `SELECT count(*) FROM deliveries INDEXED BY deliveries_reader WHERE` + waiting
	if err := s.row(ctx, []any{&n}, query, string(platform), reader, ms(before)); err != nil {
		return 0, fmt.Errorf("what waits for %q: %w", reader, err)
	}
	return n, nil
}

// MergeDeliveries is as in store.Deliveries. It is one statement.
func (s *Store) MergeDeliveries(ctx context.Context, platform bots.Platform, reader string, before, now time.Time, into, why string) (n int, err error) {
	const query = `UPDATE deliveries SET state = 'merged', into_id = ?, why = ?, ended = ?, token = '', until = 0 WHERE rowid IN (
		SELECT rowid FROM deliveries INDEXED BY deliveries_reader WHERE` + waiting + ` AND until <= ?)`
	err = s.do(ctx, func(t *tx) error {
		changed, err := t.exec(query, into, why, ms(now), string(platform), reader, ms(before), ms(now))
		n = int(changed)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("merging into %q: %w", into, err)
	}
	return n, nil
}

// Withdraw is as in store.Deliveries.
func (s *Store) Withdraw(ctx context.Context, id string, now time.Time, why string) error {
	const query = `UPDATE deliveries SET state = 'withdrawn', why = ?, ended = ? WHERE id = ? AND state = 'due' AND shown = 0 AND until <= ?`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, why, ms(now), id, ms(now))
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("unsent delivery %q: %w", id, err)
		}
		return nil
	})
}

// MoveDelivery is as in store.Deliveries.
func (s *Store) MoveDelivery(ctx context.Context, d delivery.Delivery, token string) error {
	row, err := newDeliveryRow(d)
	if err != nil {
		return err
	}
	const query = `UPDATE deliveries SET platform = ?, reader = ?, about = ? WHERE id = ? AND token = ? AND token <> '' AND shown = 0`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, string(row.Platform), row.Reader, row.about, row.ID, token)
		if err := held(n, err, "delivery", row.ID); err != nil {
			return err
		}
		return finishDelivery(t, row, token)
	})
}

// Unreported is as in store.Deliveries.
func (s *Store) Unreported(ctx context.Context, now time.Time, limit int) ([]delivery.Delivery, error) {
	const query = `SELECT ` + deliveryColumns + ` FROM deliveries INDEXED BY deliveries_ask WHERE ask > 0 AND ask <= ? ORDER BY ask, id LIMIT ?`
	var rows []deliveryRow
	if err := s.rows(ctx, scanDeliveries(&rows), query, ms(now), limit); err != nil {
		return nil, fmt.Errorf("unreported deliveries: %w", err)
	}
	return decodeAll(rows, decodeDelivery)
}

// SetReport is as in store.Deliveries.
func (s *Store) SetReport(ctx context.Context, id string, r *delivery.Report, ask time.Time) error {
	text, err := encodeReport(r)
	if err != nil {
		return fmt.Errorf("encoding the report of delivery %q: %w", id, err)
	}
	const query = `UPDATE deliveries SET report = CASE ?1 WHEN '' THEN report ELSE ?1 END, ask = ?2 WHERE id = ?3`
	return s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, text, ms(ask), id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("report of delivery %q: %w", id, err)
		}
		return nil
	})
}

// Depths is as in store.Deliveries.
func (s *Store) Depths(ctx context.Context, now time.Time) (all []delivery.Depth, err error) {
	const query = `SELECT state, platform, count(*), coalesce(min(CASE WHEN state = 'due' AND due <= ? THEN created END), ?) FROM deliveries INDEXED BY deliveries_state
		WHERE state IN ('due', 'dead') GROUP BY state, platform ORDER BY state, platform`
	err = s.rows(ctx, func(rows *sql.Rows) error {
		var d delivery.Depth
		var oldest int64
		err := rows.Scan(&d.State, &d.Platform, &d.N, &oldest)
		d.Oldest = instant(oldest)
		all = append(all, d)
		return err
	}, query, ms(now), never)
	if err != nil {
		return nil, fmt.Errorf("counting deliveries: %w", err)
	}
	return all, nil
}
