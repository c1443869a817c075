package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/models"
	"lingke/internal/store"
)

// AddModel is as in store.Models.
func (s *Store) AddModel(ctx context.Context, v models.Version) (bool, error) {
	added, err := insert(ctx, s.models, v)
	if err != nil {
		return false, fmt.Errorf("model %q: %w", v.ID, err)
	}
	return added, nil
}

// Model is as in store.Models.
func (s *Store) Model(ctx context.Context, id string) (models.Version, error) {
	v, err := findOne[models.Version](ctx, s.models, byID(id))
	if err != nil {
		return v, fmt.Errorf("model %q: %w", id, err)
	}
	return v, nil
}

// Models is as in store.Models. They are few, so that no index serves the order.
func (s *Store) Models(ctx context.Context) ([]models.Version, error) {
	return findAll[models.Version](ctx, s.models, bson.D{}, options.Find().SetSort(order("at", "_id")).SetProjection(bson.D{is("text", 0)}))
}

// Publish is as in store.Models. The id makes numbers unique; none is left out because the log never shrinks.
func (s *Store) Publish(ctx context.Context, p models.Publication) (bool, error) {
	last, err := findOne[models.Publication](ctx, s.publications, bson.D{}, options.FindOne().SetSort(order("-_id")))
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	done := false
	if err == nil && last.N == p.N-1 {
		done, err = insert(ctx, s.publications, p)
	}
	if err != nil {
		return false, fmt.Errorf("publication %d: %w", p.N, err)
	}
	return done, nil
}

// Publications is as in store.Models.
func (s *Store) Publications(ctx context.Context, limit int) ([]models.Publication, error) {
	return findAll[models.Publication](ctx, s.publications, bson.D{}, options.Find().SetSort(order("-_id")).SetLimit(int64(max(limit, 0))))
}
