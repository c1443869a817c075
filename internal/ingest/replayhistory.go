package ingest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// chronicle is what orders and activities have in common for a replay.
type chronicle[T any] struct {
	make    func(source string, r connectors.Record) (T, error)
	of      func(T) (id, customer customer.Ref, at time.Time, version string)
	stored  func(ctx context.Context, customers []customer.Ref) ([]T, error)
	put     func(ctx context.Context, all []T) ([]customer.Ref, error)
	replace func(ctx context.Context, id customer.Ref, v *T) (customer.Ref, error)
	fields  func(T) map[string]string
}

func (r *rereading) orders() chronicle[customer.Order] {
	return chronicle[customer.Order]{
		make: order,
		of: func(o customer.Order) (customer.Ref, customer.Ref, time.Time, string) {
			return o.ID, o.Customer, o.ModifiedAt, o.Version()
		},
		stored: r.store.Orders, put: r.store.PutOrders, replace: r.store.ReplaceOrder,
		fields: func(o customer.Order) map[string]string {
			return map[string]string{
				"customer": o.Customer.ID(), connectors.FieldAmount: o.Amount.String(), connectors.FieldMargin: o.Margin.String(), connectors.FieldDate: o.Date.Format(time.RFC3339),
				connectors.FieldStatus: o.Status, connectors.FieldProduct: o.Product, connectors.FieldRep: o.Rep, "deleted": fmt.Sprint(o.Deleted),
			}
		},
	}
}

func (r *rereading) activities() chronicle[customer.Activity] {
	return chronicle[customer.Activity]{
		make: activity,
		of: func(a customer.Activity) (customer.Ref, customer.Ref, time.Time, string) {
			return a.ID, a.Customer, a.ModifiedAt, a.Version()
		},
		stored: func(ctx context.Context, refs []customer.Ref) ([]customer.Activity, error) {
			return r.store.Activities(ctx, refs, time.Time{})
		},
		put: r.store.PutActivities, replace: r.store.ReplaceActivity,
		fields: func(a customer.Activity) map[string]string {
			return map[string]string{
				"customer": a.Customer.ID(), connectors.FieldType: a.Type, connectors.FieldText: a.Text, connectors.FieldDate: a.At.Format(time.RFC3339), "deleted": fmt.Sprint(a.Deleted),
			}
		},
	}
}

// takeHistory compares orders or activities with what is stored. The newest version counts, and replaces what is stored only if that was made of the same version; where
// nothing is stored under its customer it is put as any new one, which a later version or a deletion of it withstands.
func takeHistory[T any](ctx context.Context, r *rereading, kind connectors.Kind, all []told, c chronicle[T]) error {
	made, customers := make([]T, len(all)), make(map[customer.Ref]bool)
	for i, t := range all {
		v, err := c.make(r.source, t.versions[len(t.versions)-1])
		if err != nil {
			return err // Check has made it before
		}
		made[i] = v
		for _, version := range t.versions {
			customers[customer.NewRef(r.source, version.Customer)] = true
		}
	}
	held, err := c.stored(ctx, slices.Sorted(maps.Keys(customers)))
	if err != nil {
		return err
	}
	known := make(map[customer.Ref]T, len(held))
	for _, h := range held {
		id, _, _, _ := c.of(h)
		known[id] = h
	}
	touched := make(map[customer.Ref]bool)
	var news []T
	for _, v := range made {
		id, whose, at, version := c.of(v)
		old, stored := known[id]
		_, _, oldAt, oldVersion := c.of(old)
		switch {
		case !stored:
			news = append(news, v)
		case !oldAt.Equal(at) || oldVersion == version:
			r.count(kind, Remade{Same: 1})
		default:
			r.count(kind, Remade{Changed: 1})
			r.note(kind, id, c.fields(old), c.fields(v))
			if r.dry {
				continue
			}
			former, err := c.replace(ctx, id, &v)
			if err != nil {
				return err
			}
			touched[former], touched[whose] = true, true
		}
	}
	return putHistory(ctx, r, kind, news, touched, c)
}

func putHistory[T any](ctx context.Context, r *rereading, kind connectors.Kind, news []T, touched map[customer.Ref]bool, c chronicle[T]) error {
	r.count(kind, Remade{New: len(news)})
	if r.dry {
		return nil
	}
	before, err := c.put(ctx, news)
	if err != nil {
		return err
	}
	for i, v := range news {
		_, whose, _, _ := c.of(v)
		touched[before[i]], touched[whose] = true, true
	}
	delete(touched, "")
	return r.RefreshAll(ctx, slices.Sorted(maps.Keys(touched)))
}
