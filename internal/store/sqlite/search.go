package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"lingke/internal/customer"
)

// normalise is how names are compared: full-width and half-width forms, and upper and lower case, are one.
func normalise(text string) string {
	return strings.TrimSpace(strings.ToLower(norm.NFKC.String(text)))
}

// gram is a pair of neighbouring characters of a normalised name.
type gram int64

// gramsOf returns the different grams of a text; none for fewer than two characters.
func gramsOf(text string) []gram {
	runes := []rune(text)
	var all []gram
	for i := range len(runes) - 1 {
		all = append(all, gram(runes[i])<<21|gram(runes[i+1])) // a rune has 21 bits
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// writeGrams changes the grams of a customer whose name changes; "" stands for no customer. One statement takes all grams: a name has
// twenty, and a statement each would take most of the time of an import.
func writeGrams(t *tx, id, before, after string) error {
	const remove = `DELETE FROM customer_grams WHERE gram IN (SELECT value FROM json_each(?)) AND customer = ?`
	const add = `INSERT INTO customer_grams (gram, customer) SELECT value, ?2 FROM json_each(?1)`
	had, has := gramsOf(before), gramsOf(after)
	err := changeGrams(t, remove, without(had, has), id)
	if err == nil {
		err = changeGrams(t, add, without(has, had), id)
	}
	if err != nil {
		return fmt.Errorf("name of customer %q: %w", id, err)
	}
	return nil
}

func changeGrams(t *tx, query string, grams []gram, id string) error {
	if len(grams) == 0 {
		return nil
	}
	list, err := json.Marshal(grams)
	if err == nil {
		_, err = t.exec(query, string(list), id)
	}
	return err
}

// SearchCustomers is as in store.Customers. The grams of a text are kept in id order, so the search reads the ids of its rarest one
// only, and stops as soon as it has enough.
func (s *Store) SearchCustomers(ctx context.Context, text string, limit int) ([]customer.Customer, error) {
	text = normalise(text)
	if text == "" || limit < 1 {
		return nil, nil
	}
	var found []customer.Customer
	err := s.snapshot(ctx, func(q querier) error {
		ids, err := searchIDs(ctx, q, text, limit)
		if err == nil {
			found, err = customersInOrder(ctx, q, ids)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	return found, nil
}

// searchIDs asks for exact names, names that start with text, and the rest, until it has limit.
func searchIDs(ctx context.Context, q querier, text string, limit int) ([]string, error) {
	const exact = `SELECT id FROM customers INDEXED BY customers_name WHERE name = ? ORDER BY id LIMIT ?`
	const start = `SELECT id FROM customers INDEXED BY customers_name WHERE name > ? AND name < ? ORDER BY id LIMIT ?`
	ids, err := readIDs(ctx, q, exact, text, limit)
	if err != nil || len(ids) == limit {
		return ids, err
	}
	more, err := readIDs(ctx, q, start, text, text+string(utf8.MaxRune), limit-len(ids))
	ids = append(ids, more...)
	if err != nil || len(ids) == limit {
		return ids, err
	}
	more, err = searchInside(ctx, q, text, limit-len(ids))
	return append(ids, more...), err
}

func searchInside(ctx context.Context, q querier, text string, limit int) ([]string, error) {
	const walk = `SELECT id FROM customers INDEXED BY customers_walk WHERE instr(name, ?) > 1 ORDER BY id LIMIT ?`
	const byGram = `SELECT c.id FROM customer_grams g CROSS JOIN customers c INDEXED BY customers_walk ON c.id = g.customer
		WHERE g.gram = ? AND instr(c.name, ?) > 1 ORDER BY g.customer LIMIT ?`
	grams := gramsOf(text)
	if len(grams) == 0 {
		return readIDs(ctx, q, walk, text, limit)
	}
	rarest, err := rarestGram(ctx, q, grams)
	if err != nil {
		return nil, err
	}
	return readIDs(ctx, q, byGram, int64(rarest), text, limit)
}

// rarestGram counts up to 1,000: beyond that all are equally common.
func rarestGram(ctx context.Context, q querier, grams []gram) (gram, error) {
	const query = `SELECT count(*) FROM (SELECT 1 FROM customer_grams WHERE gram = ? LIMIT 1000)`
	rarest, least := grams[0], 1001
	for _, g := range grams {
		var n int
		err := q.rows(ctx, func(rows *sql.Rows) error { return rows.Scan(&n) }, query, int64(g))
		if err != nil {
			return 0, err
		}
		if n < least {
			rarest, least = g, n
		}
	}
	return rarest, nil
}

func readIDs(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	var ids []string
	err := q.rows(ctx, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	return ids, err
}

func customersInOrder(ctx context.Context, q querier, ids []string) ([]customer.Customer, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return readCustomers(ctx, q, `SELECT c.rev, c.effects, c.doc FROM json_each(?) j CROSS JOIN customers c ON c.id = j.value ORDER BY j.key`, string(list))
}
