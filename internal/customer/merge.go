package customer

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// Ranks orders the sources by how much their values count: the first is believed most. A source that is not listed comes last.
type Ranks []string

func (r Ranks) rank(source string) int {
	if i := slices.Index(r, source); i >= 0 {
		return i
	}
	return len(r)
}

// IDOf returns the id of a customer that only this record tells of. A customer of several records has the smallest of their ids, so
// that the order in which they arrived does not show.
func IDOf(ref Ref) string {
	sum := sha256.Sum256([]byte(ref))
	return "c" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// Tell returns the record with a version of it added: each field keeps the value that was told last; of two told at the same time
// the greater text.
func (r Record) Tell(v connectors.Record) Record {
	if r.Withdrawn {
		r = Record{Ref: r.Ref}
	}
	values := maps.Clone(r.Values)
	if values == nil {
		values = make(map[string]Value, len(v.Fields))
	}
	at := v.ModifiedAt.UTC().Truncate(time.Millisecond)
	for name, text := range v.Fields {
		old, known := values[name]
		if !known || at.After(old.At) || at.Equal(old.At) && text > old.Text {
			values[name] = Value{Text: text, At: at}
		}
	}
	r.Values = values
	if r.Since.IsZero() || at.Before(r.Since) {
		r.Since = at
	}
	switch {
	case at.After(r.At):
		r.At, r.Deleted = at, v.Deleted
	case at.Equal(r.At):
		r.Deleted = r.Deleted || v.Deleted
	}
	return r
}

// identity is what makes two records the same customer: a valid credit code, else the record itself.
func (r Record) identity() string {
	if r.Withdrawn {
		return "ref:" + string(r.Ref)
	}
	if code, ok := CreditCode(r.Values[connectors.FieldCreditCode].Text); ok {
		return "code:" + code
	}
	return "ref:" + string(r.Ref)
}

// Regrouping is what becomes of some customers when a record changes.
type Regrouping struct {
	Put  []Customer // to store, sorted by id, the one with the changed record first; Rev as read
	Gone []Customer // to become other names of Put[0]
}

// Regroup adds a version of a record to the customers that share its ref or its credit code, puts the records together anew, and
// reports whether anything differs. existing must hold every customer that has the ref or the code.
func Regroup(existing []Customer, ref Ref, version connectors.Record, ranks Ranks) (Regrouping, bool) {
	var records []Record
	changed := Record{Ref: ref}
	before := 0
	for _, c := range existing {
		for _, r := range c.Records {
			before++
			if r.Ref == ref {
				changed = mergeCopies(changed, r)
				continue
			}
			records = append(records, r)
		}
	}
	told := changed.Tell(version)
	if len(existing) == 1 && reflect.DeepEqual(told, changed) && before > 0 && len(changed.Values) > 0 {
		return Regrouping{}, false
	}
	return group(append(records, told), existing, ref, ranks), true
}

// mergeCopies joins two copies of one record, which an interrupted regrouping can leave in two customers.
func mergeCopies(a, b Record) Record {
	if len(a.Values) == 0 || a.Withdrawn {
		return b
	}
	if b.Withdrawn {
		return a
	}
	for name, v := range b.Values {
		a = a.Tell(connectors.Record{ModifiedAt: v.At, Fields: map[string]string{name: v.Text}})
	}
	if b.At.After(a.At) {
		a.At, a.Deleted = b.At, b.Deleted
	}
	if b.Since.Before(a.Since) {
		a.Since = b.Since
	}
	return a
}

func group(records []Record, existing []Customer, changed Ref, ranks Ranks) Regrouping {
	groups := make(map[string][]Record)
	for _, r := range records {
		key := r.identity()
		if !slices.ContainsFunc(groups[key], func(o Record) bool { return o.Ref == r.Ref }) {
			groups[key] = append(groups[key], r)
		}
	}
	var out Regrouping
	stay := make(map[string]bool)
	for _, members := range groups {
		c := assemble(members, existing, ranks)
		stay[c.ID] = true
		out.Put = append(out.Put, c)
	}
	slices.SortFunc(out.Put, func(a, b Customer) int {
		if d := cmp.Compare(has(b, changed), has(a, changed)); d != 0 {
			return d
		}
		return cmp.Compare(a.ID, b.ID)
	})
	for _, c := range existing {
		if !stay[c.ID] {
			out.Gone = append(out.Gone, c)
		}
	}
	return out
}

func has(c Customer, ref Ref) int {
	if slices.ContainsFunc(c.Records, func(r Record) bool { return r.Ref == ref }) {
		return 1
	}
	return 0
}

// assemble makes the customer of some records, with the decisions that people made about those it comes from.
func assemble(records []Record, existing []Customer, ranks Ranks) Customer {
	slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.Ref, b.Ref) })
	id := IDOf(records[0].Ref)
	for _, r := range records[1:] {
		id = min(id, IDOf(r.Ref))
	}
	c := Customer{ID: id}
	for _, old := range existing {
		if old.ID == id {
			c = old
		}
	}
	// Merged: the longest ownership wins, whoever's record it was.
	for _, old := range existing {
		absorbed := old.ID != id && slices.ContainsFunc(records, func(r Record) bool { return IDOf(r.Ref) == old.ID })
		if !absorbed {
			continue
		}
		c.Round = max(c.Round, old.Round)
		c.inherit(old.Standing)
		c.Effects = append(c.Effects, inherited(c.Effects, old)...)
		if old.Owner != "" && (c.Owner == "" || old.OwnedAt.Before(c.OwnedAt)) {
			c.Owner, c.OwnedAt, c.Pool = old.Owner, old.OwnedAt, old.Pool
		}
	}
	c.Records, c.Written = records, writtenTo(records, existing)
	c.settle(ranks)
	return c
}

