package ingest

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Bounds of one record: generous for people, tight against floods.
const (
	maxID        = 200
	maxFields    = 200
	maxFieldName = 64
	maxText      = 4096
	maxAhead     = 24 * time.Hour // a source's clock may be wrong; a time from the far future would win for ever
	maxAmount    = 1e12           // yuan of one order: no order is larger, and hundreds of them add up within a Money
	maxPlanned   = 10             // years from now in which an order or activity may lie: what systems write for "never" is no day
)

// Check reports what is wrong with a record, naming the field; the error wraps connectors.ErrBadRecord.
func Check(r connectors.Record, now time.Time) error {
	bad := func(field, format string, args ...any) error {
		return fmt.Errorf("%w: %s %q, %s: %s", connectors.ErrBadRecord, r.Kind, r.ID, field, fmt.Sprintf(format, args...))
	}
	switch {
	case r.Bad != nil && r.ID == "":
		return fmt.Errorf("%s without an id: %w", r.Kind, r.Bad)
	case r.Bad != nil:
		return fmt.Errorf("%s %q: %w", r.Kind, shortID(r.ID), r.Bad)
	case r.Kind != connectors.Customer && r.Kind != connectors.Order && r.Kind != connectors.Activity:
		return bad("kind", "expected customer, order or activity")
	case r.ID == "" || len(r.ID) > maxID || !clean(r.ID):
		return bad("id", "expected 1 to %d bytes of text", maxID)
	case r.Kind != connectors.Customer && (r.Customer == "" || len(r.Customer) > maxID || !clean(r.Customer)):
		return bad("customer", "expected the source's id of the customer")
	case r.ModifiedAt.IsZero() || r.ModifiedAt.Before(time.Unix(0, 0)):
		return bad("modified_at", "expected the time of this version")
	case r.ModifiedAt.After(now.Add(maxAhead)):
		return bad("modified_at", "%s lies in the future", r.ModifiedAt.Format(time.RFC3339))
	case len(r.Fields) > maxFields:
		return bad("fields", "more than %d", maxFields)
	}
	for name, value := range r.Fields {
		if name == "" || len(name) > maxFieldName || !clean(name) || strings.ContainsAny(name, ".$") {
			return bad(name, "not a field name")
		}
		if len(value) > maxText || !clean(value) {
			return bad(name, "expected at most %d bytes of text", maxText)
		}
	}
	var at time.Time
	var err error
	switch r.Kind {
	case connectors.Order:
		var o customer.Order
		o, err = order("check", r)
		at = o.Date
	case connectors.Activity:
		var a customer.Activity
		a, err = activity("check", r)
		at = a.At
	}
	if err == nil && at.After(now.AddDate(maxPlanned, 0, 0)) {
		return bad(connectors.FieldDate, "%s lies more than %d years ahead", at.Format(time.DateOnly), maxPlanned)
	}
	return err
}

// clean reports whether every store and platform can keep the text.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func order(source string, r connectors.Record) (customer.Order, error) {
	o := customer.Order{
		ID: customer.NewRef(source, r.ID), Customer: customer.NewRef(source, r.Customer), Deleted: r.Deleted,
		Product: r.Fields[connectors.FieldProduct], Rep: r.Fields[connectors.FieldRep], ModifiedAt: r.ModifiedAt.UTC().Truncate(time.Millisecond),
	}
	var err error
	if o.Amount, err = amount(r, connectors.FieldAmount); err != nil {
		return o, err
	}
	if o.Margin, err = amount(r, connectors.FieldMargin); err != nil {
		return o, err
	}
	if o.Date, err = instant(r, connectors.FieldDate); err != nil {
		return o, err
	}
	if r.Fields[connectors.FieldOpened] != "" {
		if o.Opened, err = instant(r, connectors.FieldOpened); err != nil {
			return o, err
		}
	}
	o.Reason = r.Fields[connectors.FieldReason]
	switch o.Status = r.Fields[connectors.FieldStatus]; o.Status {
	case "":
		o.Status = connectors.StatusWon
	case connectors.StatusOpen, connectors.StatusWon, connectors.StatusLost, connectors.StatusCancelled:
	default:
		return o, fmt.Errorf("%w: order %q, status: %q is none of open, won, lost, cancelled", connectors.ErrBadRecord, r.ID, o.Status)
	}
	return o, nil
}

func activity(source string, r connectors.Record) (customer.Activity, error) {
	at, err := instant(r, connectors.FieldDate)
	a := customer.Activity{
		ID: customer.NewRef(source, r.ID), Customer: customer.NewRef(source, r.Customer), Deleted: r.Deleted,
		Type: r.Fields[connectors.FieldType], Text: r.Fields[connectors.FieldText], At: at, ModifiedAt: r.ModifiedAt.UTC().Truncate(time.Millisecond),
	}
	if err == nil && a.Type == "" && !a.Deleted {
		err = fmt.Errorf("%w: activity %q, type: is missing", connectors.ErrBadRecord, r.ID)
	}
	return a, err
}

func amount(r connectors.Record, field string) (customer.Money, error) {
	text := r.Fields[field]
	if text == "" {
		return 0, nil
	}
	m, err := customer.ParseMoney(text)
	if err != nil {
		return 0, fmt.Errorf("%w: %s %q, %s: %w", connectors.ErrBadRecord, r.Kind, r.ID, field, err)
	}
	if most := customer.FromYuan(maxAmount); m > most || m < -most {
		return 0, fmt.Errorf("%w: %s %q, %s: %q is larger than %d yuan", connectors.ErrBadRecord, r.Kind, r.ID, field, text, int64(maxAmount))
	}
	return m, nil
}

// instant reads a time: RFC 3339 or a date alone (midnight UTC); the record's own time where there is none.
func instant(r connectors.Record, field string) (time.Time, error) {
	text := r.Fields[field]
	if text == "" {
		return r.ModifiedAt.UTC().Truncate(time.Millisecond), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC().Truncate(time.Millisecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%w: %s %q, %s: %q is no time (2026-03-02T08:30:00+08:00) or date (2026-03-02)", connectors.ErrBadRecord, r.Kind, r.ID, field, text)
}
