// Package mongo is the store for several replicas of the gateway: a MongoDB replica set or sharded cluster, or a single server.
//
// No transaction is used, so that a single server will do and a cluster can be sharded by _id. Every promise rests on a write of one
// document that names the state it follows from: a customer or task is replaced where its rev still is the one read, a delivery where
// its ver is, a lease is finished where its token is. What concerns two documents has an order in which a crash leaves nothing wrong:
// a claim books the allowance first (allowances.go) and whoever comes later clears up after a process that died between; a
// regrouping writes the customers that gain records before those that lose them (regroup.go).
//
// Every write waits until the majority of the replica set has it in its journal. Reads go to the primary. The documents are the records
// themselves by their bson tags, plus fields that only queries and guards need (customerDoc, deliveryDoc, eventDoc); the indexes are
// in schema.go.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"golang.org/x/sync/errgroup"

	"lingke/internal/store"
)

// The limits of a connection; each can be changed in the URI, save the write concern. A gateway replica has some dozens of workers
// and callbacks at once, so 64 connections do not queue, and ten replicas stay far below a server's limit.
const (
	poolSize         = 64
	connectTimeout   = 5 * time.Second
	selectionTimeout = 10 * time.Second // an election takes less
	operationTimeout = 30 * time.Second // where the caller's context has no deadline
	idleTimeout      = 5 * time.Minute  // below the time after which firewalls forget a connection
	closeTimeout     = 10 * time.Second
)

// Store keeps everything in one database. Its methods may be called from any number of goroutines and processes.
type Store struct {
	client *mongo.Client
	now    func() time.Time
	close  func() error

	meta, customers, allowances, orders, activities, tasks, deliveries, events, posts, runs, cursors, documents, models, publications *mongo.Collection
	batches, told, attachments, decisions, questions, raws, refused, reads, budgets                                                   *mongo.Collection
}

var _ store.Store = (*Store)(nil)

// Option changes a rare setting of Open.
type Option func(*settings)

type settings struct {
	client *options.ClientOptions
	now    func() time.Time
}

// WithClock sets the clock by which a booking of an allowance is found to be left over (default time.Now).
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// Open connects to the database that the URI's path names ("lingke" without a path), checks that the server answers, and creates the
// indexes that are missing. It gives up after 10 seconds without a server. Errors never show the URI's password. ErrNewer where a
// newer version of the program wrote the database.
func Open(ctx context.Context, uri string, opts ...Option) (*Store, error) {
	name, err := databaseName(uri)
	if err != nil {
		return nil, fmt.Errorf("mongo: %w", err)
	}
	set := settings{client: clientOptions(uri), now: time.Now}
	for _, opt := range opts {
		opt(&set)
	}
	client, err := mongo.Connect(set.client)
	if err != nil {
		return nil, fmt.Errorf("mongo: connecting: %w", hideSecrets(err, uri))
	}
	s := newStore(client, client.Database(name), set.now)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("mongo: database %s: %w", name, hideSecrets(err, uri)), s.Close())
	}
	return s, nil
}

// clientOptions sets what the URI leaves open, and the write concern in any case: a weaker one could lose what was acknowledged.
func clientOptions(uri string) *options.ClientOptions {
	journal := true
	durable := writeconcern.Majority()
	durable.Journal = &journal
	return options.Client().
		SetAppName("lingke").
		SetMaxPoolSize(poolSize).
		SetMaxConnIdleTime(idleTimeout).
		SetConnectTimeout(connectTimeout).
		SetServerSelectionTimeout(selectionTimeout).
		SetTimeout(operationTimeout).
		SetBSONOptions(&options.BSONOptions{NilSliceAsEmpty: true, NilMapAsEmpty: true}). // so that $push finds an array
		ApplyURI(uri).
		SetWriteConcern(durable)
}

func newStore(client *mongo.Client, db *mongo.Database, now func() time.Time) *Store {
	s := &Store{
		client: client, now: now,
		meta: db.Collection("meta"), customers: db.Collection("customers"), allowances: db.Collection("allowances"),
		orders: db.Collection("orders"), activities: db.Collection("activities"), tasks: db.Collection("tasks"),
		deliveries: db.Collection("deliveries"), events: db.Collection("events"), posts: db.Collection("posts"), runs: db.Collection("runs"), cursors: db.Collection("cursors"), documents: db.Collection("documents"),
		models: db.Collection("models"), publications: db.Collection("publications"),
		batches: db.Collection("batches"), told: db.Collection("told"), attachments: db.Collection("attachments"),
		decisions: db.Collection("decisions"), questions: db.Collection("questions"), raws: db.Collection("raws"), refused: db.Collection("refused"), reads: db.Collection("reads"), budgets: db.Collection("budgets"),
	}
	s.close = sync.OnceValue(s.disconnect)
	return s
}