// inherited are the effects of an absorbed customer that are not there yet, under ids of their own: two customers may have used the same.
func inherited(have []Effect, old Customer) []Effect {
	var out []Effect
	for _, e := range old.Effects {
		e.ID = old.ID + "/" + e.ID
		if !slices.ContainsFunc(have, func(h Effect) bool { return h.ID == e.ID }) {
			out = append(out, e)
		}
	}
	return out
}

// settle derives what follows from the records alone.
func (c *Customer) settle(ranks Ranks) {
	alive := slices.DeleteFunc(slices.Clone(c.Records), func(r Record) bool { return r.Deleted })
	if len(alive) == 0 {
		alive = c.Records
	}
	c.Fields = make(map[string]Field)
	winners := make(map[string]Ref)
	c.Since, c.Updated = time.Time{}, time.Time{}
	for _, r := range c.Records {
		if c.Updated.Before(r.At) {
			c.Updated = r.At
		}
		if c.Since.IsZero() || r.Since.Before(c.Since) {
			c.Since = r.Since
		}
	}
	for _, r := range alive {
		for name, v := range r.Values {
			if v.Text == "" {
				continue
			}
			candidate := Field{Value: v.Text, Source: r.Ref.Source(), At: v.At}
			held, known := c.Fields[name]
			if !known || counts(candidate, r.Ref, held, winners[name], ranks) {
				c.Fields[name], winners[name] = candidate, r.Ref
			}
		}
	}
	c.Name = c.Text(connectors.FieldName)
	c.CreditCode = ""
	for _, r := range c.Records {
		if r.Withdrawn {
			continue
		}
		if code, ok := CreditCode(r.Values[connectors.FieldCreditCode].Text); ok {
			c.CreditCode = code
		}
	}
}

// counts reports whether value a of record ra counts more than b of rb: by the source's rank, then the later, then the greater text, then
// the smaller ref, so that the answer never depends on who came first.
func counts(a Field, ra Ref, b Field, rb Ref, ranks Ranks) bool {
	if d := cmp.Compare(ranks.rank(a.Source), ranks.rank(b.Source)); d != 0 {
		return d < 0
	}
	if d := a.At.Compare(b.At); d != 0 {
		return d > 0
	}
	if a.Value != b.Value {
		return a.Value > b.Value
	}
	return ra < rb
}
