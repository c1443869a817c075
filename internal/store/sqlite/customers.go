package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// customerRow is a customer ready to be written, encoded by the caller's goroutine so that the writer need not.
type customerRow struct {
	customer.Customer
	doc  []byte
	name string // normalised
	keys []string
	text string // keys as the column holds them
}

// known is what is stored of a customer before a write; the zero known stands for none.
type known struct {
	rev        int64
	name, keys string
}

func newCustomerRow(c customer.Customer) (customerRow, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return customerRow{}, fmt.Errorf("encoding customer %q: %w", c.ID, err)
	}
	keys := keysOf(c.Refs(), []string{c.CreditCode})
	keysText, err := json.Marshal(keys)
	if err != nil {
		return customerRow{}, fmt.Errorf("encoding the keys of customer %q: %w", c.ID, err)
	}
	return customerRow{Customer: c, doc: text, name: normalise(c.Name), keys: keys, text: string(keysText)}, nil
}

// keysOf are the texts by which customer_keys finds a customer, sorted.
func keysOf(refs []customer.Ref, codes []string) []string {
	keys := make([]string, 0, len(refs)+len(codes))
	for _, ref := range refs {
		keys = append(keys, "ref "+string(ref))
	}
	for _, code := range codes {
		if code != "" {
			keys = append(keys, "code "+code)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func decodeCustomer(d doc) (customer.Customer, error) {
	c, err := decodeAs[customer.Customer](d)
	c.Rev = d.rev
	return c, err
}

// readCustomers runs a query for rev and doc, and decodes once the connection is free again.
func readCustomers(ctx context.Context, q querier, query string, args ...any) ([]customer.Customer, error) {
	docs, err := readRevDocs(ctx, q, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading customers: %w", err)
	}
	return decodeAll(docs, decodeCustomer)
}

// Customer is as in store.Customers.
func (s *Store) Customer(ctx context.Context, id string) (customer.Customer, error) {
	const query = `SELECT rev, doc FROM customers WHERE id = ?1
		UNION ALL SELECT c.rev, c.doc FROM aliases a JOIN customers c ON c.id = a.customer WHERE a.id = ?1 LIMIT 1`
	var d doc
	if err := s.row(ctx, []any{&d.rev, &d.text}, query, id); err != nil {
		return customer.Customer{}, found(err, "customer", id)
	}
	return decodeCustomer(d)
}

// CustomersByKey is as in store.Customers.
func (s *Store) CustomersByKey(ctx context.Context, refs []customer.Ref, codes []string) ([]customer.Customer, error) {
	keys, err := json.Marshal(keysOf(refs, codes))
	if err != nil {
		return nil, fmt.Errorf("encoding keys: %w", err)
	}
	const query = `SELECT rev, doc FROM customers WHERE id IN
		(SELECT customer FROM customer_keys WHERE key IN (SELECT value FROM json_each(?))) ORDER BY id`
	return readCustomers(ctx, s.reader, query, string(keys))
}

// PutCustomer is as in store.Customers.
func (s *Store) PutCustomer(ctx context.Context, c customer.Customer) error {
	row, err := newCustomerRow(c)
	if err != nil {
		return err
	}
	return s.do(ctx, func(t *tx) error { return putCustomer(t, row) })
}

func putCustomer(t *tx, row customerRow) error {
	old, err := checkCustomer(t, row.ID, row.Rev)
	if err != nil {
		return err
	}
	return writeCustomer(t, row, old)
}

// checkCustomer reads what is stored of a customer, which must have the rev.
func checkCustomer(t *tx, id string, rev int64) (known, error) {
	var old known
	err := t.row([]any{&old.rev, &old.name, &old.keys}, `SELECT rev, name, keys FROM customers WHERE id = ?`, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return known{}, fmt.Errorf("customer %q: %w", id, err)
	}
	if old.rev != rev {
		return known{}, fmt.Errorf("customer %q has rev %d, not %d: %w", id, old.rev, rev, store.ErrConflict)
	}
	return old, nil
}

// writeCustomer stores a row in place of what was known. A new customer takes its id back where that was another name.
func writeCustomer(t *tx, row customerRow, old known) error {
	if old.rev == 0 {
		if _, err := t.exec(`DELETE FROM aliases WHERE id = ?`, row.ID); err != nil {
			return fmt.Errorf("customer %q takes its id back: %w", row.ID, err)
		}
	}
	if err := writeCustomerRow(t, row, old.rev == 0); err != nil {
		return fmt.Errorf("writing customer %q: %w", row.ID, err)
	}
	if err := writeKeys(t, row, old); err != nil {
		return fmt.Errorf("writing the keys of customer %q: %w", row.ID, err)
	}
	if row.name == old.name {
		return nil
	}
	return writeGrams(t, row.ID, old.name, row.name)
}

func writeCustomerRow(t *tx, r customerRow, fresh bool) error {
	query := `UPDATE customers SET rev=?2, name=?3, keys=?4, owner=?5, pool=?6, tier=?7, stage=?8, rank=?9, pending=?10, doc=?11 WHERE id=?1`
	if fresh {
		query = `INSERT INTO customers (id, rev, name, keys, owner, pool, tier, stage, rank, pending, doc) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)`
	}
	_, err := t.exec(query, r.ID, r.Rev+1, r.name, r.text, r.Owner, r.Pool, r.Tier, string(r.Stage), rank(r.Customer), len(r.Effects) > 0, r.doc)
	return err
}

// writeKeys changes only the keys that differ: most writes change none.
func writeKeys(t *tx, row customerRow, old known) error {
	if row.text == old.keys {
		return nil
	}
	var had []string
	if old.keys != "" {
		if err := json.Unmarshal([]byte(old.keys), &had); err != nil {
			return err
		}
	}
	for _, key := range without(had, row.keys) {
		if _, err := t.exec(`DELETE FROM customer_keys WHERE key = ? AND customer = ?`, key, row.ID); err != nil {
			return err
		}
	}
	for _, key := range without(row.keys, had) {
		if _, err := t.exec(`INSERT INTO customer_keys (key, customer) VALUES (?, ?)`, key, row.ID); err != nil {
			return err
		}
	}
	return nil
}

// without returns the elements of all that are not in some.
func without[T comparable](all, some []T) []T {
	var rest []T
	for _, x := range all {
		if !slices.Contains(some, x) {
			rest = append(rest, x)
		}
	}
	return rest
}
