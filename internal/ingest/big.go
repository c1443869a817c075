package ingest

import (
	"cmp"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Big says which events move tiers at once, without bands and minimum stay.
type Big struct {
	Order     customer.Money // an order won of this amount or more; 0: none is
	Complaint bool           // a complaint that went up to a manager
}

// An older event is none that a tier should follow at once, such as one of a history that is imported; and a customer remembers only so many.
const (
	bigWindow = 30 * 24 * time.Hour
	maxBig    = 50
)

// events names the big events of late, sorted: "order kingdee/1". Of many, the latest.
func (b Big) events(orders []customer.Order, activities []customer.Activity, now time.Time) []string {
	type event struct {
		name string
		at   time.Time
	}
	var all []event
	add := func(kind string, id customer.Ref, at time.Time) {
		if !at.After(now) && !at.Before(now.Add(-bigWindow)) {
			all = append(all, event{kind + " " + string(id), at})
		}
	}
	for _, o := range orders {
		if b.Order > 0 && o.Amount >= b.Order && o.Status == connectors.StatusWon && !o.Deleted {
			add("order", o.ID, o.Date)
		}
	}
	for _, a := range activities {
		if b.Complaint && a.Type == connectors.ActivityEscalation && !a.Deleted {
			add("activity", a.ID, a.At)
		}
	}
	slices.SortFunc(all, func(x, y event) int { return cmp.Or(y.at.Compare(x.at), cmp.Compare(x.name, y.name)) })
	var names []string
	for _, e := range all[:min(len(all), maxBig)] {
		names = append(names, e.name)
	}
	slices.Sort(names)
	return names
}

// news reports whether there is an event that the tiers have not followed yet.
func news(events, followed []string) bool {
	return slices.ContainsFunc(events, func(e string) bool { return !slices.Contains(followed, e) })
}
