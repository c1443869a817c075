package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/schedules"
)

// rawStore looks into the tables of a store beside the program: at what the store's own interface does not tell, and cheaply.
type rawStore interface {
	// left counts what is to be done at an instant: events, customers with effects, deliveries that are due by then.
	left(ctx context.Context, now time.Time) (events, customers, deliveries int, err error)
	// pause is after which time it may be asked again without slowing the store down.
	pause() time.Duration
	// nextDelivery is when the first delivery is due that waits; zero for none.
	nextDelivery(ctx context.Context) (time.Time, error)
	// revs are the revisions of all customers by id.
	revs(ctx context.Context) (map[string]int64, error)
	// runs are all runs of the timetable that were due after an instant.
	runs(ctx context.Context, after time.Time) ([]schedules.Run, error)
}

// raw opens the site's store beside the gateways; it is closed with the test.
func (s *site) raw() rawStore {
	s.t.Helper()
	if s.plan.store != "" {
		return rawMongoOf(s.t, s.plan.store)
	}
	db, err := sql.Open("sqlite3", "file:"+s.database()+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	// An index of the test's own, so that the revisions are read without the documents.
	if _, err := db.ExecContext(s.t.Context(), `CREATE INDEX IF NOT EXISTS e2e_revs ON customers (id, rev)`); err != nil {
		s.t.Fatal(err)
	}
	return rawSQLite{db}
}

type rawSQLite struct{ db *sql.DB }

func (r rawSQLite) left(ctx context.Context, now time.Time) (events, customers, deliveries int, err error) {
	err = r.db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM events WHERE state = 'due'), (SELECT count(*) FROM customers WHERE effects <> '[]'),
		(SELECT count(*) FROM deliveries WHERE state = 'due' AND due <= ?)`, now.UnixMilli()).Scan(&events, &customers, &deliveries)
	return events, customers, deliveries, err
}

func (r rawSQLite) pause() time.Duration { return 500 * time.Microsecond }

func (r rawSQLite) nextDelivery(ctx context.Context) (time.Time, error) {
	var due sql.NullInt64
	err := r.db.QueryRowContext(ctx, `SELECT min(due) FROM deliveries WHERE state = 'due'`).Scan(&due)
	if err != nil || !due.Valid {
		return time.Time{}, err
	}
	return time.UnixMilli(due.Int64), nil
}

func (r rawSQLite) revs(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	var id string
	var rev int64
	return out, r.each(ctx, []any{&id, &rev}, func() { out[id] = rev }, `SELECT id, rev FROM customers INDEXED BY e2e_revs`)
}

func (r rawSQLite) runs(ctx context.Context, after time.Time) (out []schedules.Run, err error) {
	var run schedules.Run
	var due, until int64
	var ended sql.NullInt64
	err = r.each(ctx, []any{&run.Job, &due, &run.Holder, &until, &ended, &run.Outcome}, func() {
		run.Due, run.Until, run.Ended = time.UnixMilli(due), time.UnixMilli(until), time.Time{}
		if ended.Valid {
			run.Ended = time.UnixMilli(ended.Int64)
		}
		out = append(out, run)
	}, `SELECT job, due, holder, until, ended, outcome FROM runs WHERE due > ?`, after.UnixMilli())
	return out, err
}

// each reads the rows of a query into dest, one after the other.
func (r rawSQLite) each(ctx context.Context, dest []any, fn func(), query string, args ...any) error {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		fn()
	}
	return rows.Err()
}

type rawMongo struct{ db *mongo.Database }

func rawMongoOf(t *testing.T, uri string) rawMongo {
	t.Helper()
	parsed, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return rawMongo{client.Database(strings.TrimPrefix(parsed.Path, "/"))}
}

func (r rawMongo) left(ctx context.Context, now time.Time) (events, customers, deliveries int, err error) {
	count := func(in string, filter bson.M) int {
		n, countErr := r.db.Collection(in).CountDocuments(ctx, filter)
		err = errors.Join(err, countErr)
		return int(n)
	}
	events = count("events", bson.M{"state": "due"})
	customers = count("customers", bson.M{"pending": true})
	deliveries = count("deliveries", bson.M{"state": "due", "due": bson.M{"$lte": now}})
	return events, customers, deliveries, err
}

// pause: the servers of tests look through whole collections.
func (r rawMongo) pause() time.Duration { return 5 * time.Millisecond }

func (r rawMongo) nextDelivery(ctx context.Context) (time.Time, error) {
	var d struct{ Due time.Time }
	err := r.db.Collection("deliveries").FindOne(ctx, bson.M{"state": "due"}, options.FindOne().SetSort(bson.M{"due": 1}).SetProjection(bson.M{"due": 1})).Decode(&d)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return time.Time{}, nil
	}
	return d.Due, err
}

func (r rawMongo) revs(ctx context.Context) (map[string]int64, error) {
	found, err := r.db.Collection("customers").Find(ctx, bson.M{}, options.Find().SetProjection(bson.M{"rev": 1}))
	if err != nil {
		return nil, err
	}
	var all []struct {
		ID  string `bson:"_id"`
		Rev int64
	}
	if err := found.All(ctx, &all); err != nil {
		return nil, err
	}
	out := make(map[string]int64, len(all))
	for _, c := range all {
		out[c.ID] = c.Rev
	}
	return out, nil
}

func (r rawMongo) runs(ctx context.Context, after time.Time) (out []schedules.Run, err error) {
	found, err := r.db.Collection("runs").Find(ctx, bson.M{"due": bson.M{"$gt": after}})
	if err != nil {
		return nil, err
	}
	return out, found.All(ctx, &out)
}
