package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// errRegroup is a mistake of the caller.
var errRegroup = errors.New("sqlite: Regroup needs a customer to put, and each id once")

// Regroup is as in store.Customers. All of it is one transaction.
func (s *Store) Regroup(ctx context.Context, put []customer.Customer, gone []store.Gone) error {
	if err := checkRegroup(put, gone); err != nil {
		return err
	}
	rows := make([]customerRow, len(put))
	for i, c := range put {
		row, err := newCustomerRow(c)
		if err != nil {
			return err
		}
		rows[i] = row
	}
	return s.do(ctx, func(t *tx) error { return regroup(t, rows, gone) })
}

func checkRegroup(put []customer.Customer, gone []store.Gone) error {
	if len(put) == 0 {
		return errRegroup
	}
	seen := map[string]bool{}
	for _, c := range put {
		if seen[c.ID] {
			return errRegroup
		}
		seen[c.ID] = true
	}
	for _, g := range gone {
		if seen[g.ID] {
			return errRegroup
		}
		seen[g.ID] = true
	}
	return nil
}

// regroup checks everything before it writes anything, so that a conflict costs its neighbours nothing.
func regroup(t *tx, rows []customerRow, gone []store.Gone) error {
	olds, err := checkAll(t, rows, gone)
	if err != nil {
		return err
	}
	for i, row := range rows {
		if err := writeCustomer(t, row, olds[i]); err != nil {
			return err
		}
	}
	for i, g := range gone {
		into := cmp.Or(g.Into, rows[0].ID)
		if err := rename(t, g.ID, olds[len(rows)+i], into); err != nil {
			return fmt.Errorf("customer %q becomes %q: %w", g.ID, into, err)
		}
	}
	return nil
}

// checkAll returns what is stored of rows and then of gone.
func checkAll(t *tx, rows []customerRow, gone []store.Gone) ([]known, error) {
	olds := make([]known, 0, len(rows)+len(gone))
	for _, row := range rows {
		old, err := checkCustomer(t, row.ID, row.Rev)
		if err != nil {
			return nil, err
		}
		olds = append(olds, old)
	}
	for _, g := range gone {
		old, err := checkCustomer(t, g.ID, g.Rev)
		if err == nil && old.rev == 0 {
			err = fmt.Errorf("customer %q is gone already: %w", g.ID, store.ErrConflict)
		}
		if err != nil {
			return nil, err
		}
		olds = append(olds, old)
	}
	return olds, nil
}

// rename removes a customer and lets its id, and all its former names, stand for another.
func rename(t *tx, id string, old known, target string) error {
	if err := writeKeys(t, customerRow{Customer: customer.Customer{ID: id}}, old); err != nil {
		return err
	}
	if err := writeGrams(t, id, old.name, ""); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM customers WHERE id = ?`, id); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE aliases SET customer = ? WHERE customer = ?`, target, id); err != nil {
		return err
	}
	_, err := t.exec(`INSERT INTO aliases (id, customer, rev) VALUES (?, ?, ?)`, id, target, old.rev+1)
	return err
}
