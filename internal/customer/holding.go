package customer

import (
	"cmp"
	"slices"
	"time"
)

// Holding is who had a customer when it became one with others, so that it is theirs again when the two part.
type Holding struct {
	ID      string    `json:"id" bson:"id"` // the customer's
	Owner   string    `json:"owner,omitempty" bson:"owner,omitempty"`
	OwnedAt time.Time `json:"owned_at,omitzero" bson:"owned_at,omitempty"`
	Pool    string    `json:"pool,omitempty" bson:"pool,omitempty"`
	Round   int       `json:"round,omitempty" bson:"round,omitempty"`
	Handed  Handed    `json:"handed,omitzero" bson:"handed,omitempty"`
	Returns []Return  `json:"returns,omitempty" bson:"returns,omitempty"`
	Clock   Clock     `json:"clock,omitzero" bson:"clock,omitempty"`
}

func (c Customer) holding() Holding {
	return Holding{c.ID, c.Owner, c.OwnedAt, c.Pool, c.Round, c.Handed, c.Returns, c.Clock}
}

// empty reports whether nobody ever had the customer.
func (h Holding) empty() bool { return h.Owner == "" && h.Round == 0 }

// absorb makes c one with old: the longest ownership wins, whoever's record it was, and what both had is kept for the case that they part.
func (c *Customer) absorb(old Customer) {
	c.hold(c.holding(), false) // as it was before its first merge
	c.hold(old.holding(), true)
	c.Round = max(c.Round, old.Round)
	c.inherit(old.Standing)
	c.follow(old.Following)
	c.rememberReturns(old.Returns)
	c.Effects = append(slices.Clip(c.Effects), inherited(c.Effects, old)...)
	if old.Owner != "" && (c.Owner == "" || old.OwnedAt.Before(c.OwnedAt)) {
		c.Owner, c.OwnedAt, c.Pool, c.Handed, c.Clock = old.Owner, old.OwnedAt, old.Pool, old.Handed, old.Clock
	}
	for _, h := range old.Held {
		if h.ID != old.ID {
			c.hold(h, false)
		}
	}
}

// hold notes what a customer had. Where something is noted of it already, that is replaced if newer is set.
func (c *Customer) hold(h Holding, newer bool) {
	i := slices.IndexFunc(c.Held, func(o Holding) bool { return o.ID == h.ID })
	switch {
	case i < 0 && !h.empty():
		c.Held = append(slices.Clip(c.Held), h)
	case i >= 0 && newer:
		c.Held = slices.Clone(c.Held)
		c.Held[i] = h
	}
	slices.SortFunc(c.Held, func(a, b Holding) int { return cmp.Compare(a.ID, b.ID) })
}

// giveBack sets who has c, some or all of whose records were part of others until now; before is what c's own id stood for. Where nobody has claimed the merged customer or given it back
// since the merge, each part has what it had before. Otherwise that later decision stands for the part that keeps the
// merged customer's id, and the other parts have what they had.
func (c *Customer) giveBack(before Customer, existing []Customer) {
	if len(before.Records) == 0 {
		for _, old := range existing {
			if partOf(c.Records, []Customer{old}) != "" {
				c.take(old.Held)
			}
		}
		return
	}
	lost := slices.ContainsFunc(before.Records, func(r Record) bool { return !c.has(r.Ref) })
	if !lost || len(before.Held) == 0 {
		return
	}
	if c.Owner == ownerOf(before.Held).Owner && c.OwnedAt.Equal(ownerOf(before.Held).OwnedAt) {
		c.Owner, c.OwnedAt, c.Pool, c.Handed, c.Clock = "", time.Time{}, "", Handed{}, Clock{}
		c.take(before.Held)
	}
	c.Held = slices.DeleteFunc(slices.Clone(c.Held), func(h Holding) bool {
		return !slices.ContainsFunc(c.Records, func(r Record) bool { return IDOf(r.Ref) == h.ID })
	})
	if len(c.Held) == 1 && c.Held[0].ID == c.ID {
		c.Held = nil // nothing is left to part from
	}
	if len(c.Held) == 0 {
		c.Held = nil
	}
}

// take gives c what is held for it.
func (c *Customer) take(held []Holding) {
	for _, h := range held {
		if h.ID == c.ID {
			c.Owner, c.OwnedAt, c.Pool, c.Round, c.Handed, c.Returns = h.Owner, h.OwnedAt, h.Pool, h.Round, h.Handed, h.Returns
			c.Clock = h.Clock
		}
	}
}

// ownerOf is who has a merged customer by the merge alone.
func ownerOf(held []Holding) Holding {
	var first Holding
	for _, h := range held {
		if h.Owner != "" && (first.Owner == "" || h.OwnedAt.Before(first.OwnedAt)) {
			first = h
		}
	}
	return first
}
