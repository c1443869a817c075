package mongo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// eachPage is how many customers EachCustomer has in memory at once.
const eachPage = 500

// pageSize is the limit that a query's Limit stands for.
func pageSize(limit int) int {
	if limit == 0 {
		return 100
	}
	return min(max(limit, 1), 1000)
}

// page asks for one document more than the page has, to see whether there is a next one.
func page(limit int, sort bson.D) *options.FindOptionsBuilder {
	return options.Find().SetSort(sort).SetLimit(int64(limit) + 1)
}

// cut splits off that one.
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

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

// equal adds conditions for the values that are not "".
func equal(filter bson.D, fields ...bson.E) bson.D {
	for _, f := range fields {
		if f.Value != "" {
			filter = append(filter, f)
		}
	}
	return filter
}

// beyond selects what comes after a cursor's key and id; relation is "$lt" where the key descends, "$gt" where it ascends, idRelation
// likewise. The first condition repeats what the second says, for the index.
func beyond(field, relation string, key any, idRelation, id string) bson.D {
	return bson.D{
		op(field, is(relation+"e", key)),
		is("$or", bson.A{bson.D{op(field, is(relation, key))}, bson.D{op("_id", is(idRelation, id))}}),
	}
}

// Customers is as in store.Customers.
func (s *Store) Customers(ctx context.Context, q store.CustomerQuery) ([]customer.Customer, string, error) {
	filter, err := customerFilter(q)
	if err != nil {
		return nil, "", err
	}
	limit, sort := pageSize(q.Limit), order("_id")
	cursor := func(c customer.Customer) string { return c.ID }
	if q.ByScore {
		sort = order("-score.total", "_id")
		cursor = func(c customer.Customer) string {
			return joinCursor(strconv.FormatFloat(c.Score.Total, 'g', -1, 64), c.ID)
		}
	}
	all, err := s.findCustomers(ctx, filter, page(limit, sort))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, cursor)
	return found, next, nil
}

// CountCustomers is as in store.Customers.
func (s *Store) CountCustomers(ctx context.Context, q store.CustomerQuery, most int) (int, error) {
	q.ByScore, q.After, q.Through = true, "", ""
	filter, err := customerFilter(q)
	if err != nil || most < 1 {
		return 0, err
	}
	n, err := s.customers.CountDocuments(ctx, filter, options.Count().SetLimit(int64(most)))
	return int(n), wrap(ctx, err, "counting customers")
}

func customerFilter(q store.CustomerQuery) (bson.D, error) {
	filter := equal(bson.D{is("live", true)}, is("owner", q.Owner), is("pool", q.Pool), is("tier", q.Tier), is("stage", string(q.Stage)))
	if q.Unowned {
		filter = append(filter, op("owner", is("$exists", false)))
	}
	if q.Owned && q.Owner == "" && len(q.Owners) == 0 {
		filter = append(filter, op("owner", is("$exists", true)))
	}
	if q.AtRisk {
		filter = append(filter, op("at_risk", is("$gt", time.Time{})))
	}
	if len(q.Owners) > 0 {
		filter = append(filter, is("$and", bson.A{bson.D{op("owner", is("$in", q.Owners))}}))
	}
	filter = equal(filter, is("places", q.Place))
	if !q.ActiveFrom.IsZero() || !q.ActiveTo.IsZero() {
		var bounds bson.D
		if !q.ActiveFrom.IsZero() {
			bounds = append(bounds, is("$gte", q.ActiveFrom))
		}
		if !q.ActiveTo.IsZero() {
			bounds = append(bounds, is("$lt", q.ActiveTo))
		}
		filter = append(filter, is("active", bounds))
	}
	switch {
	case !q.ByScore:
		return append(filter, between(q.After, q.Through)...), nil
	case q.After != "":
		total, id, err := splitCursor(q.After, parseFloat)
		if err != nil {
			return nil, err
		}
		filter = append(filter, beyond("score.total", "$lt", total, "$gt", id)...)
	}
	return filter, nil
}

// between selects the ids behind one and up to another; "" does not restrict.
func between(after, through string) bson.D {
	limits := equal(nil, is("$gt", after), is("$lte", through))
	if limits == nil {
		return nil
	}
	return bson.D{is("_id", limits)}
}

// CustomerBound is as in store.Customers. Other names of merged customers count, too, so that the index of ids has all that is read.
func (s *Store) CustomerBound(ctx context.Context, after string, n int) (string, error) {
	opts := options.Find().SetSort(order("_id")).SetProjection(bson.D{is("_id", 1)}).SetSkip(int64(max(n, 1) - 1)).SetLimit(1)
	found, err := findAll[struct {
		ID string `bson:"_id"`
	}](ctx, s.customers, bson.D{op("_id", is("$gt", after))}, opts)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}

// EachCustomer is as in store.Customers: page by page along the ids, so that no cursor stays open while fn runs.
func (s *Store) EachCustomer(ctx context.Context, fn func(customer.Customer) error) error {
	return eachPaged(fn, func(c customer.Customer) string { return c.ID }, func(filter bson.D) ([]customer.Customer, error) {
		return s.findCustomers(ctx, filter, options.Find().SetSort(order("_id")).SetLimit(eachPage))
	})
}

// EachHolder is as in store.Customers.
func (s *Store) EachHolder(ctx context.Context, fn func(store.Holder) error) error {
	return eachPaged(fn, func(h store.Holder) string { return h.ID }, func(filter bson.D) ([]store.Holder, error) { return s.findHolders(ctx, filter, eachPage) })
}

// eachPaged calls fn for what all pages of living customers hold that find gives, each of eachPage at most.
func eachPaged[T any](fn func(T) error, id func(T) string, find func(filter bson.D) ([]T, error)) error {
	filter := bson.D{is("live", true)}
	for {
		page, err := find(filter)
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
		filter = bson.D{is("live", true), op("_id", is("$gt", id(page[len(page)-1])))}
	}
}

// EachTotal is as in store.Customers.
func (s *Store) EachTotal(ctx context.Context, fn func(total float64)) error {
	type totalDoc struct {
		Score struct {
			Total float64 `bson:"total"`
		} `bson:"score"`
	}
	filter := bson.D{is("live", true), op("stage", is("$ne", customer.Lost))}
	found, err := s.customers.Find(ctx, filter, options.Find().SetProjection(bson.D{is("_id", 0), is("score.total", 1)}).SetBatchSize(totalsBatch))
	if err != nil {
		return wrap(ctx, err, "reading totals")
	}
	for found.Next(ctx) {
		var doc totalDoc
		if err := found.Decode(&doc); err != nil {
			return errors.Join(wrap(ctx, err, "decoding a total"), found.Close(ctx))
		}
		fn(doc.Score.Total)
	}
	return errors.Join(wrap(ctx, found.Err(), "reading totals"), found.Close(ctx))
}

// totalsBatch is how many totals come with one answer of the server: they are small.
const totalsBatch = 10_000
