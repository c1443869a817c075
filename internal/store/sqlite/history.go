package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lingke/internal/customer"
)

// version is one version of an order or an activity, ready to be written: encoded by the caller's goroutine.
type version struct {
	id, customer customer.Ref
	text         string // orders the versions
	deleted      bool
	at           time.Time
	doc          []byte
}

func orderVersion(o customer.Order) (version, error) {
	doc, err := json.Marshal(o)
	return version{o.ID, o.Customer, o.Version(), o.Deleted, o.Date, doc}, err
}

func activityVersion(a customer.Activity) (version, error) {
	doc, err := json.Marshal(a)
	return version{a.ID, a.Customer, a.Version(), a.Deleted, a.At, doc}, err
}

// PutOrder is as in store.History.
func (s *Store) PutOrder(ctx context.Context, o customer.Order) (bool, error) {
	return putOne(ctx, s, intoOrders, orderVersion, o)
}

// PutActivity is as in store.History.
func (s *Store) PutActivity(ctx context.Context, a customer.Activity) (bool, error) {
	return putOne(ctx, s, intoActivities, activityVersion, a)
}

// PutOrders is as in store.History. All of it is one request.
func (s *Store) PutOrders(ctx context.Context, all []customer.Order) ([]customer.Ref, error) {
	return putAll(ctx, s, intoOrders, orderVersion, all)
}

// PutActivities is as in store.History. All of it is one request.
func (s *Store) PutActivities(ctx context.Context, all []customer.Activity) ([]customer.Ref, error) {
	return putAll(ctx, s, intoActivities, activityVersion, all)
}

// versioned are the statements of a table of versions: the one that stores a version unless a later one is there, and the one that asks whose the
// stored version is.
type versioned struct{ put, whose string }

var intoOrders, intoActivities = versions("orders"), versions("activities")

func versions(table string) versioned {
	return versioned{
		put: `INSERT INTO ` + table + ` AS t (id, customer, version, deleted, at, doc) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, version = excluded.version, deleted = excluded.deleted,
			at = excluded.at, doc = excluded.doc WHERE excluded.version > t.version`,
		whose: `SELECT customer FROM ` + table + ` WHERE id = ?`,
	}
}

func (in versioned) write(t *tx, v version) (bool, error) {
	n, err := t.exec(in.put, string(v.id), string(v.customer), v.text, v.deleted, ms(v.at), v.doc)
	if err != nil {
		return false, fmt.Errorf("writing %q: %w", v.id, err)
	}
	if n == 0 {
		return false, nil
	}
	return true, t.marked()
}

// former returns whose the stored version is.
func (in versioned) former(t *tx, id customer.Ref) (whose customer.Ref, err error) {
	err = t.row([]any{&whose}, in.whose, string(id))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("reading the customer of %q: %w", id, err)
	}
	return whose, nil
}

func putOne[T any](ctx context.Context, s *Store, in versioned, encode func(T) (version, error), content T) (stored bool, err error) {
	v, err := encode(content)
	if err != nil {
		return false, fmt.Errorf("encoding %q: %w", v.id, err)
	}
	err = s.do(ctx, func(t *tx) (err error) {
		stored, err = in.write(t, v)
		return err
	})
	return stored, err
}

func putAll[T any](ctx context.Context, s *Store, in versioned, encode func(T) (version, error), all []T) ([]customer.Ref, error) {
	rows := make([]version, len(all))
	for i, content := range all {
		var err error
		if rows[i], err = encode(content); err != nil {
			return nil, fmt.Errorf("encoding %q: %w", rows[i].id, err)
		}
	}
	before := make([]customer.Ref, len(rows))
	outcomes, err := s.doEach(ctx, len(rows), func(t *tx, i int) (err error) {
		if before[i], err = in.former(t, rows[i].id); err == nil {
			_, err = in.write(t, rows[i])
		}
		return err
	})
	if err = errors.Join(append(outcomes, err)...); err != nil {
		return nil, err
	}
	return before, nil
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

// EachOrder is as in store.History.
func (s *Store) EachOrder(ctx context.Context, source string, fn func(customer.Order) error) error {
	const query = `SELECT doc FROM orders WHERE id > ? AND id < ? ORDER BY id LIMIT ?`
	for after, end := source+"/", source+"0"; ; { // "0" follows "/"
		docs, err := readDocs(ctx, s.reader, query, after, end, eachPage)
		if err != nil {
			return fmt.Errorf("reading the orders of %q: %w", source, err)
		}
		page, err := decodeAll(docs, decodeAs[customer.Order])
		if err != nil {
			return err
		}
		for _, o := range page {
			if err := fn(o); err != nil {
				return err
			}
		}
		if len(page) < eachPage {
			return nil
		}
		after = string(page[len(page)-1].ID)
	}
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
	if err := unmarshal(d.text, &v); err != nil {
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

// ReplaceOrder is as in store.History.
func (s *Store) ReplaceOrder(ctx context.Context, id customer.Ref, o *customer.Order) (customer.Ref, error) {
	return replaceVersion(ctx, s, "orders", id, orderVersion, o)
}

// ReplaceActivity is as in store.History.
func (s *Store) ReplaceActivity(ctx context.Context, id customer.Ref, a *customer.Activity) (customer.Ref, error) {
	return replaceVersion(ctx, s, "activities", id, activityVersion, a)
}

// replaceVersion forgets what is stored and stores the other, if there is one, in one transaction.
func replaceVersion[T any](ctx context.Context, s *Store, table string, id customer.Ref, encode func(T) (version, error), content *T) (former customer.Ref, err error) {
	in := versions(table)
	var v version
	if content != nil {
		if v, err = encode(*content); err != nil {
			return "", fmt.Errorf("encoding %q: %w", id, err)
		}
	}
	err = s.do(ctx, func(t *tx) error {
		if former, err = in.former(t, id); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM `+table+` WHERE id = ?`, string(id)); err != nil {
			return fmt.Errorf("forgetting %q: %w", id, err)
		}
		if err := t.marked(); err != nil {
			return err
		}
		if content == nil {
			return nil
		}
		_, err := in.write(t, v)
		return err
	})
	return former, err
}
