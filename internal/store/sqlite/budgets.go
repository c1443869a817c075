package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lingke/internal/delivery/budget"
)

// schemaBudgets keeps what is spent of the platforms' limits, a row for each slot of time.
const schemaBudgets = `CREATE TABLE budgets (key TEXT NOT NULL, slot INTEGER NOT NULL, spent INTEGER NOT NULL, PRIMARY KEY (key, slot)) WITHOUT ROWID`

// Reserve is as in budget.Store.
func (s *Store) Reserve(ctx context.Context, all []budget.Draw) (granted []int, err error) {
	err = s.do(ctx, func(t *tx) error {
		granted = make([]int, len(all))
		for i, d := range all {
			if granted[i], err = reserve(t, d); err != nil {
				return fmt.Errorf("budget %q: %w", d.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return granted, nil
}

func reserve(t *tx, d budget.Draw) (int, error) {
	if d.Want < 0 {
		_, err := t.exec(`UPDATE budgets SET spent = max(0, spent + ?) WHERE key = ? AND slot = ?`, d.Want, d.Key, ms(d.At))
		return d.Want, err
	}
	var spent int
	if err := t.row([]any{&spent}, `SELECT coalesce(sum(spent), 0) FROM budgets WHERE key = ? AND slot >= ?`, d.Key, ms(d.Since)); err != nil {
		return 0, err
	}
	n := max(0, min(d.Want, d.Max-spent))
	if n == 0 {
		return 0, nil
	}
	const add = `INSERT INTO budgets (key, slot, spent) VALUES (?, ?, ?) ON CONFLICT (key, slot) DO UPDATE SET spent = spent + excluded.spent`
	_, err := t.exec(add, d.Key, ms(d.At), n)
	return n, err
}

// Drawn is as in budget.Store.
func (s *Store) Drawn(ctx context.Context, prefix string, since time.Time) (all []budget.Use, err error) {
	const query = `SELECT key, slot, spent FROM budgets WHERE key >= ? AND key < ? AND slot >= ? ORDER BY key, slot`
	err = s.rows(ctx, func(rows *sql.Rows) error {
		var u budget.Use
		var slot int64
		err := rows.Scan(&u.Key, &slot, &u.Spent)
		u.At = instant(slot)
		all = append(all, u)
		return err
	}, query, prefix, prefix+"\U0010FFFF", ms(since))
	if err != nil {
		return nil, fmt.Errorf("what is spent of %q: %w", prefix, err)
	}
	return all, nil
}

// PurgeDrawn is as in budget.Store.
func (s *Store) PurgeDrawn(ctx context.Context, before time.Time) (n int, err error) {
	err = s.do(ctx, func(t *tx) error {
		gone, err := t.exec(`DELETE FROM budgets WHERE slot < ?`, ms(before))
		n = int(gone)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forgetting what was spent: %w", err)
	}
	return n, nil
}
