package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// customerRow is a customer ready to be written, encoded by the caller's goroutine so that the writer need not.
type customerRow struct {
	customer.Customer
	doc     []byte // without effects
	effects string
	name    string // normalised
	keys    []string
	text    string // keys as the column holds them
}

// known is what is stored of a customer before a write; the zero known stands for none.
type known struct {
	rev  int64
	keys string
	columns
}

// columns are what queries for customers select and order by.
type columns struct {
	name, owner, pool, tier, stage, places string
	rank                                   float64
	lapses, atRisk, active, clock          int64
}

func (r customerRow) columns() columns {
	return columns{r.name, r.Owner, r.Pool, r.Tier, string(r.Stage), placesText(r.Places()), rank(r.Customer), msOrNone(r.Lapses), msOrNone(r.AtRisk), msOrNone(r.Active), msOrNone(r.Clock.Next)}
}

// msOrNone is the column of a time; 0 for none.
func msOrNone(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return ms(t)
}

func newCustomerRow(c customer.Customer) (customerRow, error) {
	effects, err := encodeList(c.Effects)
	if err != nil {
		return customerRow{}, fmt.Errorf("encoding the effects of customer %q: %w", c.ID, err)
	}
	content := c
	content.Effects = nil
	text, err := json.Marshal(content)
	if err != nil {
		return customerRow{}, fmt.Errorf("encoding customer %q: %w", c.ID, err)
	}
	keys := c.Keys()
	keysText, err := json.Marshal(keys)
	if err != nil {
		return customerRow{}, fmt.Errorf("encoding the keys of customer %q: %w", c.ID, err)
	}
	return customerRow{Customer: c, doc: text, effects: effects, name: normalise(c.Name), keys: keys, text: string(keysText)}, nil
}

// keysOf are the texts by which customer_keys finds customers, of refs and other keys.
func keysOf(refs []customer.Ref, keys []string) []string {
	all := slices.Clone(keys)
	for _, ref := range refs {
		all = append(all, customer.RefKey(ref))
	}
	return all
}

// storedCustomer is what is read of a customer: rev, effects and doc.
type storedCustomer struct {
	doc
	effects string
}

func decodeCustomer(s storedCustomer) (customer.Customer, error) {
	c, err := decodeAs[customer.Customer](s.doc)
	if err != nil {
		return c, err
	}
	c.Rev = s.rev
	c.Effects, err = decodeList[customer.Effect](s.effects)
	return c, err
}

// readCustomers runs a query for rev, effects and doc, and decodes once the connection is free again.
func readCustomers(ctx context.Context, q querier, query string, args ...any) ([]customer.Customer, error) {
	var all []storedCustomer
	err := q.rows(ctx, func(rows *sql.Rows) error {
		var s storedCustomer
		err := rows.Scan(&s.rev, &s.effects, &s.text)
		all = append(all, s)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading customers: %w", err)
	}
	return decodeAll(all, decodeCustomer)
}

// Customer is as in store.Customers.
func (s *Store) Customer(ctx context.Context, id string) (customer.Customer, error) {
	const query = `SELECT rev, effects, doc FROM customers WHERE id = ?1
		UNION ALL SELECT c.rev, c.effects, c.doc FROM aliases a JOIN customers c ON c.id = a.customer WHERE a.id = ?1 LIMIT 1`
	var stored storedCustomer
	if err := s.row(ctx, []any{&stored.rev, &stored.effects, &stored.text}, query, id); err != nil {
		return customer.Customer{}, found(err, "customer", id)
	}
	return decodeCustomer(stored)
}

// CustomersByKey is as in store.Customers.
func (s *Store) CustomersByKey(ctx context.Context, refs []customer.Ref, keys []string) ([]customer.Customer, error) {
	list, err := json.Marshal(keysOf(refs, keys))
	if err != nil {
		return nil, fmt.Errorf("encoding keys: %w", err)
	}
	const query = `SELECT rev, effects, doc FROM customers WHERE id IN
		(SELECT customer FROM customer_keys WHERE key IN (SELECT value FROM json_each(?))) ORDER BY id`
	return readCustomers(ctx, s.reader, query, string(list))
}

// Holders is as in store.Customers.
func (s *Store) Holders(ctx context.Context, keys []string, limit int) ([]store.Holder, error) {
	list, err := json.Marshal(keysOf(nil, keys))
	if err != nil {
		return nil, fmt.Errorf("encoding keys: %w", err)
	}
	const query = `SELECT id, keys FROM customers WHERE id IN
		(SELECT DISTINCT customer FROM customer_keys WHERE key IN (SELECT value FROM json_each(?)) ORDER BY customer LIMIT ?) ORDER BY id`
	return s.readHolders(ctx, query, string(list), max(limit, 0))
}

// readHolders runs a query for id and keys, and decodes once the connection is free again.
func (s *Store) readHolders(ctx context.Context, query string, args ...any) ([]store.Holder, error) {
	var out []store.Holder
	var texts []string
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var h store.Holder
		var text string
		err := rows.Scan(&h.ID, &text)
		out, texts = append(out, h), append(texts, text)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading keys: %w", err)
	}
	for i, text := range texts {
		if out[i].Keys, err = decodeList[string](text); err != nil {
			return nil, fmt.Errorf("keys of %s: %w", out[i].ID, err)
		}
		slices.Sort(out[i].Keys)
	}
	return out, nil
}

