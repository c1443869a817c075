package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"lingke/connectors"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// Ledger is what the live batches of a source told of some records.
type Ledger func(ctx context.Context, kind connectors.Kind, refs []customer.Ref) ([]batch.Told, error)

// Retell makes some records say what the ledger says, and no more: it is how a batch is taken back after the ledger has forgotten it. Customers with
// orders or activities among the records are scored once, afterwards; the refs of those that are still to be scored are returned for RefreshAll. Whoever
// tells of the same records at the same moment notes it in the ledger first, and this looks again after it wrote, so nothing is lost in between.
func (s *Service) Retell(ctx context.Context, kind connectors.Kind, refs []customer.Ref, ledger Ledger) (touched []customer.Ref, err error) {
	if kind == connectors.Customer {
		for _, ref := range refs {
			if err := s.retellCustomer(ctx, ref, ledger); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	found := make(map[customer.Ref]bool)
	for again := refs; len(again) > 0; {
		if again, err = s.retellHistory(ctx, kind, again, ledger, found); err != nil {
			return nil, err
		}
	}
	delete(found, "")
	return slices.Sorted(maps.Keys(found)), nil
}

// RefreshAll scores the customers anew that refs belong to.
func (s *Service) RefreshAll(ctx context.Context, refs []customer.Ref) error {
	for part := range slices.Chunk(refs, together) {
		if err := s.refreshAll(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// retellHistory replaces orders or activities and returns the refs of which the ledger says something else by now.
func (s *Service) retellHistory(ctx context.Context, kind connectors.Kind, refs []customer.Ref, ledger Ledger, touched map[customer.Ref]bool) (again []customer.Ref, err error) {
	said, err := last(ctx, kind, refs, ledger)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		former, err := s.replace(ctx, kind, ref, said[ref])
		if err != nil {
			return nil, fmt.Errorf("take back %s %s: %w", kind, ref, err)
		}
		touched[former] = true
		if t, ok := said[ref]; ok {
			touched[customer.NewRef(ref.Source(), t.Record.Customer)] = true
		}
	}
	now, err := last(ctx, kind, refs, ledger)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(refs), func(ref customer.Ref) bool { return said[ref].Batch == now[ref].Batch }), nil
}

// last is what counts of each record: the told version that PutOrder would have kept.
func last(ctx context.Context, kind connectors.Kind, refs []customer.Ref, ledger Ledger) (map[customer.Ref]batch.Told, error) {
	all, err := ledger(ctx, kind, refs)
	if err != nil {
		return nil, fmt.Errorf("what was told of %d records: %w", len(refs), err)
	}
	out := make(map[customer.Ref]batch.Told)
	best := make(map[customer.Ref]string)
	for _, t := range all {
		v, err := versionOf(t)
		if err != nil {
			return nil, err
		}
		if v > best[t.Ref] {
			out[t.Ref], best[t.Ref] = t, v
		}
	}
	return out, nil
}

func versionOf(t batch.Told) (string, error) {
	if t.Record.Kind == connectors.Order {
		o, err := order(t.Ref.Source(), t.Record)
		return o.Version(), err
	}
	a, err := activity(t.Ref.Source(), t.Record)
	return a.Version(), err
}

// replace stores what was told of an order or activity, or forgets it.
func (s *Service) replace(ctx context.Context, kind connectors.Kind, ref customer.Ref, t batch.Told) (former customer.Ref, err error) {
	if kind == connectors.Order {
		if t.Batch == "" {
			return s.store.ReplaceOrder(ctx, ref, nil)
		}
		o, err := order(ref.Source(), t.Record)
		if err != nil {
			return "", err
		}
		return s.store.ReplaceOrder(ctx, ref, &o)
	}
	if t.Batch == "" {
		return s.store.ReplaceActivity(ctx, ref, nil)
	}
	a, err := activity(ref.Source(), t.Record)
	if err != nil {
		return "", err
	}
	return s.store.ReplaceActivity(ctx, ref, &a)
}

func (s *Service) retellCustomer(ctx context.Context, ref customer.Ref, ledger Ledger) error {
	for range attempts {
		done, err := s.tryRetell(ctx, ref, ledger)
		if done || err != nil {
			return err
		}
	}
	return fmt.Errorf("take back %s: %w", ref, ErrBusy)
}

// tryRetell makes one attempt; done is false where somebody else wrote meanwhile. The ledger is read after the customer, so that a write which the ledger does not
// know yet moves the customer's Rev and this one fails.
func (s *Service) tryRetell(ctx context.Context, ref customer.Ref, ledger Ledger) (done bool, err error) {
	before, err := ledger(ctx, connectors.Customer, []customer.Ref{ref})
	if err != nil {
		return false, fmt.Errorf("what was told of %s: %w", ref, err)
	}
	kin, err := s.kin(ctx, retold(ref, before), []string{customer.RefKey(ref)})
	if err != nil {
		return false, err
	}
	all, err := ledger(ctx, connectors.Customer, []customer.Ref{ref})
	if err != nil || len(all) != len(before) {
		return false, err
	}
	change, changed := customer.Regroup(kin, s.rules().Ranks)
	if !changed {
		return true, s.RefreshAll(ctx, []customer.Ref{ref})
	}
	return s.putRetold(ctx, kin, change)
}

// retold is the kin of a record of which the ledger says just this.
func retold(ref customer.Ref, said []batch.Told) customer.Kin {
	told, ok := batch.Customer(ref, said)
	if !ok {
		return customer.Kin{Ref: ref, Forget: true}
	}
	return customer.Kin{Ref: ref, Retold: &told}
}

// putRetold judges and stores what came of a retelling.
func (s *Service) putRetold(ctx context.Context, kin customer.Kin, change customer.Regrouping) (done bool, err error) {
	for i, c := range change.Put {
		if change.Put[i], err = s.evaluate(ctx, c, ""); err != nil {
			return false, err
		}
		if c.Withdrawn() && c.Owner == "" {
			change.Put[i].Require(customer.Effect{Kind: customer.EffectVanish, At: s.stamp()})
		}
	}
	err = s.write(ctx, change)
	if errors.Is(err, store.ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store what was taken back: %w", err)
	}
	for _, c := range change.Put {
		s.wakeFor(c)
	}
	if done, err = s.alone(ctx, kin, change.Put); err != nil || done {
		return done, err
	}
	return true, s.regroup(ctx, customer.Kin{}, refKeys(change.Put))
}
