package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"lingke/internal/customer"
)

// version is one version of an order or an activity, ready to be written.
type version struct {
	table        string
	id, customer customer.Ref
	text         string // orders the versions
	deleted      bool
	at           time.Time
}

// PutOrder is as in store.History.
func (s *Store) PutOrder(ctx context.Context, o customer.Order) (bool, error) {
	return s.putVersion(ctx, version{"orders", o.ID, o.Customer, o.Version(), o.Deleted, o.Date}, o)
}

// PutActivity is as in store.History.
func (s *Store) PutActivity(ctx context.Context, a customer.Activity) (bool, error) {
	return s.putVersion(ctx, version{"activities", a.ID, a.Customer, a.Version(), a.Deleted, a.At}, a)
}

// putVersion is one conditional statement.
func (s *Store) putVersion(ctx context.Context, v version, content any) (stored bool, err error) {
	doc, err := json.Marshal(content)
	if err != nil {
		return false, fmt.Errorf("encoding %q: %w", v.id, err)
	}
	query := `INSERT INTO ` + v.table + ` AS t (id, customer, version, deleted, at, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, version = excluded.version, deleted = excluded.deleted,
		at = excluded.at, doc = excluded.doc WHERE excluded.version > t.version`
	err = s.do(ctx, func(t *tx) error {
		n, err := t.exec(query, string(v.id), string(v.customer), v.text, v.deleted, ms(v.at), doc)
		stored = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("writing %q: %w", v.id, err)
	}
	return stored, nil
}

// OrderCustomer is as in store.History.
func (s *Store) OrderCustomer(ctx context.Context, id customer.Ref) (customer.Ref, error) {
	return s.customerOf(ctx, `SELECT customer FROM orders WHERE id = ?`, id)
}

// ActivityCustomer is as in store.History.
func (s *Store) ActivityCustomer(ctx context.Context, id customer.Ref) (customer.Ref, error) {
	return s.customerOf(ctx, `SELECT customer FROM activities WHERE id = ?`, id)
}

func (s *Store) customerOf(ctx context.Context, query string, id customer.Ref) (ref customer.Ref, err error) {
	err = s.rows(ctx, func(rows *sql.Rows) error { return rows.Scan(&ref) }, query, string(id))
	if err != nil {
		return "", fmt.Errorf("reading the customer of %q: %w", id, err)
	}
	return ref, nil
}

// Orders is as in store.History.
func (s *Store) Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error) {
	const query = `SELECT doc FROM orders INDEXED BY orders_customer
		WHERE deleted = 0 AND customer IN (SELECT value FROM json_each(?)) ORDER BY at, id`
	return readHistory[customer.Order](ctx, s.reader, query, refs)
}

// Activities is as in store.History.
func (s *Store) Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error) {
	const query = `SELECT doc FROM activities INDEXED BY activities_customer
		WHERE deleted = 0 AND customer IN (SELECT value FROM json_each(?)) AND at >= ? ORDER BY at, id`
	return readHistory[customer.Activity](ctx, s.reader, query, refs, ms(since))
}

func readHistory[T any](ctx context.Context, q querier, query string, refs []customer.Ref, args ...any) ([]T, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(refs)
	if err != nil {
		return nil, fmt.Errorf("encoding refs: %w", err)
	}
	docs, err := readDocs(ctx, q, query, append([]any{string(list)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("reading history: %w", err)
	}
	return decodeAll(docs, decodeAs[T])
}

// doc is one read document, and the number beside it that is not part of its JSON, if it has one.
type doc struct {
	rev  int64
	text []byte
}

// readDocs runs a query whose only column is the document.
func readDocs(ctx context.Context, q querier, query string, args ...any) ([]doc, error) {
	var docs []doc
	err := q.rows(ctx, func(rows *sql.Rows) error {
		var d doc
		err := rows.Scan(&d.text)
		docs = append(docs, d)
		return err
	}, query, args...)
	return docs, err
}

func decodeAs[T any](d doc) (T, error) {
	var v T
	if err := json.Unmarshal(d.text, &v); err != nil {
		return v, fmt.Errorf("decoding a %T: %w", v, err)
	}
	return v, nil
}

// decodeAll decodes after the connection is free again.
func decodeAll[R, T any](rows []R, decode func(R) (T, error)) ([]T, error) {
	all := make([]T, len(rows))
	for i, row := range rows {
		v, err := decode(row)
		if err != nil {
			return nil, err
		}
		all[i] = v
	}
	return all, nil
}

// encodeList is a column that holds a short list, "[]" where it is empty, and decodeList what it says.
func encodeList[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

func decodeList[T any](text string) ([]T, error) {
	if text == "[]" {
		return nil, nil
	}
	return decodeAs[[]T](doc{text: []byte(text)})
}