// prepare asks before it writes: a newer version's indexes are not ours to touch.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil {
		return err
	}
	if err := s.checkVersion(ctx); err != nil {
		return err
	}
	if err := s.createIndexes(ctx); err != nil {
		return err
	}
	if err := s.rankDue(ctx); err != nil {
		return err
	}
	if err := s.wakeTasks(ctx); err != nil {
		return err
	}
	return s.rekey(ctx)
}

// Ping asks the primary for an answer.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, selectionTimeout)
	defer cancel()
	return wrap(ctx, s.client.Ping(ctx, nil), "ping")
}

// Close waits up to 10 seconds for the operations under way and closes the connections. Closing again does nothing.
func (s *Store) Close() error { return s.close() }

func (s *Store) disconnect() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return wrap(ctx, s.client.Disconnect(ctx), "closing")
}

// wrap names what failed, and the end of the context where that is why: the driver does not always say so.
func wrap(ctx context.Context, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// byID selects one document.
func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// findAll reads what a query finds.
func findAll[T any](ctx context.Context, from *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder) ([]T, error) {
	cursor, err := from.Find(ctx, filter, opts)
	if err != nil {
		return nil, wrap(ctx, err, "reading %s", from.Name())
	}
	var all []T
	if err := cursor.All(ctx, &all); err != nil {
		return nil, wrap(ctx, err, "reading %s", from.Name())
	}
	return all, nil
}

// findOne reads one document; store.ErrNotFound.
func findOne[T any](ctx context.Context, from *mongo.Collection, filter bson.D, opts ...options.Lister[options.FindOneOptions]) (T, error) {
	var found T
	err := from.FindOne(ctx, filter, opts...).Decode(&found)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return found, store.ErrNotFound
	}
	return found, wrap(ctx, err, "reading %s", from.Name())
}

// insert stores a document unless its id is taken, and reports whether it did.
func insert(ctx context.Context, into *mongo.Collection, doc any) (bool, error) {
	_, err := into.InsertOne(ctx, doc)
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, wrap(ctx, err, "writing %s", into.Name())
}

// replace stores doc in place of the one that filter selects, and reports whether there was one.
func replace(ctx context.Context, in *mongo.Collection, filter bson.D, doc any) (bool, error) {
	result, err := in.ReplaceOne(ctx, filter, doc)
	if err != nil {
		return false, wrap(ctx, err, "writing %s", in.Name())
	}
	return result.MatchedCount > 0, nil
}

// put is replace that stores doc as a new one where filter selects none. It reports false where the id belongs to a document that
// filter does not select.
func put(ctx context.Context, in *mongo.Collection, filter bson.D, doc any) (bool, error) {
	_, err := in.ReplaceOne(ctx, filter, doc, options.Replace().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return false, nil
	}
	return err == nil, wrap(ctx, err, "writing %s", in.Name())
}

// writers is how many of many writes are under way at once.
const writers = 16

// eachOf calls write for 0 to n-1, several at a time, and returns the first error. Many writes are single commands side by side rather than one command of
// many: FerretDB stops such a one at its first conflict, and a server makes what arrives together durable together anyway.
func eachOf(ctx context.Context, n int, write func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writers)
	for i := range n {
		group.Go(func() error { return write(ctx, i) })
	}
	return group.Wait()
}

// update changes the one document that filter selects, and reports whether there was one.
func update(ctx context.Context, in *mongo.Collection, filter, change bson.D) (bool, error) {
	result, err := in.UpdateOne(ctx, filter, change)
	if err != nil {
		return false, wrap(ctx, err, "writing %s", in.Name())
	}
	return result.MatchedCount > 0, nil
}

// op is one operator with fields: {"$set": {…}}, or a field's conditions.
func op(name string, fields ...bson.E) bson.E { return bson.E{Key: name, Value: bson.D(fields)} }

// is is a field with a value.
func is(field string, value any) bson.E { return bson.E{Key: field, Value: value} }
