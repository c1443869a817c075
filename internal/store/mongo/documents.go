package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/store"
)

// documentDoc is one small thing that there is one of.
type documentDoc struct {
	Name string `bson:"_id"`
	Text []byte `bson:"text"`
}

// Document is as in store.Documents.
func (s *Store) Document(ctx context.Context, name string) ([]byte, error) {
	doc, err := findOne[documentDoc](ctx, s.documents, byID(name))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("document %q: %w", name, err)
	}
	return doc.Text, nil
}

// PutDocument is as in store.Documents.
func (s *Store) PutDocument(ctx context.Context, name string, text []byte) error {
	if text == nil {
		text = []byte{}
	}
	doc := documentDoc{name, text}
	stored, err := put(ctx, s.documents, byID(name), doc)
	if err == nil && !stored { // another process stored the first one at this moment
		_, err = replace(ctx, s.documents, byID(name), doc)
	}
	if err != nil {
		return fmt.Errorf("document %q: %w", name, err)
	}
	return nil
}

// SwapDocument is as in store.Documents.
func (s *Store) SwapDocument(ctx context.Context, name string, old, text []byte) error {
	if old == nil {
		old = []byte{}
	}
	if text == nil {
		text = []byte{}
	}
	doc := documentDoc{name, text}
	changed, err := replace(ctx, s.documents, bson.D{is("_id", name), is("text", old)}, doc)
	if err == nil && !changed && len(old) == 0 {
		changed, err = insert(ctx, s.documents, doc)
	}
	switch {
	case err != nil:
		return fmt.Errorf("document %q: %w", name, err)
	case !changed:
		return fmt.Errorf("document %q: %w", name, store.ErrConflict)
	}
	return nil
}
