package xingchen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// longestID is the contract's bound of an id, in bytes.
const longestID = 200

// defaults are what a customer's row tells without any setting: our field and the members that fill it, the first that is there. Addresses, phones and accounts of
// banks are encrypted for most apps and left alone; a mapping may name them where an app may read them.
var defaults = map[string][]string{
	connectors.FieldName: {"name"}, "number": {"number"}, "group": {"group_name"}, "price_level": {"c_level_name"}, "seller": {"saler_name"},
	"department": {"sale_dept_name"}, "credit_limit": {"credit_limit"}, connectors.FieldCreditCode: {"taxpayer_no", "invoice_taxpayer_no"},
}

func (c *Conn) customerRecord(l *list, row jsondoc.Object) (connectors.Record, error) {
	rec, err := c.base(l, row)
	if err != nil {
		return rec, err
	}
	for field, names := range defaults {
		if value := text(row, names...); value != "" {
			rec.Fields[field] = value
		}
	}
	switch text(row, "enable") {
	case "1", "true":
		rec.Fields["enabled"] = "true"
	case "0", "false":
		rec.Fields["enabled"] = "false"
	}
	if code := rec.Fields[connectors.FieldCreditCode]; code != "" && !creditCode.MatchString(code) {
		delete(rec.Fields, connectors.FieldCreditCode) // an encrypted one, or a number of another kind
	}
	return rec, c.apply(l, row, &rec)
}

var creditCode = regexp.MustCompile(`^[0-9A-Z]{18}$`)

// orderRecord: only an audited order (C) counts as bought. bill_close_state S is closed by the system when everything is delivered, H closed by hand: what was closed
// by hand before it was audited is cancelled.
func (c *Conn) orderRecord(l *list, row jsondoc.Object) (connectors.Record, error) {
	rec, err := c.base(l, row)
	if err != nil {
		return rec, err
	}
	if rec.Customer = text(row, "customer_id"); rec.Customer == "" || len(rec.Customer) > longestID {
		return rec, fmt.Errorf("order %s names no customer: %w", rec.ID, connectors.ErrBadRecord)
	}
	rec.Fields[connectors.FieldStatus] = connectors.StatusOpen
	switch {
	case text(row, "bill_status") == "C":
		rec.Fields[connectors.FieldStatus] = connectors.StatusWon
	case text(row, "bill_close_state") == "H":
		rec.Fields[connectors.FieldStatus] = connectors.StatusCancelled
	}
	for field, names := range map[string][]string{"number": {"bill_no"}, connectors.FieldRep: {"emp_name", "saler_name"}} {
		if value := text(row, names...); value != "" {
			rec.Fields[field] = value
		}
	}
	if amount := strings.ReplaceAll(text(row, "total_amount", "all_amount"), ",", ""); jsondoc.Decimal(amount) {
		rec.Fields[connectors.FieldAmount] = amount
	}
	if day, err := mapping.Canonical(connectors.Order, connectors.FieldDate, text(row, "bill_date"), c.cfg.Location); err == nil && day != "" {
		rec.Fields[connectors.FieldDate] = day
	}
	if names := products(row); names != "" {
		rec.Fields[connectors.FieldProduct] = names
	}
	return rec, c.apply(l, row, &rec)
}

// products are those of the lines, where the list brings them.
func products(row jsondoc.Object) string {
	lines, _ := row.Get("material_entity")
	items, _ := lines.([]any)
	var names []string
	for _, item := range items {
		line, ok := item.(jsondoc.Object)
		if name := text(line, "material_name"); ok && name != "" && !slices.Contains(names, name) && len(names) < 100 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "、")
}

// base has what every record has: id and time. A row without a time of modification carries the time of its creation.
func (c *Conn) base(l *list, row jsondoc.Object) (connectors.Record, error) {
	rec := connectors.Record{Kind: l.kind, ID: text(row, "id"), Fields: map[string]string{}}
	if rec.ID == "" || len(rec.ID) > longestID {
		return rec, fmt.Errorf("a row of %s has no id: %w", l.name, connectors.ErrBadRecord)
	}
	var err error
	for _, name := range []string{"modify_time", "audit_time", "create_time"} {
		var at time.Time
		if at, err = mapping.Instant(text(row, name), c.cfg.Location); err == nil {
			rec.ModifiedAt = at
			return rec, nil
		}
	}
	return rec, fmt.Errorf("%s %s, modify_time: %w: %w", l.name, rec.ID, connectors.ErrBadRecord, err)
}

// apply works the mapping's rules out.
func (c *Conn) apply(l *list, row jsondoc.Object, rec *connectors.Record) error {
	return l.made.Apply(func(source string) (string, bool, error) {
		path, err := jsondoc.ParsePath(source)
		if err != nil {
			return "", false, err
		}
		found := path.Find(row, row)
		value, err := jsondoc.Texts(found)
		return value, len(found) > 0, err
	}, func(field, text string) error {
		rec.Fields[field] = text
		return nil
	})
}

// fieldsOf are the names that any of the rows has, for the check of a mapping.
func fieldsOf(rows []jsondoc.Object) []mapping.SourceField {
	var out []mapping.SourceField
	for _, row := range rows {
		for _, m := range row.Members {
			if f := (mapping.SourceField{Name: m.Name}); !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}
