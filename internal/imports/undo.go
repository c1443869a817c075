package imports

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/batch"
	"lingke/internal/customer"
)

// Undo takes a batch back: every customer, order and activity of it is then as if the batch had never been, with what other batches and sources told
// since. A customer of whom nothing else was told is forgotten, unless somebody owns it: then it stays as lost. ErrState where the batch is not there to be
// taken back; the store's error for an id that no batch has.
func (s *Service) Undo(ctx context.Context, id string) (batch.Batch, error) {
	b, err := s.Ledger.Batch(ctx, id)
	if err != nil {
		return b, err
	}
	if b.State != batch.Done && b.State != batch.Undoing {
		return b, fmt.Errorf("%w: %s is %s", ErrState, id, b.State)
	}
	if err := s.put(ctx, &b, batch.Undoing); err != nil {
		return b, err
	}
	return b, s.undo(ctx, &b)
}

func (s *Service) undo(ctx context.Context, b *batch.Batch) error {
	if err := s.Ledger.SetTold(ctx, b.ID, false); err != nil {
		return fmt.Errorf("batch %s: %w", b.ID, err)
	}
	touched := make(map[customer.Ref]bool)
	for _, kind := range []connectors.Kind{connectors.Order, connectors.Activity, connectors.Customer} {
		err := s.eachTold(ctx, b.ID, kind, func(page []batch.Told) error { return s.retell(ctx, kind, page, touched) })
		if err != nil {
			return fmt.Errorf("batch %s: %w", b.ID, err)
		}
	}
	if err := s.Intake.RefreshAll(ctx, slices.Sorted(maps.Keys(touched))); err != nil {
		return fmt.Errorf("batch %s: %w", b.ID, err)
	}
	if err := s.end(ctx, b, batch.Undone); err != nil {
		return err
	}
	s.Log.LogAttrs(ctx, slog.LevelInfo, "import taken back", slog.String("batch", b.ID), slog.String("file", b.File))
	return nil
}

func (s *Service) retell(ctx context.Context, kind connectors.Kind, page []batch.Told, touched map[customer.Ref]bool) error {
	refs := make([]customer.Ref, len(page))
	for i, t := range page {
		refs[i] = t.Ref
		if kind == connectors.Customer {
			delete(touched, t.Ref) // scored now, with its history as it is
		}
	}
	more, err := s.Intake.Retell(ctx, kind, refs, s.Ledger.Told)
	for _, ref := range more {
		touched[ref] = true
	}
	return err
}

func (s *Service) eachTold(ctx context.Context, id string, kind connectors.Kind, fn func([]batch.Told) error) error {
	const pageSize = 500
	for after := ""; ; {
		page, next, err := s.Ledger.ToldBy(ctx, id, kind, after, pageSize)
		if err != nil {
			return err
		}
		if err := fn(page); err != nil {
			return err
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// stale is how long a batch may stand still before somebody else takes it up; taking it up twice does no harm.
const stale = 10 * time.Minute

// Resume carries on what a process left behind when it ended: batches that count are taken in or taken back to the end, and those that did not count yet, or
// were offered and not answered, are abandoned. It returns how many there were.
func (s *Service) Resume(ctx context.Context) (int, error) {
	const last = 200
	page, _, err := s.Ledger.Batches(ctx, "", last)
	if err != nil {
		return 0, fmt.Errorf("batches: %w", err)
	}
	n := 0
	for _, b := range page {
		if b.At.After(s.Now().Add(-stale)) {
			continue
		}
		did, err := s.resume(ctx, b)
		if err != nil {
			return n, fmt.Errorf("resume batch %s: %w", b.ID, err)
		}
		if did {
			n++
		}
	}
	return n, nil
}

func (s *Service) resume(ctx context.Context, b batch.Batch) (bool, error) {
	switch b.State {
	case batch.Offered:
		if b.At.After(s.Now().Add(-offeredFor)) {
			return false, nil
		}
		return true, s.withdraw(ctx, b)
	case batch.Loading:
		return true, s.end(ctx, &b, batch.Abandoned)
	case batch.Applying:
		if err := s.Ledger.SetTold(ctx, b.ID, true); err != nil {
			return false, err
		}
		for _, kind := range []connectors.Kind{connectors.Order, connectors.Activity, connectors.Customer} {
			err := s.eachTold(ctx, b.ID, kind, func(page []batch.Told) error {
				records := make([]connectors.Record, len(page))
				for i, t := range page {
					records[i] = t.Record
				}
				return s.Intake.ApplyAll(ctx, b.Source, records)
			})
			if err != nil {
				return false, err
			}
		}
		return true, s.end(ctx, &b, batch.Done)
	case batch.Undoing:
		return true, s.undo(ctx, &b)
	}
	return false, nil
}
