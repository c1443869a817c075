// Package mapping says how a source's fields become ours. An operator writes it in the connector's `mapping:`, one line a field of ours:
//
//	mapping:
//	  name: company                                    # as it stands there
//	  phone: contact.phones[0]                         # a path into JSON, see jsondoc.Path
//	  level: {from: grade, values: {"1": A, "2": B}, default: C}
//	  city: {from: town, values: {沪: 上海}, keep: true} # other texts stay as they are
//	  headcount: {expr: 'number(size) * 10'}           # see Expr
//	  channel: {default: 官网}                          # the same for every record
//	  order.amount: total                              # a field of orders
//	  address: ""                                      # left out, although the connector tells it by itself
//
// The way of a value: Mapping.Compile → Fields.Apply reads the source's values through a Row, works each rule out, and hands over our field and its canonical
// text. Shape does so for records that stand in a JSON document. Nothing here can loop or grow without bound, whatever the source sends.
package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// Mapping is how fields are made, by field of ours.
type Mapping map[Target]Rule

// Target names a field of ours: "phone" is one of customers, "order.amount" of orders, "activity.type" of activities. What is no field but belongs to every record has
// the names id, customer_id (whose order or activity it is), modified_at and deleted.
type Target string

// The targets that are no fields.
const (
	ID         = "id"
	CustomerID = "customer_id"
	ModifiedAt = "modified_at"
	Deleted    = "deleted"
)

// NewTarget joins a kind and a field.
func NewTarget(kind connectors.Kind, field string) Target {
	if kind == connectors.Customer {
		return Target(field)
	}
	return Target(string(kind) + "." + field)
}

// Kind is whose field the target is.
func (t Target) Kind() connectors.Kind {
	for _, k := range []connectors.Kind{connectors.Order, connectors.Activity} {
		if strings.HasPrefix(string(t), string(k)+".") {
			return k
		}
	}
	return connectors.Customer
}

// Field is the field's name without its kind.
func (t Target) Field() string {
	return strings.TrimPrefix(strings.TrimPrefix(string(t), string(t.Kind())+"."), "customer.")
}

// known are the fields of the kinds that have no others.
var known = map[connectors.Kind][]string{
	connectors.Order: {connectors.FieldAmount, connectors.FieldDate, connectors.FieldStatus, connectors.FieldProduct, connectors.FieldMargin,
		connectors.FieldRep, connectors.FieldOpened, connectors.FieldReason, "number", ID, CustomerID, ModifiedAt, Deleted},
	connectors.Activity: {connectors.FieldType, connectors.FieldText, connectors.FieldDate, ID, CustomerID, ModifiedAt, Deleted},
}

// UnmarshalText reads a target and refuses what no store keeps.
func (t *Target) UnmarshalText(text []byte) error {
	name := Target(text)
	names := known[name.Kind()]
	switch {
	case !ValidName(name.Field()):
		return fmt.Errorf("not a field name: 1-%d bytes without . $ or control characters", maxName)
	case names != nil && !slices.Contains(names, name.Field()):
		return fmt.Errorf("%s has no field %q%s; known are %s", name.Kind(), name.Field(), Meant(name.Field(), names), strings.Join(names, ", "))
	}
	*t = name
	return nil
}

// maxName is the longest field name in bytes.
const maxName = 64

// ValidName reports whether a field may have that name; it keeps out what a store may read as an operator or a path.
func ValidName(s string) bool {
	return s != "" && len(s) <= maxName && strings.TrimSpace(s) == s &&
		!strings.ContainsFunc(s, func(c rune) bool { return c == '.' || c == '$' || unicode.IsControl(c) })
}

// Rule makes one field: from a field of the source or by an expression, or the same for all. The zero Rule leaves the field out.
type Rule struct {
	// From is the source's field; the rule's short form is this alone.
	From jsondoc.Path
	Expr Expr
	// Values says what the source's texts mean; a text that is not in it stays as it is where Keep says so, else takes Default, and without one the record is refused.
	Values map[string]string
	Keep   bool
	// Default is told where the source's value is empty; without From and Expr for every record. A field that the source does not tell at all stays untold.
	Default *string
}

// UnmarshalText reads the short form.
func (r *Rule) UnmarshalText(text []byte) error { return r.From.UnmarshalText(text) }

// Plain reports whether the rule only gives the source's field another name.
func (r Rule) Plain() bool { return r.Expr.Empty() && r.Values == nil && r.Default == nil && !r.Keep }

// None reports whether the rule leaves the field out.
func (r Rule) None() bool { return r.Plain() && r.From.Empty() }

// Sources are the source's fields that the rule reads.
func (r Rule) Sources() []string {
	if !r.Expr.Empty() {
		return r.Expr.Sources()
	}
	if r.From.Empty() {
		return nil
	}
	return []string{r.From.String()}
}

var (
	errBoth = errors.New("has both from and expr")
	errNone = errors.New("values need from or expr")
	errKeep = errors.New("keep is about values, and there are none")
)

func (r Rule) check() error {
	switch {
	case !r.From.Empty() && !r.Expr.Empty():
		return errBoth
	case r.From.Empty() && r.Expr.Empty() && r.Values != nil:
		return errNone
	case r.Keep && r.Values == nil:
		return errKeep
	}
	return nil
}

// Error says which target's rule cannot be used.
type Error struct {
	Target Target
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("mapping.%s: %v", e.Target, e.Err) }

// Unwrap gives the reason, and makes it a connectors.ErrConfig.
func (e *Error) Unwrap() []error { return []error{e.Err, connectors.ErrConfig} }

// Of returns the rules of one kind by field.
func (m Mapping) Of(kind connectors.Kind) map[string]Rule {
	out := make(map[string]Rule)
	for t, r := range m {
		if t.Kind() == kind {
			out[t.Field()] = r
		}
	}
	return out
}

// Check reports every rule that cannot be used, as Errors joined.
func (m Mapping) Check() error {
	var all []error
	for _, t := range slices.Sorted(maps.Keys(m)) {
		name := t
		err := name.UnmarshalText([]byte(t))
		if err == nil {
			err = m[t].check()
		}
		if err != nil {
			all = append(all, &Error{t, err})
		}
	}
	return errors.Join(all...)
}

// Sources are the fields of the source that the rules of a kind read, sorted.
func (m Mapping) Sources(kind connectors.Kind) []string {
	var all []string
	for _, r := range m.Of(kind) {
		all = append(all, r.Sources()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
