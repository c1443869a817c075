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
		v := Value{Text: text, At: at}
		if old, known := values[name]; !known || v.counts(old) {
			values[name] = v
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

// Kin is everything that says who is the same customer as some records: all customers that may be one with them (Kin.Missing is empty), the
// decisions about their records, and what is new: a version of a record, where Ref is not empty.
type Kin struct {
	Ref     Ref
	Version connectors.Record
	// Retold is what the record says in place of all that it said before, where a source took something back; Forget, that it goes altogether.
	Retold *Record
	Forget bool

	Customers []Customer
	Decisions []Decision
}

// Missing returns the keys by which customers may be found that belong to the kin and were not looked up yet; looked is what was. Nothing is missing where there are none.
func (k Kin) Missing(looked map[string]bool) []string {
	var missing []string
	want := func(key string) {
		if !looked[key] {
			missing = append(missing, key)
		}
	}
	records, _ := k.records()
	for _, r := range records {
		for _, key := range r.lookups() {
			want(key)
		}
	}
	for _, d := range k.Decisions {
		if d.Same {
			want(RefKey(d.A))
			want(RefKey(d.B))
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// Refs returns the refs of all records of the kin, sorted.
func (k Kin) Refs() []Ref {
	var refs []Ref
	for _, c := range k.Customers {
		refs = append(refs, c.Refs()...)
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

// Holder returns the customer that has a record.
func (k Kin) Holder(ref Ref) (Customer, bool) {
	for _, c := range k.Customers {
		if c.has(ref) {
			return c, true
		}
	}
	return Customer{}, false
}

// Regrouping is what becomes of some customers when a record or a decision changes.
type Regrouping struct {
	Put    []Customer        // to store, sorted by id, the one with the changed record first; Rev as read
	Gone   []Gone            // to become other names
	Parted map[string]string // of the ids in Put that a customer's part has now: the id of that customer
	// Likens says that Put[0] has another name or telephone number than before, by which others may turn out to be the same customer.
	Likens bool
}

// Gone is a customer that becomes another name of Into, an id in Put.
type Gone struct {
	Customer
	Into string
}

// Regroup puts the records of a kin together anew, with what is new, and reports whether anything differs.
func Regroup(kin Kin, ranks Ranks) (Regrouping, bool) {
	records, told := kin.records()
	copied := kin.copied()
	groups := partition(slices.Collect(maps.Values(records)), kin.Decisions)
	out := Regrouping{Gone: goners(groups, kin.Customers), Parted: map[string]string{}, Likens: told && !kin.Forget && kin.likens(records[kin.Ref])}
	for _, group := range groups {
		id := idOf(group)
		old := byID(kin.Customers, id)
		inherits := slices.ContainsFunc(out.Gone, func(g Gone) bool { return g.Into == id })
		changed := !slices.Equal(old.Refs(), refsOf(group)) || told && old.has(kin.Ref) || slices.ContainsFunc(group, func(r Record) bool { return copied[r.Ref] })
		if !changed && !inherits {
			continue
		}
		c := assemble(group, kin.Customers, ranks)
		if from := partOf(group, kin.Customers); old.ID == "" && from != "" {
			if !c.succeed(out.Gone, from) {
				out.Parted[id] = from
			}
		}
		out.Put = append(out.Put, c)
	}
	sortByChange(out.Put, kin.Ref)
	return out, len(out.Put) > 0
}

// records are the records of all customers, by ref, with the new version, and whether that says anything new. An interrupted regrouping can leave copies
// of a record in two customers.
func (k Kin) records() (all map[Ref]Record, told bool) {
	all = make(map[Ref]Record)
	for _, c := range k.Customers {
		for _, r := range c.Records {
			all[r.Ref] = mergeCopies(all[r.Ref], r)
		}
	}
	if k.Ref == "" {
		return all, false
	}
	was, held := all[k.Ref]
	was.Ref = k.Ref
	switch {
	case k.Forget:
		k.forget(all)
		return all, held && !was.Withdrawn
	case k.Retold != nil:
		all[k.Ref] = *k.Retold
	default:
		all[k.Ref] = was.Tell(k.Version)
	}
	return all, len(was.Values) == 0 || !reflect.DeepEqual(all[k.Ref], was)
}

// forget takes the record out of all. A customer without another record keeps it as withdrawn.
func (k Kin) forget(all map[Ref]Record) {
	r, held := all[k.Ref]
	if holder, _ := k.Holder(k.Ref); len(holder.Records) > 1 {
		delete(all, k.Ref)
	} else if held {
		r.Withdrawn, r.Deleted = true, true
		all[k.Ref] = r
	}
}

// copied are the records that two customers hold: where one was told twice while a regrouping was under way, after a regrouping that broke off, or because the two were not
// read at the same moment. Whoever holds such a record is stored anew, so that its Rev is checked and what the copies say is kept.
func (k Kin) copied() map[Ref]bool {
	held := make(map[Ref]bool)
	for _, c := range k.Customers {
		for _, r := range c.Records {
			_, before := held[r.Ref]
			held[r.Ref] = before
		}
	}
	return held
}

// mergeCopies joins two copies of one record, as if one customer had been told all that they say.
func mergeCopies(a, b Record) Record {
	if len(a.Values) == 0 || a.Withdrawn {
		return b
	}
	if b.Withdrawn {
		return a
	}
	out := Record{Ref: a.Ref, Since: a.Since, At: a.At, Deleted: a.Deleted, Values: maps.Clone(a.Values)}
	for name, v := range b.Values {
		if old, known := out.Values[name]; !known || v.counts(old) {
			out.Values[name] = v
		}
	}
	if b.Since.Before(a.Since) {
		out.Since = b.Since
	}
	switch {
	case b.At.After(a.At):
		out.At, out.Deleted = b.At, b.Deleted
	case b.At.Equal(a.At):
		out.Deleted = a.Deleted || b.Deleted
	}
	return out
}

// counts reports whether a value was told after another, or with it and is the greater text.
func (v Value) counts(old Value) bool {
	return v.At.After(old.At) || v.At.Equal(old.At) && v.Text > old.Text
}

// likens reports whether the new version of the record has another name or number than the one before.
func (k Kin) likens(now Record) bool {
	before, _ := k.Holder(k.Ref)
	i := slices.IndexFunc(before.Records, func(r Record) bool { return r.Ref == k.Ref })
	if i < 0 {
		return now.likeness() != Record{}.likeness()
	}
	return now.likeness() != before.Records[i].likeness()
}

// goners are the customers whose ids stand for others from now on: those that have the records which gave them their ids.
func goners(groups [][]Record, existing []Customer) []Gone {
	holds := make(map[Ref]string)
	for _, group := range groups {
		for _, r := range group {
			holds[r.Ref] = idOf(group)
		}
	}
	var out []Gone
	for _, c := range existing {
		if into := heir(c, holds); into != c.ID {
			out = append(out, Gone{c, into})
		}
	}
	return out
}

// sortByChange puts the customer with the changed record first.
func sortByChange(put []Customer, changed Ref) {
	slices.SortFunc(put, func(a, b Customer) int {
		if x, y := a.has(changed), b.has(changed); x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
}

// heir returns who has the record now that gave a customer its id; where that was forgotten, who has the first of the others.
func heir(c Customer, holds map[Ref]string) string {
	for _, r := range c.Records {
		if IDOf(r.Ref) == c.ID && holds[r.Ref] != "" {
			return holds[r.Ref]
		}
	}
	for _, r := range c.Records {
		if holds[r.Ref] != "" {
			return holds[r.Ref]
		}
	}
	return c.ID
}

// partOf returns the customer that all records of a group belonged to until now, "" if there is none.
func partOf(group []Record, existing []Customer) string {
	for _, c := range existing {
		if !slices.ContainsFunc(group, func(r Record) bool { return !c.has(r.Ref) }) {
			return c.ID
		}
	}
	return ""
}

func byID(all []Customer, id string) Customer {
	if i := slices.IndexFunc(all, func(c Customer) bool { return c.ID == id }); i >= 0 {
		return all[i]
	}
	return Customer{}
}

func (c Customer) has(ref Ref) bool {
	return slices.ContainsFunc(c.Records, func(r Record) bool { return r.Ref == ref })
}

func refsOf(records []Record) []Ref { return Customer{Records: records}.Refs() }

// idOf is the id of the customer of some records: the smallest of theirs.
func idOf(records []Record) string {
	id := IDOf(records[0].Ref)
	for _, r := range records[1:] {
		id = min(id, IDOf(r.Ref))
	}
	return id
}

// assemble makes the customer of some records, with the decisions that people made about those it comes from.
func assemble(records []Record, existing []Customer, ranks Ranks) Customer {
	id := idOf(records)
	c := byID(existing, id)
	if c.ID == "" {
		c = Customer{ID: id}
	}
	before := c
	c.Records, c.Written = records, writtenTo(records, existing)
	c.giveBack(before, existing)
	for _, old := range existing {
		if old.ID != id && slices.ContainsFunc(records, func(r Record) bool { return IDOf(r.Ref) == old.ID }) {
			c.absorb(old)
		}
	}
	if c.Owner != "" {
		c.Waiting = Waiting{}
	}
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
	for _, r := range c.alive() {
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
		if code := r.code(); code != "" {
			c.CreditCode = code // all that have one have the same
		}
	}
}

// alive are the records whose values count: those that their sources still have, or all where none does.
func (c Customer) alive() []Record {
	alive := slices.DeleteFunc(slices.Clone(c.Records), func(r Record) bool { return r.Deleted })
	if len(alive) == 0 {
		return c.Records
	}
	return alive
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
