package sqlite

import (
	"context"
	"fmt"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// RemoveCustomer is as in store.Customers. All of it is one transaction.
func (s *Store) RemoveCustomer(ctx context.Context, id string, rev int64) error {
	return s.do(ctx, func(t *tx) error {
		old, err := checkCustomer(t, id, rev)
		if err == nil && old.rev == 0 {
			err = fmt.Errorf("customer %q is gone already: %w", id, store.ErrConflict)
		}
		if err != nil {
			return err
		}
		if err := remove(t, id, old); err != nil {
			return fmt.Errorf("removing customer %q: %w", id, err)
		}
		return nil
	})
}

func remove(t *tx, id string, old known) error {
	if err := writeKeys(t, customerRow{Customer: customer.Customer{ID: id}}, old); err != nil {
		return err
	}
	if err := writeGrams(t, id, old.name, ""); err != nil {
		return err
	}
	if _, err := t.exec(`DELETE FROM aliases WHERE customer = ?`, id); err != nil {
		return err
	}
	_, err := t.exec(`DELETE FROM customers WHERE id = ?`, id)
	return err
}
