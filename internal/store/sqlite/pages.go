package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// eachPage is how many customers EachCustomer has in memory at once.
const eachPage = 256

// where collects the conditions of a query.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// equal restricts a column unless value is "".
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// pageSize is the limit that a query's Limit stands for.
func pageSize(limit int) int {
	if limit == 0 {
		return 100
	}
	return min(max(limit, 1), 1000)
}

// cut splits off the row that was read only to see whether there is a next page.
func cut[T any](rows []T, limit int, cursor func(T) string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	return rows[:limit], cursor(rows[limit-1])
}

// joinCursor and splitCursor make a cursor of a sort key and an id.
func joinCursor(key, id string) string { return key + " " + id }

func splitCursor[K any](cursor string, parse func(string) (K, error)) (key K, id string, err error) {
	text, id, ok := strings.Cut(cursor, " ")
	if key, err = parse(text); err != nil || !ok {
		return key, "", fmt.Errorf("%q: %w", cursor, store.ErrCursor)
	}
	return key, id, nil
}

func parseInt(s string) (int64, error)     { return strconv.ParseInt(s, 10, 64) }
func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

// rank orders customers by score, best first.
func rank(c customer.Customer) float64 { return 0 - c.Score.Total }

// Customers is as in store.Customers.
func (s *Store) Customers(ctx context.Context, q store.CustomerQuery) ([]customer.Customer, string, error) {
	limit := pageSize(q.Limit)
	query, args, err := customerQuery(q, limit+1)
	if err != nil {
		return nil, "", err
	}
	all, err := readCustomers(ctx, s.reader, query, args...)
	if err != nil {
		return nil, "", err
	}
	page, next := cut(all, limit, func(c customer.Customer) string {
		if q.ByScore {
			return joinCursor(strconv.FormatFloat(rank(c), 'g', -1, 64), c.ID)
		}
		return c.ID
	})
	return page, next, nil
}

// customerQuery is the statement for a page.
func customerQuery(q store.CustomerQuery, limit int) (query string, args []any, err error) {
	w, err := customerConditions(q)
	if err != nil {
		return "", nil, err
	}
	order := "id"
	if q.ByScore {
		order = "rank, id"
	}
	query = "SELECT rev, effects, doc FROM customers INDEXED BY " + customerIndex(q) + w.String() + " ORDER BY " + order + " LIMIT ?"
	return query, append(w.args, limit), nil
}

func customerConditions(q store.CustomerQuery) (*where, error) {
	w := &where{}
	w.equal("owner", q.Owner)
	if q.Unowned {
		w.add("owner = ''")
	}
	if q.Owned {
		w.add("owner <> ''")
	}
	if len(q.Owners) > 0 {
		list, err := json.Marshal(q.Owners)
		if err != nil {
			return nil, err
		}
		w.add("owner IN (SELECT value FROM json_each(?))", string(list))
	}
	if q.Place != "" {
		w.add("instr(places, ?) > 0", placesText([]string{q.Place}))
	}
	if !q.ActiveFrom.IsZero() {
		w.add("active >= ?", ms(q.ActiveFrom))
	}
	if !q.ActiveTo.IsZero() {
		w.add("active > 0 AND active < ?", ms(q.ActiveTo))
	}
	w.equal("pool", q.Pool)
	w.equal("tier", q.Tier)
	w.equal("stage", string(q.Stage))
	if q.AtRisk {
		w.add("at_risk > 0")
	}
	if q.Through != "" && !q.ByScore {
		w.add("id <= ?", q.Through)
	}
	switch {
	case q.After == "":
	case q.ByScore:
		key, id, err := splitCursor(q.After, parseFloat)
		if err != nil {
			return nil, err
		}
		w.add("(rank, id) > (?, ?)", key, id)
	default:
		w.add("id > ?", q.After)
	}
	return w, nil
}

// customerIndex names the index that serves a query. Without statistics SQLite would guess, and a wrong guess sorts the whole table for
// every page. In id order only an owner's customers are few enough to be sorted; everything else is tested along the index in
// id order, so that all pages together read it once.
func customerIndex(q store.CustomerQuery) string {
	switch {
	case q.AtRisk:
		return "customers_risk"
	case q.Owner != "":
		return "customers_owner"
	case !q.ByScore:
		return "customers_walk"
	case q.Pool != "":
		return "customers_pool"
	case q.Tier != "":
		return "customers_tier"
	case q.Unowned:
		return "customers_owner"
	}
	return "customers_score"
}

// CountCustomers is as in store.Customers. It reads the index alone.
func (s *Store) CountCustomers(ctx context.Context, q store.CustomerQuery, most int) (n int, err error) {
	q.ByScore, q.After, q.Through = true, "", ""
	w, err := customerConditions(q)
	if err != nil {
		return 0, err
	}
	query := "SELECT count(*) FROM (SELECT 1 FROM customers INDEXED BY " + customerIndex(q) + w.String() + " LIMIT ?)"
	if err := s.row(ctx, []any{&n}, query, append(w.args, max(most, 0))...); err != nil {
		return 0, fmt.Errorf("counting customers: %w", err)
	}
	return n, nil
}

// CustomerBound is as in store.Customers. The index has all that is read.
func (s *Store) CustomerBound(ctx context.Context, after string, n int) (id string, err error) {
	err = s.row(ctx, []any{&id}, boundQuery, after, max(n, 1)-1)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("the customers after %q: %w", after, err)
	}
	return id, nil
}

const boundQuery = `SELECT id FROM customers INDEXED BY customers_walk WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?`

// EachCustomer is as in store.Customers.
func (s *Store) EachCustomer(ctx context.Context, fn func(customer.Customer) error) error {
	const query = `SELECT rev, effects, doc FROM customers WHERE id > ? ORDER BY id LIMIT ?`
	return eachPaged(fn, func(c customer.Customer) string { return c.ID }, func(after string) ([]customer.Customer, error) {
		return readCustomers(ctx, s.reader, query, after, eachPage)
	})
}

// EachHolder is as in store.Customers. Keys stand before the document, which is not read.
func (s *Store) EachHolder(ctx context.Context, fn func(store.Holder) error) error {
	const query = `SELECT id, keys FROM customers WHERE id > ? ORDER BY id LIMIT ?`
	return eachPaged(fn, func(h store.Holder) string { return h.ID }, func(after string) ([]store.Holder, error) {
		return s.readHolders(ctx, query, after, eachPage)
	})
}

// eachPaged calls fn for what all pages hold that read gives, each of eachPage at most, behind an id.
func eachPaged[T any](fn func(T) error, id func(T) string, read func(after string) ([]T, error)) error {
	for after := ""; ; {
		page, err := read(after)
		if err != nil {
			return err
		}
		for _, one := range page {
			if err := fn(one); err != nil {
				return err
			}
		}
		if len(page) < eachPage {
			return nil
		}
		after = id(page[len(page)-1])
	}
}

// EachTotal is as in store.Customers. The index has all that is read.
func (s *Store) EachTotal(ctx context.Context, fn func(total float64)) error {
	const query = `SELECT rank FROM customers INDEXED BY customers_score WHERE stage <> ?`
	err := s.rows(ctx, func(rows *sql.Rows) error {
		var rank float64
		err := rows.Scan(&rank)
		if err == nil {
			fn(0 - rank)
		}
		return err
	}, query, string(customer.Lost))
	if err != nil {
		return fmt.Errorf("reading totals: %w", err)
	}
	return nil
}
