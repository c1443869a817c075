package customer

import (
	"reflect"
	"slices"
)

// Retell makes told what a record says, whatever it said before, and puts the customers concerned together anew; it reports whether anything differs. Where
// told is nothing at all (ok is false) the record goes: its customer is then what the other records make of it, with the decisions that people made about
// it. A customer without another record keeps it as withdrawn. existing must hold every customer that has the ref or told's credit code.
func Retell(existing []Customer, ref Ref, told Record, ok bool, ranks Ranks) (Regrouping, bool) {
	var others []Record // of all customers
	var holder Customer
	var held Record
	for _, c := range existing {
		for _, r := range c.Records {
			if r.Ref == ref {
				holder, held = c, mergeCopies(held, r)
				continue
			}
			others = append(others, r)
		}
	}
	rest := slices.DeleteFunc(slices.Clone(holder.Records), func(r Record) bool { return r.Ref == ref })
	switch {
	case ok && len(existing) == 1 && reflect.DeepEqual(told, held), !ok && (holder.ID == "" || held.Withdrawn):
		return Regrouping{}, false
	case ok:
		return group(append(others, told), existing, ref, ranks), true
	case len(rest) == 0:
		held.Withdrawn, held.Deleted = true, true
		return group(append(others, held), existing, ref, ranks), true
	}
	out := group(others, existing, rest[0].Ref, ranks)
	if out.Put[0].Rev == 0 { // its id was made of the record that is gone
		out.Put[0].succeed(holder)
	}
	return out, true
}

// succeed takes over what people decided about a customer that goes on under another id.
func (c *Customer) succeed(old Customer) {
	c.Owner, c.OwnedAt, c.Pool, c.Round = old.Owner, old.OwnedAt, old.Pool, old.Round
	c.inherit(old.Standing)
	c.Effects = append(c.Effects, inherited(c.Effects, old)...)
}

// Withdrawn reports whether all that was ever told of the customer was taken back.
func (c Customer) Withdrawn() bool {
	return len(c.Records) > 0 && !slices.ContainsFunc(c.Records, func(r Record) bool { return !r.Withdrawn })
}
