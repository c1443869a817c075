package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"lingke/internal/customer"
)

// schemaClock: in the index are customers with an owner whose clock runs, and those that nobody may claim yet.
const schemaClock = `
ALTER TABLE customers ADD COLUMN clock INTEGER NOT NULL DEFAULT 0; -- 0 for never
CREATE INDEX customers_clock ON customers (clock) WHERE clock > 0;
`

// ClockedCustomers is as in store.Customers.
func (s *Store) ClockedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error) {
	const query = `SELECT rev, effects, doc FROM customers INDEXED BY customers_clock WHERE clock > 0 AND clock <= ? ORDER BY clock LIMIT ?`
	return readCustomers(ctx, s.reader, query, ms(now), max(limit, 0))
}

// NextOwner is as in store.Customers.
func (s *Store) NextOwner(ctx context.Context, after string) (string, error) {
	var owner sql.NullString
	if err := s.row(ctx, []any{&owner}, `SELECT min(owner) FROM customers INDEXED BY customers_owner WHERE owner > ?`, after); err != nil {
		return "", fmt.Errorf("the owner after %q: %w", after, err)
	}
	return owner.String, nil
}
