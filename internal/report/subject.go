package report

import (
	"context"
	"fmt"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/store"
)

// records is the part of the store that reports read.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	CustomerBound(ctx context.Context, after string, n int) (string, error)
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
	Tasks(ctx context.Context, q followup.Query) (page []followup.Task, next string, err error)
}

// Subject is one customer with what it bought and did.
type Subject struct {
	customer.Customer
	Orders     []customer.Order // counted: see customer.Counted
	Told       []customer.Order // all of them
	Activities []customer.Activity
}

// histories reads what some customers bought and did.
func histories(ctx context.Context, s records, page []customer.Customer) ([]Subject, error) {
	out, whose := make([]Subject, len(page)), make(map[customer.Ref]int)
	var refs []customer.Ref
	for i, c := range page {
		out[i].Customer = c
		for _, ref := range c.Refs() {
			refs, whose[ref] = append(refs, ref), i
		}
	}
	orders, err := s.Orders(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	activities, err := s.Activities(ctx, refs, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("read activities: %w", err)
	}
	for _, o := range orders {
		x := &out[whose[o.Customer]]
		x.Told = append(x.Told, o)
	}
	for _, a := range activities {
		x := &out[whose[a.Customer]]
		x.Activities = append(x.Activities, a)
	}
	for i := range out {
		out[i].Orders = customer.Counted(out[i].Told)
	}
	return out, nil
}

// tierAt is the customer's tier of a scheme at an instant; false where it was not judged yet.
func (x Subject) tierAt(scheme string, at time.Time) (string, bool) {
	if x.Judged.IsZero() || x.Judged.After(at) {
		return "", false
	}
	tier := x.Tiers[scheme].Tier
	for i := len(x.Changes) - 1; i >= 0; i-- {
		if change := x.Changes[i]; change.Scheme == scheme && change.At.After(at) {
			tier = change.From
		}
	}
	return tier, tier != ""
}

// Period is from an instant up to, and without, another.
type Period struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Holds reports whether an instant lies in the period.
func (p Period) Holds(at time.Time) bool { return !at.Before(p.From) && at.Before(p.To) }

// Before is the period of the same length that ends where p begins.
func (p Period) Before() Period { return Period{p.From.Add(-p.To.Sub(p.From)), p.From} }

// spent is what the customer bought in a period, and how often.
func (x Subject) spent(p Period) (sum customer.Money, n int) {
	for _, o := range x.Orders {
		if bought(o) && p.Holds(o.Date) {
			sum, n = sum+o.Amount, n+1
		}
	}
	return sum, n
}
