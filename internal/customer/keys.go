package customer

import (
	"slices"
	"strings"

	"lingke/connectors"
	"lingke/internal/customer/names"
	"lingke/internal/customer/phone"
	"lingke/internal/customer/sound"
)

// The kinds of keys: texts that begin with one of these and say by what a customer is found. Strong ones make two records one customer by
// themselves; weak ones only make somebody ask.
const (
	keyRef    = "ref "    // a record of it
	keySame   = "same "   // a record that one of its records says it is (connectors.FieldSameAs)
	keyCode   = "code "   // its unified social credit code
	keyTax    = "tax "    // its tax number
	keyMobile = "mobile " // a person's mobile number

	keyName  = "name "  // weak: its trade name
	keyPhone = "phone " // weak: a number that it is called on

	keySound = "sound " // how its name begins, spelled: for people who look for it
)

// Keys are the texts by which a customer is found, sorted: the strong and the weak ones, and those that SoundKey is the beginning of.
func (c Customer) Keys() []string {
	keys := append(append(c.Strong(), c.Weak()...), sounds(c.Name)...)
	slices.Sort(keys)
	return keys
}

// SoundKey is what the keys of all customers begin with whose name, or its part from the trade name on, is spelled with a sound at its start (package sound).
func SoundKey(spelled string) string { return keySound + spelled }

// sounds are a name's keys of how it is spelled, from its start and from its trade name on.
func sounds(name string) []string {
	all := sound.Keys(name)
	if folded := names.Fold(name); folded != "" {
		if _, behind, found := strings.Cut(folded, names.Parse(name).Key()); found {
			all = append(all, sound.Keys(names.Parse(name).Key()+behind)...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for i, s := range all {
		all[i] = SoundKey(s)
	}
	return all
}

// Strong are the keys by which a customer is found that is one with the records which have them: those of its records, see RefKey and Record.Strong.
func (c Customer) Strong() []string {
	var keys []string
	if c.CreditCode != "" {
		keys = append(keys, CodeKey(c.CreditCode))
	}
	for _, r := range c.Records {
		keys = append(keys, RefKey(r.Ref))
		keys = append(keys, r.Strong()...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Lookups are the keys by which all customers are found that may be one with a customer, sorted: its strong keys, the records that it names and what names its own, and the
// records that people said are one with its own.
func (c Customer) Lookups(about []Decision) []string {
	var keys []string
	for _, r := range c.Records {
		keys = append(keys, r.lookups()...)
	}
	for _, d := range about {
		if d.Same && (c.has(d.A) || c.has(d.B)) {
			keys = append(keys, RefKey(d.A), RefKey(d.B))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// RefKey finds the customer that a record is part of.
func RefKey(ref Ref) string { return keyRef + string(ref) }

// CutRefKey returns the ref that a key was made of by RefKey.
func CutRefKey(key string) (ref Ref, found bool) {
	text, found := strings.CutPrefix(key, keyRef)
	return Ref(text), found
}

// CodeKey finds customers of a valid credit code.
func CodeKey(code string) string { return keyCode + code }

// IsCodeKey reports whether a key was made by CodeKey.
func IsCodeKey(key string) bool { return strings.HasPrefix(key, keyCode) }

// Strong are the keys besides its own ref that make a record one customer with others that have one of them, sorted: a credit code, a tax number, the
// ref of another source's record that it says it is, and for a person who is no company a mobile number.
func (r Record) Strong() []string {
	var keys []string
	tax := TaxNumber(r.text(connectors.FieldTaxNumber))
	if code := r.code(); code != "" {
		keys = append(keys, CodeKey(code))
		tax = TaxNumber(code)
	}
	if tax != "" {
		keys = append(keys, keyTax+tax)
	}
	for _, other := range r.others() {
		keys = append(keys, keySame+string(other))
	}
	if r.Person() {
		for _, n := range r.phones() {
			if n.Kind == phone.Mobile {
				keys = append(keys, keyMobile+n.Text)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// lookups are the keys by which all customers are found that may be one with the record's.
func (r Record) lookups() []string {
	keys := append(r.Strong(), RefKey(r.Ref), keySame+string(r.Ref))
	for _, other := range r.others() {
		keys = append(keys, RefKey(other))
	}
	return keys
}

// text is a value of the record; "" where there is none, or where its source took everything back.
func (r Record) text(field string) string {
	if r.Withdrawn {
		return ""
	}
	return r.Values[field].Text
}

// code is the record's valid credit code, or "". Many sources have it in the field of the tax number.
func (r Record) code() string {
	for _, field := range []string{connectors.FieldCreditCode, connectors.FieldTaxNumber} {
		if code, ok := CreditCode(r.text(field)); ok {
			return code
		}
	}
	return ""
}

// others are the records of other sources that this one says it is.
func (r Record) others() []Ref {
	return slices.DeleteFunc(SameAs(r.text(connectors.FieldSameAs)), func(ref Ref) bool { return ref == r.Ref })
}

// sameAsBreaks part the refs in a value of connectors.FieldSameAs.
const sameAsBreaks = ",;，； \n\t"

// SameAs reads a value of connectors.FieldSameAs; what is no ref is left out.
func SameAs(text string) []Ref {
	var refs []Ref
	for _, text := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(sameAsBreaks, c) }) {
		if source, id, found := strings.Cut(text, "/"); found && source != "" && id != "" {
			refs = append(refs, Ref(text))
		}
	}
	return refs
}

// SameAsText writes refs so that SameAs reads them; those that it cannot read are left out.
func SameAsText(refs []Ref) string {
	var texts []string
	for _, ref := range refs {
		if !strings.ContainsAny(string(ref), sameAsBreaks) {
			texts = append(texts, string(ref))
		}
	}
	return strings.Join(texts, ",")
}

// Person reports whether a record is about a person and not a company: it says so (connectors.FieldKind), or it has no name but the contact's own.
func (r Record) Person() bool {
	if kind := strings.TrimSpace(r.text(connectors.FieldKind)); kind != "" {
		return kind == connectors.KindPerson || kind == "个人"
	}
	contact := r.text(connectors.FieldContact)
	if contact == "" || r.code() != "" {
		return false
	}
	contact = names.Fold(contact)
	name := names.Fold(r.text(connectors.FieldName))
	return contact != "" && (name == "" || name == contact)
}

// phones are the numbers of a record that say whose it is.
func (r Record) phones() []phone.Number {
	var all []phone.Number
	for _, field := range []string{connectors.FieldPhone, connectors.FieldMobile} {
		for _, n := range phone.Find(r.text(field)) {
			if n.Identifies() {
				all = append(all, n)
			}
		}
	}
	return all
}

// Phones are the telephone numbers of a customer that say whose they are, each in its one writing, sorted.
func (c Customer) Phones() []string {
	var all []string
	for _, r := range c.Records {
		for _, n := range r.phones() {
			all = append(all, n.Text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// likeness is what a record's weak keys follow from.
func (r Record) likeness() [3]string {
	return [3]string{r.text(connectors.FieldName), r.text(connectors.FieldPhone), r.text(connectors.FieldMobile)}
}

// Weak are the keys by which customers are found that may be the same company, sorted: trade names, and numbers that the sources have.
func (c Customer) Weak() []string {
	var keys []string
	parsed := make(map[string]bool, len(c.Records))
	for _, r := range c.Records {
		name := r.text(connectors.FieldName)
		if !parsed[name] {
			if key := names.Parse(name).Key(); key != "" {
				keys = append(keys, keyName+key)
			}
			parsed[name] = true
		}
	}
	for _, n := range c.Phones() {
		keys = append(keys, keyPhone+n)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
