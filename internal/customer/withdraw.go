package customer

import "slices"

// succeed takes over what people decided about customer from where c goes on in its place, under another id, since the record that gave from its id is gone; it reports
// whether that is so.
func (c *Customer) succeed(gone []Gone, from string) bool {
	i := slices.IndexFunc(gone, func(g Gone) bool { return g.ID == from && g.Into == c.ID })
	if i < 0 || slices.ContainsFunc(c.Records, func(r Record) bool { return IDOf(r.Ref) == from }) {
		return false
	}
	old := gone[i].Customer
	c.Owner, c.OwnedAt, c.Pool, c.Round, c.Held, c.Clock = old.Owner, old.OwnedAt, old.Pool, old.Round, old.Held, old.Clock
	c.inherit(old.Standing)
	c.Effects = append(slices.Clip(c.Effects), inherited(c.Effects, old)...)
	return true
}

// Withdrawn reports whether all that was ever told of the customer was taken back.
func (c Customer) Withdrawn() bool {
	return len(c.Records) > 0 && !slices.ContainsFunc(c.Records, func(r Record) bool { return !r.Withdrawn })
}
