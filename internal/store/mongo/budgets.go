package mongo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/delivery/budget"
	"lingke/internal/store"
)

// budgetDoc is what is spent of one budget. Slots that no longer count fall out when it is drawn on.
type budgetDoc struct {
	Key   string    `bson:"_id"`
	Slots []slotDoc `bson:"slots"` // by time
	Last  time.Time `bson:"last"`  // the latest slot
	Ver   int64     `bson:"ver"`   // counts the writes
}

type slotDoc struct {
	At    time.Time `bson:"at"`
	Spent int       `bson:"spent"`
}

// Reserve is as in budget.Store.
func (s *Store) Reserve(ctx context.Context, all []budget.Draw) ([]int, error) {
	granted := make([]int, len(all))
	keys := make(map[string][]int) // draws on one key follow each other
	for i, d := range all {
		keys[d.Key] = append(keys[d.Key], i)
	}
	each := slices.Collect(maps.Values(keys))
	err := eachOf(ctx, len(each), func(ctx context.Context, n int) (err error) {
		for _, i := range each[n] {
			if granted[i], err = s.reserve(ctx, all[i]); err != nil {
				return fmt.Errorf("budget %q: %w", all[i].Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return granted, nil
}

// reserve begins again when somebody else wrote the budget meanwhile.
func (s *Store) reserve(ctx context.Context, d budget.Draw) (int, error) {
	for {
		old, err := findOne[budgetDoc](ctx, s.budgets, byID(d.Key))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, err
		}
		next, granted := old.draw(d)
		if granted == 0 {
			return 0, nil
		}
		var stored bool
		if old.Ver == 0 {
			stored, err = insert(ctx, s.budgets, next)
		} else {
			stored, err = replace(ctx, s.budgets, bson.D{is("_id", d.Key), is("ver", old.Ver)}, next)
		}
		if stored || err != nil {
			return granted, err
		}
	}
}

// draw returns the budget after d, and how much of d it grants.
func (b budgetDoc) draw(d budget.Draw) (budgetDoc, int) {
	next := budgetDoc{Key: d.Key, Ver: b.Ver + 1, Last: b.Last}
	spent, here := 0, -1
	for _, slot := range b.Slots {
		if d.Want >= 0 && slot.At.Before(d.Since) {
			continue
		}
		spent += slot.Spent
		if slot.At.Equal(d.At) {
			here = len(next.Slots)
		}
		next.Slots = append(next.Slots, slot)
	}
	if d.Want < 0 {
		if here >= 0 {
			next.Slots[here].Spent = max(0, next.Slots[here].Spent+d.Want)
		}
		return next, d.Want
	}
	granted := max(0, min(d.Want, d.Max-spent))
	if here < 0 {
		here = len(next.Slots)
		next.Slots = append(next.Slots, slotDoc{At: d.At})
	}
	next.Slots[here].Spent += granted
	slices.SortFunc(next.Slots, func(a, b slotDoc) int { return a.At.Compare(b.At) })
	if d.At.After(next.Last) {
		next.Last = d.At
	}
	return next, granted
}

// Drawn is as in budget.Store.
func (s *Store) Drawn(ctx context.Context, prefix string, since time.Time) ([]budget.Use, error) {
	keys := bson.D{op("_id", is("$gte", prefix), is("$lt", prefix+"\U0010FFFF"))}
	docs, err := findAll[budgetDoc](ctx, s.budgets, keys, options.Find().SetSort(order("_id")))
	if err != nil {
		return nil, fmt.Errorf("what is spent of %q: %w", prefix, err)
	}
	var all []budget.Use
	for _, doc := range docs {
		for _, slot := range doc.Slots {
			if !slot.At.Before(since) && slot.Spent > 0 {
				all = append(all, budget.Use{Key: doc.Key, At: slot.At.UTC(), Spent: slot.Spent})
			}
		}
	}
	return all, nil
}

// PurgeDrawn is as in budget.Store. It forgets budgets that nobody has drawn on since; the others shed their old slots by themselves.
func (s *Store) PurgeDrawn(ctx context.Context, before time.Time) (int, error) {
	result, err := s.budgets.DeleteMany(ctx, bson.D{op("last", is("$lt", before))})
	if err != nil {
		return 0, wrap(ctx, err, "forgetting what was spent")
	}
	return int(result.DeletedCount), nil
}
