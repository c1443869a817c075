package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// Shape says where the records of one kind stand in a JSON document, and how each of them is read.
type Shape struct {
	Kind connectors.Kind
	// Items leads to an array of objects, or to one object; empty is the document itself.
	Items jsondoc.Path
	// Mapping has the fields of Kind by their plain names. A path in it starts at the item, one with $ at the top of the document. Without a rule the id is "id".
	Mapping Mapping
}

// Reader reads the records of a shape. It is read-only and may be used by several goroutines.
type Reader struct {
	kind   connectors.Kind
	items  jsondoc.Path
	fields *Fields
	paths  Paths
	dated  bool
	keep   bool // see KeepRaw
	zone   *time.Location
}

// Compile checks the shape. Rules of common hold where the shape has none of its own. The error wraps connectors.ErrConfig.
func (s Shape) Compile(common Mapping, zone *time.Location) (*Reader, error) {
	if s.Kind != connectors.Customer && s.Kind != connectors.Order && s.Kind != connectors.Activity {
		return nil, fmt.Errorf("kind is %q, expected customer, order or activity: %w", s.Kind, connectors.ErrConfig)
	}
	all := s.together(common)
	if whose := NewTarget(s.Kind, CustomerID); s.Kind != connectors.Customer && !has(all, whose) {
		return nil, &Error{whose, errors.New("is missing: it says whose " + string(s.Kind) + " it is")}
	}
	fields, err := all.Compile(s.Kind, zone)
	if err != nil {
		return nil, err
	}
	paths, err := all.Paths(s.Kind)
	if err != nil {
		return nil, err
	}
	items, err := jsondoc.ParsePath(strings.TrimSuffix(s.Items.String(), "[*]")) // an array means its items anyway
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, connectors.ErrConfig)
	}
	return &Reader{kind: s.Kind, items: items, fields: fields, paths: paths, dated: has(all, NewTarget(s.Kind, ModifiedAt)), zone: zone}, nil
}

func has(m Mapping, t Target) bool {
	_, ok := m[t]
	return ok
}

// together are the rules of the shape's kind.
func (s Shape) together(common Mapping) Mapping {
	id, _ := jsondoc.ParsePath(ID)
	all := Mapping{NewTarget(s.Kind, ID): {From: id}}
	for field, r := range common.Of(s.Kind) {
		all[NewTarget(s.Kind, field)] = r
	}
	for t, r := range s.Mapping {
		if s.Kind != connectors.Customer && t.Kind() != s.Kind {
			t = NewTarget(s.Kind, string(t))
		}
		all[t] = r
	}
	return all
}

// Dated reports whether the records tell when they were modified. Where they do not, Read leaves it open.
func (r *Reader) Dated() bool { return r.dated }

// Kind is the kind of the records.
func (r *Reader) Kind() connectors.Kind { return r.kind }

// Read reads the records of a document, good ones beside bad: the Bad of each of these names its place, and their ids and times are there where they can be read. More than
// limit items are an error, which wraps connectors.ErrBadRecord.
func (r *Reader) Read(doc any, limit int) (good, bad []connectors.Record, err error) {
	items := r.list(doc)
	if len(items) > limit {
		return nil, nil, fmt.Errorf("%s: more than %d items: %w", r.items, limit, connectors.ErrBadRecord)
	}
	for i, item := range items {
		rec, why := r.record(doc, item)
		if why != nil {
			rec = r.unread(doc, item, fmt.Errorf("%s: %w", r.place(i), why))
		}
		if r.keep {
			if rec.Raw, err = r.rawOf(doc, item); err != nil {
				return nil, nil, err // it was JSON
			}
		}
		if why != nil {
			bad = append(bad, rec)
			continue
		}
		good = append(good, rec)
	}
	return good, bad, nil
}

// unread is the record of an item that cannot be read, with what says which it is as far as that can be told.
func (r *Reader) unread(doc, item any, why error) connectors.Record {
	rec := connectors.Unreadable(r.kind, why)
	if _, ok := item.(jsondoc.Object); !ok {
		return rec
	}
	row := r.paths.Row(doc, item)
	for _, rule := range r.fields.rules {
		if rule.field != ID && rule.field != ModifiedAt {
			continue
		}
		if text, told, err := rule.value(row, r.zone); err == nil && told {
			_ = Set(&rec, rule.field, text, r.zone) // what cannot be read stays unknown
		}
	}
	return rec
}

// Found reports whether the place of the items is in the document at all, and how many there are.
func (r *Reader) Found(doc any) (items int, found bool) {
	return len(r.list(doc)), len(r.items.Find(doc, doc)) > 0
}

func (r *Reader) list(doc any) []any {
	var all []any
	for _, v := range r.items.Find(doc, doc) {
		if list, ok := v.([]any); ok {
			all = append(all, list...)
			continue
		}
		if v != nil {
			all = append(all, v)
		}
	}
	return all
}

func (r *Reader) place(i int) string {
	return r.items.String() + "[" + strconv.Itoa(i) + "]"
}

func (r *Reader) record(doc, item any) (connectors.Record, error) {
	rec := connectors.Record{Kind: r.kind, Fields: map[string]string{}}
	o, ok := item.(jsondoc.Object)
	switch {
	case !ok:
		return rec, fmt.Errorf("must be an object: %w", connectors.ErrBadRecord)
	case o.Twice != "":
		return rec, fmt.Errorf("%.60q comes twice: %w", o.Twice, connectors.ErrBadRecord)
	}
	err := r.fields.Apply(r.paths.Row(doc, item), func(field, text string) error { return Set(&rec, field, text, r.zone) })
	if err == nil {
		err = r.complete(rec)
	}
	return rec, err
}

// Set puts a target's text into a record: a field, or one of the targets that are none. A time without a zone is meant in zone.
func Set(rec *connectors.Record, field, text string, zone *time.Location) (err error) {
	switch {
	case field == ID:
		rec.ID, err = Key(text)
	case field == CustomerID && rec.Kind != connectors.Customer:
		rec.Customer, err = Key(text)
	case field == ModifiedAt:
		rec.ModifiedAt, err = Instant(text, zone)
	case field == Deleted:
		rec.Deleted, err = yes(text)
	default:
		rec.Fields[field] = text
	}
	return err
}

func (r *Reader) complete(rec connectors.Record) error {
	missing := ""
	switch {
	case rec.ID == "":
		missing = ID
	case r.kind != connectors.Customer && rec.Customer == "":
		missing = CustomerID
	case r.dated && rec.ModifiedAt.IsZero():
		missing = ModifiedAt
	default:
		return nil
	}
	return fmt.Errorf("%s is missing: %w", NewTarget(r.kind, missing), connectors.ErrBadRecord)
}

// maxKey is the longest id in bytes.
const maxKey = 200

// Key checks a source's id.
func Key(s string) (string, error) {
	if s == "" || len(s) > maxKey || strings.TrimSpace(s) != s || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fmt.Errorf("must be 1-%d bytes without blanks around it or control characters", maxKey)
	}
	return s, nil
}

func yes(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "y", "是":
		return true, nil
	case "", "false", "0", "no", "n", "否":
		return false, nil
	}
	return false, fmt.Errorf("%.20q is neither true nor false", text)
}
