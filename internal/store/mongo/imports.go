package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/connectors"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// toldDoc is what a batch told of one record. Key is what Told asks for.
type toldDoc struct {
	ID         string          `bson:"_id"`
	Key        string          `bson:"key"`
	Kind       connectors.Kind `bson:"kind"`
	batch.Told `bson:",inline"`
}

func toldKey(kind connectors.Kind, ref customer.Ref) string { return string(kind) + " " + string(ref) }

// PutBatch is as in store.Imports. Rev 0 stands for a batch that is not stored yet.
func (s *Store) PutBatch(ctx context.Context, b batch.Batch) error {
	was := b.Rev
	b.Rev++
	var stored bool
	var err error
	if was == 0 {
		stored, err = insert(ctx, s.batches, b)
	} else {
		stored, err = replace(ctx, s.batches, bson.D{is("_id", b.ID), is("rev", was)}, b)
	}
	if err == nil && !stored {
		err = fmt.Errorf("it has not rev %d: %w", was, store.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("batch %q: %w", b.ID, err)
	}
	return nil
}

// Batch is as in store.Imports.
func (s *Store) Batch(ctx context.Context, id string) (batch.Batch, error) {
	b, err := findOne[batch.Batch](ctx, s.batches, byID(id))
	if err != nil {
		return batch.Batch{}, fmt.Errorf("batch %q: %w", id, err)
	}
	return b, nil
}

// Batches is as in store.Imports.
func (s *Store) Batches(ctx context.Context, after string, limit int) ([]batch.Batch, string, error) {
	filter := bson.D{}
	if after != "" {
		filter = append(filter, op("_id", is("$lt", after)))
	}
	limit = pageSize(limit)
	all, err := findAll[batch.Batch](ctx, s.batches, filter, page(limit, order("-_id")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(b batch.Batch) string { return b.ID })
	return found, next, nil
}

// AddTold is as in store.Imports.
func (s *Store) AddTold(ctx context.Context, all []batch.Told) error {
	return eachOf(ctx, len(all), func(ctx context.Context, i int) error {
		t := all[i]
		key := toldKey(t.Record.Kind, t.Ref)
		doc := toldDoc{ID: t.Batch + " " + key, Key: key, Kind: t.Record.Kind, Told: t}
		if _, err := put(ctx, s.told, byID(doc.ID), doc); err != nil {
			return fmt.Errorf("noting %q: %w", t.Ref, err)
		}
		return nil
	})
}

// SetTold is as in store.Imports.
func (s *Store) SetTold(ctx context.Context, batchID string, live bool) error {
	_, err := s.told.UpdateMany(ctx, bson.D{is("batch", batchID)}, bson.D{op("$set", is("live", live))})
	return wrap(ctx, err, "batch %q", batchID)
}

// Told is as in store.Imports.
func (s *Store) Told(ctx context.Context, kind connectors.Kind, refs []customer.Ref) ([]batch.Told, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	keys := make([]string, len(refs))
	for i, ref := range refs {
		keys[i] = toldKey(kind, ref)
	}
	filter := bson.D{op("key", is("$in", keys)), is("live", true)}
	return findAll[batch.Told](ctx, s.told, filter, options.Find().SetSort(order("key", "batch")))
}

// ToldBy is as in store.Imports.
func (s *Store) ToldBy(ctx context.Context, batchID string, kind connectors.Kind, after string, limit int) ([]batch.Told, string, error) {
	limit = pageSize(limit)
	filter := bson.D{is("batch", batchID), is("kind", kind), op("ref", is("$gt", after))}
	all, err := findAll[batch.Told](ctx, s.told, filter, page(limit, order("ref")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(t batch.Told) string { return string(t.Ref) })
	return found, next, nil
}

// attachmentDoc is a file that is kept with a batch.
type attachmentDoc struct {
	ID      string `bson:"_id"`
	Content []byte `bson:"content"`
}

// Attach is as in store.Imports.
func (s *Store) Attach(ctx context.Context, batchID, name string, content []byte) error {
	id := batchID + "/" + name
	if content == nil {
		_, err := s.attachments.DeleteOne(ctx, byID(id))
		return wrap(ctx, err, "removing %s", id)
	}
	if _, err := put(ctx, s.attachments, byID(id), attachmentDoc{id, content}); err != nil {
		return fmt.Errorf("attaching %s: %w", id, err)
	}
	return nil
}

// Attachment is as in store.Imports.
func (s *Store) Attachment(ctx context.Context, batchID, name string) ([]byte, error) {
	doc, err := findOne[attachmentDoc](ctx, s.attachments, byID(batchID+"/"+name))
	if err != nil {
		return nil, fmt.Errorf("attachment %s of %q: %w", name, batchID, err)
	}
	return doc.Content, nil
}
