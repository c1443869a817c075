package ingest

import (
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// belongs makes the person whom its sources name (connectors.FieldOwner) the owner of a customer that nobody here has had yet: who sold to them is known there. From
// then on it is decided here who has it; what the sources say later changes nothing. It takes no allowance of a day and sends no card: a first sync brings thousands.
func (r *Rules) belongs(c *customer.Customer, now time.Time) {
	if c.Owner != "" || c.Round > 0 || c.Stage == customer.Lost {
		return
	}
	owner := r.Owners[strings.TrimSpace(c.Text(connectors.FieldOwner))]
	if owner == "" {
		return
	}
	c.Owns(owner, now)
	c.Handed = customer.Handed{Rule: customer.HandedBySource}
	if c.Pool != "" { // people may have its cards
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
	}
}
