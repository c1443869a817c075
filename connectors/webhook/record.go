package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// Limits of one push. What exceeds them is refused by name, never cut.
const (
	// frameDepth allows for {"data":[{"data":{…}}]} and what a mapping takes out of a record.
	frameDepth = 10
	maxBody    = 1 << 20
	maxRecords = 5000
	maxFields  = 200
	maxName    = 64 // bytes, as mapping.ValidName
	maxErrors  = 20 // places named in one error
)

// The members that are not fields.
const (
	memberID         = "id"
	memberCustomer   = "customer_id"
	memberModifiedAt = "modified_at"
)

// record turns an object into a record.
func (r *receiver) record(f frame, o jsondoc.Object, place string) (connectors.Record, error) {
	rec := connectors.Record{Kind: f.kind, ModifiedAt: f.at, Fields: map[string]string{}}
	switch {
	case f.kind == "":
		return rec, fmt.Errorf("%s: no type is given for it", place)
	case o.Twice != "":
		return rec, fmt.Errorf("%s.%s: comes twice", place, quote(o.Twice))
	case len(o.Members) > maxFields:
		return rec, fmt.Errorf("%s: more than %d members", place, maxFields)
	}
	if err := r.fill(&rec, f.top, o, place); err != nil {
		return rec, err
	}
	return rec, complete(rec, place)
}

// complete names the member that a record cannot do without.
func complete(rec connectors.Record, place string) error {
	switch {
	case rec.ID == "":
		return fmt.Errorf("%s.%s: is missing", place, memberID)
	case rec.Kind != connectors.Customer && rec.Customer == "":
		return fmt.Errorf("%s.%s: is missing", place, memberCustomer)
	case rec.ModifiedAt.IsZero():
		return fmt.Errorf("%s.%s: is missing, and so is timestamp", place, memberModifiedAt)
	}
	return nil
}

// set stores one member.
func (r *receiver) set(rec *connectors.Record, name string, v any) (err error) {
	switch {
	case name == memberID:
		rec.ID, err = key(v)
		return err
	case name == memberCustomer && rec.Kind != connectors.Customer:
		rec.Customer, err = key(v)
		return err
	case name == memberModifiedAt:
		rec.ModifiedAt, err = instant(v)
		return err
	case !mapping.ValidName(name):
		return fmt.Errorf("is not a field name: 1-%d bytes without . $ or control characters", maxName)
	}
	text, err := jsondoc.Text(v)
	if err != nil {
		return err
	}
	rec.Fields[name], err = mapping.Canonical(rec.Kind, name, text, r.location)
	return err
}

// key reads an id: a text or a whole number as it was written.
func key(v any) (string, error) {
	var s string
	switch v := v.(type) {
	case string:
		s = v
	case json.Number:
		if s = v.String(); strings.ContainsAny(s, ".eE") {
			return "", errors.New("must be a text or a whole number")
		}
	default:
		return "", errors.New("must be a text or a whole number")
	}
	return mapping.Key(s)
}

// instant reads a time with its zone, to the millisecond.
func instant(v any) (time.Time, error) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errors.New("must be a time like 2026-03-02T08:30:00+08:00")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// quote shows a name from outside, short and on one line.
func quote(name string) string {
	if mapping.ValidName(name) {
		return name
	}
	if len(name) > maxName {
		name = name[:maxName]
	}
	return strconv.QuoteToASCII(name)
}