// KeyHolders is as in store.Customers.
func (s *Store) KeyHolders(ctx context.Context, keys []string) (map[string][]string, error) {
	list, err := json.Marshal(keysOf(nil, keys))
	if err != nil {
		return nil, fmt.Errorf("encoding keys: %w", err)
	}
	out := make(map[string][]string, len(keys))
	err = s.rows(ctx, func(rows *sql.Rows) error {
		var key, id string
		err := rows.Scan(&key, &id)
		out[key] = append(out[key], id)
		return err
	}, `SELECT key, customer FROM customer_keys WHERE key IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, fmt.Errorf("reading who has keys: %w", err)
	}
	return out, nil
}

// LapsedCustomers is as in store.Customers.
func (s *Store) LapsedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error) {
	const query = `SELECT rev, effects, doc FROM customers INDEXED BY customers_lapses WHERE lapses > 0 AND lapses <= ? ORDER BY lapses LIMIT ?`
	return readCustomers(ctx, s.reader, query, ms(now), max(limit, 0))
}

// PutCustomer is as in store.Customers.
func (s *Store) PutCustomer(ctx context.Context, c customer.Customer) error {
	row, err := newCustomerRow(c)
	if err != nil {
		return err
	}
	return s.do(ctx, func(t *tx) error { return putCustomer(t, row) })
}

// PutCustomers is as in store.Customers, in the order of ids, since neighbours share pages.
func (s *Store) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	rows, places := make([]customerRow, len(all)), make([]int, len(all))
	for i, c := range all {
		var err error
		if rows[i], err = newCustomerRow(c); err != nil {
			return nil, err
		}
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return strings.Compare(rows[a].ID, rows[b].ID) })
	outcomes, err := s.doEach(ctx, len(places), func(t *tx, i int) error { return putCustomer(t, rows[places[i]]) })
	if err != nil {
		return nil, err
	}
	var conflicts []int
	for i, err := range outcomes {
		switch {
		case errors.Is(err, store.ErrConflict):
			conflicts = append(conflicts, places[i])
		case err != nil:
			return nil, err
		}
	}
	slices.Sort(conflicts)
	return conflicts, nil
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
	const query = `SELECT rev, keys, name, owner, pool, tier, stage, places, rank, lapses, at_risk, active, clock FROM customers WHERE id = ?`
	err := t.row([]any{&old.rev, &old.keys, &old.name, &old.owner, &old.pool, &old.tier, &old.stage, &old.places, &old.rank, &old.lapses, &old.atRisk, &old.active, &old.clock}, query, id)
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
		before, err := takeBack(t, row.ID)
		if err != nil {
			return fmt.Errorf("customer %q takes its id back: %w", row.ID, err)
		}
		row.Rev = before
	}
	if err := writeCustomerRow(t, row, old); err != nil {
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

// takeBack ends that an id is another name, and returns the rev that it had before it became one: revs of an id never fall, since what is shown of it is ordered by
// them.
func takeBack(t *tx, id string) (rev int64, err error) {
	err = t.row([]any{&rev}, `SELECT rev FROM aliases WHERE id = ?`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err == nil {
		_, err = t.exec(`DELETE FROM aliases WHERE id = ?`, id)
	}
	return rev, err
}

func writeCustomerRow(t *tx, r customerRow, old known) error {
	const insert = `INSERT INTO customers (id, rev, effects, doc, keys, name, owner, pool, tier, stage, places, rank, lapses, at_risk, active, clock) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	now := r.columns()
	args := []any{r.ID, r.Rev + 1, r.effects, r.doc, r.text}
	if old.rev == 0 {
		_, err := t.exec(insert, append(args, now.name, now.owner, now.pool, now.tier, now.stage, now.places, now.rank, now.lapses, now.atRisk, now.active, now.clock)...)
		return err
	}
	set, changed := old.changes(now)
	_, err := t.exec(`UPDATE customers SET rev = ?2, effects = ?3, doc = ?4, keys = ?5`+set+` WHERE id = ?1`, append(args, changed...)...)
	return err
}

// changes lists only the columns that differ, since SQLite rewrites each index of a column that a statement sets.
func (old columns) changes(now columns) (set string, args []any) {
	add := func(differs bool, clause string, value any) {
		if differs {
			set += clause
			args = append(args, value)
		}
	}
	add(old.name != now.name, ", name = ?", now.name)
	add(old.owner != now.owner, ", owner = ?", now.owner)
	add(old.pool != now.pool, ", pool = ?", now.pool)
	add(old.tier != now.tier, ", tier = ?", now.tier)
	add(old.stage != now.stage, ", stage = ?", now.stage)
	add(old.rank != now.rank, ", rank = ?", now.rank)
	add(old.lapses != now.lapses, ", lapses = ?", now.lapses)
	add(old.atRisk != now.atRisk, ", at_risk = ?", now.atRisk)
	add(old.places != now.places, ", places = ?", now.places)
	add(old.active != now.active, ", active = ?", now.active)
	add(old.clock != now.clock, ", clock = ?", now.clock)
	return set, args
}

// writeKeys changes only the keys that differ: most writes change none.
func writeKeys(t *tx, row customerRow, old known) error {
	if row.text == old.keys {
		return nil
	}
	var had []string
	if old.keys != "" {
		if err := unmarshal([]byte(old.keys), &had); err != nil {
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
