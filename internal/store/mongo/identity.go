package mongo

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// decisionDoc is a stored decision; Refs is for the index.
type decisionDoc struct {
	customer.Decision `bson:",inline"`
	Refs              []customer.Ref `bson:"refs"`
}

// PutDecision is as in store.Identity. The document is replaced only where it still is the one that was read.
func (s *Store) PutDecision(ctx context.Context, d customer.Decision) (bool, error) {
	doc := decisionDoc{d, []customer.Ref{d.A, d.B}}
	for {
		done, err := insert(ctx, s.decisions, doc)
		if err != nil || done {
			return done, wrap(ctx, err, "decision %q", d.ID)
		}
		known, err := findOne[customer.Decision](ctx, s.decisions, byID(d.ID))
		if err != nil || !d.Replaces(known) {
			return false, wrap(ctx, err, "decision %q", d.ID)
		}
		asRead := bson.D{is("_id", d.ID), is("at", known.At), is("same", known.Same), is("by", known.By)}
		if done, err = replace(ctx, s.decisions, asRead, doc); err != nil || done {
			return done, wrap(ctx, err, "decision %q", d.ID)
		}
	}
}

// Decisions is as in store.Identity.
func (s *Store) Decisions(ctx context.Context, refs []customer.Ref) ([]customer.Decision, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	return findAll[customer.Decision](ctx, s.decisions, bson.D{op("refs", is("$in", refs))}, options.Find().SetSort(order("a", "b")))
}

// AddQuestion is as in store.Identity.
func (s *Store) AddQuestion(ctx context.Context, q customer.Question) (bool, error) {
	q.Rev++
	added, err := insert(ctx, s.questions, q)
	return added, wrap(ctx, err, "question %q", q.ID)
}

// Question is as in store.Identity.
func (s *Store) Question(ctx context.Context, id string) (customer.Question, error) {
	q, err := findOne[customer.Question](ctx, s.questions, byID(id))
	if err != nil {
		return q, fmt.Errorf("question %q: %w", id, err)
	}
	return q, nil
}

// PutQuestion is as in store.Identity.
func (s *Store) PutQuestion(ctx context.Context, q customer.Question) error {
	was := bson.D{is("_id", q.ID), is("rev", q.Rev)}
	q.Rev++
	done, err := replace(ctx, s.questions, was, q)
	if err == nil && !done {
		err = store.ErrConflict
	}
	return wrap(ctx, err, "question %q", q.ID)
}

// Questions is as in store.Identity.
func (s *Store) Questions(ctx context.Context, state customer.QuestionState, after string, limit int) ([]customer.Question, string, error) {
	filter := bson.D{is("state", string(state))}
	if after != "" {
		due, id, err := splitCursor(after, parseInstant)
		if err != nil {
			return nil, "", err
		}
		filter = append(filter, beyond("due", "$gt", due, "$gt", id)...)
	}
	limit = pageSize(limit)
	all, err := findAll[customer.Question](ctx, s.questions, filter, page(limit, order("due", "_id")))
	if err != nil {
		return nil, "", err
	}
	found, next := cut(all, limit, func(q customer.Question) string { return instantCursor(q.Due, q.ID) })
	return found, next, nil
}
