package ingest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// takeCustomers compares customers with what is stored of their records.
func (r *rereading) takeCustomers(ctx context.Context, all []told) error {
	refs := make([]customer.Ref, len(all))
	for i, t := range all {
		refs[i] = t.ref
	}
	found, err := r.store.CustomersByKey(ctx, refs, nil)
	if err != nil {
		return fmt.Errorf("customers of %d records: %w", len(refs), err)
	}
	held := make(map[customer.Ref]customer.Record)
	for _, c := range found {
		for _, record := range c.Records {
			held[record.Ref] = record
		}
	}
	var news []connectors.Record
	for _, t := range all {
		old, known := held[t.ref]
		now := t.retold(old)
		switch {
		case !known:
			r.count(connectors.Customer, Remade{New: 1})
			news = append(news, t.versions...)
		case reflect.DeepEqual(old, now):
			r.count(connectors.Customer, Remade{Same: 1})
		default:
			r.count(connectors.Customer, Remade{Changed: 1})
			r.note(connectors.Customer, t.ref, texts(old), texts(now))
			if r.dry {
				continue
			}
			if err := r.untilAlone(func() (bool, error) { return r.tryReplay(ctx, t) }); err != nil {
				return fmt.Errorf("%s: %w", t.ref, err)
			}
		}
	}
	if r.dry {
		return nil
	}
	return r.applyVersions(ctx, news)
}

// applyVersions takes versions in, those of one customer one after another.
func (r *rereading) applyVersions(ctx context.Context, versions []connectors.Record) error {
	for part := range slices.Chunk(versions, together) {
		if err := r.applyCustomers(ctx, r.source, part); err != nil {
			return err
		}
	}
	return nil
}

func texts(r customer.Record) map[string]string {
	out := make(map[string]string, len(r.Values)+1)
	for field, v := range r.Values {
		out[field] = v.Text
	}
	out["deleted"] = fmt.Sprint(r.Deleted)
	return out
}

// retold is the record as the kept versions tell it now: values that they told before go, those that other versions told stay.
func (t told) retold(old customer.Record) customer.Record {
	kept := func(at time.Time) bool { return slices.ContainsFunc(t.at, at.Equal) }
	now := old
	now.Ref, now.Values = t.ref, maps.Clone(old.Values)
	maps.DeleteFunc(now.Values, func(_ string, v customer.Value) bool { return kept(v.At) })
	if kept(old.At) {
		now.At, now.Deleted = time.Time{}, false
	}
	for _, v := range t.versions {
		now = now.Tell(v)
	}
	return now
}

// tryReplay makes one attempt; done is false where somebody else wrote meanwhile.
func (r *rereading) tryReplay(ctx context.Context, t told) (done bool, err error) {
	held, err := r.store.CustomersByKey(ctx, []customer.Ref{t.ref}, nil)
	if err != nil {
		return false, err
	}
	old, known := recordOf(held, t.ref)
	if !known {
		return true, r.applyVersions(ctx, t.versions)
	}
	now := t.retold(old)
	kin, err := r.kin(ctx, customer.Kin{Ref: t.ref, Retold: &now}, []string{customer.RefKey(t.ref)})
	if err != nil {
		return false, err
	}
	if still, _ := recordOf(kin.Customers, t.ref); !reflect.DeepEqual(still, old) {
		return false, nil
	}
	change, changed := customer.Regroup(kin, r.rules().Ranks)
	if !changed {
		return true, r.RefreshAll(ctx, []customer.Ref{t.ref})
	}
	if done, err := r.putRetold(ctx, kin, change); err != nil || !done {
		return done, err
	}
	return true, r.catchUp(ctx, kin.Customers, change.Put)
}

func recordOf(all []customer.Customer, ref customer.Ref) (customer.Record, bool) {
	for _, c := range all {
		for _, r := range c.Records {
			if r.Ref == ref {
				return r, true
			}
		}
	}
	return customer.Record{}, false
}
