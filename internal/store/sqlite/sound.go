package sqlite

import (
	"context"
	"fmt"

	"lingke/internal/customer"
)

// SoundingCustomers is as in store.Customers: the keys that begin with a text lie side by side, the text itself first.
func (s *Store) SoundingCustomers(ctx context.Context, spelled string, limit int) ([]customer.Customer, error) {
	if len(spelled) < 2 || limit < 1 {
		return nil, nil
	}
	const query = `SELECT customer FROM customer_keys WHERE key >= ?1 AND key < ?2 GROUP BY customer ORDER BY min(key) <> ?1, customer LIMIT ?3`
	var found []customer.Customer
	err := s.snapshot(ctx, func(q querier) error {
		from := customer.SoundKey(spelled)
		ids, err := readIDs(ctx, q, query, from, from+"\x7f", limit)
		if err == nil {
			found, err = customersInOrder(ctx, q, ids)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("searching by sound: %w", err)
	}
	return found, nil
}
