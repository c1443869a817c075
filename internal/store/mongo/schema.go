package mongo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/store"
)

// schemaVersion is raised when older programs can no longer read what newer ones write.
const schemaVersion = 1

// ErrNewer says that a newer version of the program wrote the database; an older one must not touch it.
var ErrNewer = errors.New("the database was written by a newer version of lingke")

// checkVersion notes this program's version in a new database.
func (s *Store) checkVersion(ctx context.Context) error {
	type versionDoc struct {
		ID      string `bson:"_id"`
		Version int    `bson:"version"`
	}
	found, err := findOne[versionDoc](ctx, s.meta, byID("schema"))
	if errors.Is(err, store.ErrNotFound) {
		_, err = insert(ctx, s.meta, versionDoc{"schema", schemaVersion}) // another replica may be as fast
	}
	if err == nil && found.Version > schemaVersion {
		err = fmt.Errorf("schema version %d, this program knows %d: %w", found.Version, schemaVersion, ErrNewer)
	}
	return err
}

// index is one index: its fields in order, "-" before those that descend.
type index struct {
	fields []string
	sparse bool // leaves out the documents without the field
}

func on(fields ...string) index { return index{fields: fields} }

// indexes are those of each collection beside _id's. Each query of a collection that grows is served by one of them; an index that ends
// with the sort's fields saves the sort. Customers in id order, and orders by condition, walk along _id.
func (s *Store) indexes() map[*mongo.Collection][]index {
	return map[*mongo.Collection][]index{
		s.customers: {
			on("keys"), on("grams", "_id"), on("folded", "_id"),
			{fields: []string{"pending"}, sparse: true}, {fields: []string{"lapses"}, sparse: true}, {fields: []string{"at_risk"}, sparse: true}, {fields: []string{"clock.next"}, sparse: true},
			on("-score.total", "_id"), on("owner", "-score.total", "_id"), on("pool", "-score.total", "_id"), on("tier", "-score.total", "_id"),
			on("places", "-score.total", "_id"),
		},
		s.orders:     {on("customer", "date", "_id")},
		s.activities: {on("customer", "at", "_id")},
		s.tasks: {
			on("customer", "_id"), on("state", "_id"), on("due", "_id"), on("state", "due", "_id"), on("owner", "due", "_id"),
			on("owner", "state", "due", "_id"), {fields: []string{"wake"}, sparse: true},
		},
		s.deliveries: {
			on("platform", "rank", "state", "due", "_id"), on("-created", "-_id"), on("state", "-created", "-_id"), on("customer", "-created", "-_id"),
			{fields: []string{"reader", "platform", "state", "due"}, sparse: true}, {fields: []string{"into", "-created", "-_id"}, sparse: true},
			{fields: []string{"ask", "_id"}, sparse: true},
		},
		s.events: {on("state", "due", "_id"), on("state", "-received", "-_id")},
		s.posts: {
			on("target", "state", "due", "_id"), on("-created", "-_id"), on("state", "-created", "-_id"), on("target", "-created", "-_id"),
		},
		s.runs:      {on("job", "-due")},
		s.told:      {on("key", "batch"), on("batch", "kind", "ref")},
		s.budgets:   {on("last")},
		s.decisions: {on("refs")},
		s.raws:      {on("source", "_id"), on("source", "at"), on("at")},
		s.refused:   {on("source", "_id"), on("source", "at"), on("at")},
		s.questions: {on("state", "due", "_id")},
		s.reads:     {on("id"), on("person", "_id"), on("customers", "_id")},
	}
}

// createIndexes creates the indexes that are missing, each under the name that MongoDB would give it: a replica that starts later
// changes nothing.
func (s *Store) createIndexes(ctx context.Context) error {
	for collection, all := range s.indexes() {
		missing, err := missingIndexes(ctx, collection, all)
		if err == nil && len(missing) > 0 {
			_, err = collection.Indexes().CreateMany(ctx, missing)
		}
		if err != nil {
			return wrap(ctx, err, "creating the indexes of %s", collection.Name())
		}
	}
	return nil
}

func missingIndexes(ctx context.Context, collection *mongo.Collection, all []index) ([]mongo.IndexModel, error) {
	specs, err := collection.Indexes().ListSpecifications(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, spec := range specs {
		names[spec.Name] = true
	}
	var missing []mongo.IndexModel
	for _, x := range all {
		if !names[x.name()] {
			missing = append(missing, x.model())
		}
	}
	return missing, nil
}

// name is like "owner_1_score.total_-1__id_1".
func (x index) name() string {
	var parts []string
	for _, key := range order(x.fields...) {
		parts = append(parts, fmt.Sprintf("%s_%d", key.Key, key.Value))
	}
	return strings.Join(parts, "_")
}

func (x index) model() mongo.IndexModel {
	opts := options.Index().SetName(x.name())
	if x.sparse {
		opts.SetSparse(true)
	}
	return mongo.IndexModel{Keys: order(x.fields...), Options: opts}
}

// order is a sort or an index: fields, "-" before those that descend.
func order(fields ...string) bson.D {
	var keys bson.D
	for _, field := range fields {
		if field[0] == '-' {
			keys = append(keys, is(field[1:], -1))
		} else {
			keys = append(keys, is(field, 1))
		}
	}
	return keys
}
