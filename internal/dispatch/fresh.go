package dispatch

import (
	"slices"
	"time"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// newsFor is how old the latest word of a lead may be when people are shown it for the first time. A first sync brings thousands of records that nobody touched for
// years: a card for each would fill every chat and spend the platform's month. They wait in their pools and stand in the lists; the first thing that such a lead does
// makes it news.
const newsFor = 7 * 24 * time.Hour

// fresh leaves out of what is offered the cards that ask for an owner of a lead of which nothing has been heard for newsFor. What was shown once is kept in step, and who
// comes back to the pools is news.
func (d *Dispatcher) fresh(c customer.Customer, shown, offered []delivery.Delivery) []delivery.Delivery {
	last := c.Updated
	if c.Active.After(last) {
		last = c.Active
	}
	if c.Owner != "" || c.Round > 0 || !last.Before(d.Now().Add(-newsFor)) || slices.ContainsFunc(shown, asksForOwner) {
		return offered
	}
	return slices.DeleteFunc(offered, asksForOwner)
}

func asksForOwner(x delivery.Delivery) bool {
	return x.Kind == cards.KindLead || x.Kind == cards.KindDecision
}
