package kingdee

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lingke/connectors"
)

// longestID is the contract's bound of an id, in bytes.
const longestID = 200

// customerRecord makes the record of one row of BD_Customer; its id is FCUSTID, which orders refer to.
func (c *Conn) customerRecord(l layout, rows [][]cell) (connectors.Record, error) {
	return c.record(connectors.Customer, l, rows[0])
}

// orderRecord makes one record of the lines of an order. The order's own values stand on each line; only products differ.
func (c *Conn) orderRecord(l layout, rows [][]cell) (connectors.Record, error) {
	first := rows[0]
	rec, err := c.record(connectors.Order, l, first)
	if err != nil {
		return rec, err
	}
	rec.Customer = l.cell(first, colCustomer).identifier()
	if rec.Customer == "" || len(rec.Customer) > longestID {
		return rec, fmt.Errorf("order %s names no customer: %w", rec.ID, connectors.ErrBadRecord)
	}
	rec.Fields[connectors.FieldStatus] = orderStatus(l, first)
	setDecimal(rec.Fields, connectors.FieldAmount, l.cell(first, connectors.FieldAmount))
	if slices.ContainsFunc(l.cols, func(c column) bool { return c.field == connectors.FieldMargin }) {
		setDecimal(rec.Fields, connectors.FieldMargin, l.cell(first, connectors.FieldMargin))
	}
	if names := products(l, rows); names != "" {
		rec.Fields[connectors.FieldProduct] = names
	}
	if l.timeKey != modifyKey {
		rec.ModifiedAt = c.latest(rec.ModifiedAt, l, first)
	}
	return rec, nil
}

// record has what every record has: id, time and the plain columns.
func (c *Conn) record(kind connectors.Kind, l layout, row []cell) (connectors.Record, error) {
	rec := connectors.Record{Kind: kind, ID: row[0].identifier(), Fields: make(map[string]string, len(l.cols))}
	if len(rec.ID) > longestID || !utf8.ValidString(rec.ID) {
		return rec, fmt.Errorf("the id has %d bytes, at most %d are allowed: %w", len(rec.ID), longestID, connectors.ErrBadRecord)
	}
	at, err := naiveTime(row[1].text)
	if err != nil {
		return rec, fmt.Errorf("%s %q is no time: %w", l.timeKey, row[1].text, connectors.ErrBadRecord)
	}
	rec.ModifiedAt = utcMillis(at, c.cfg.Location)
	for i, col := range l.cols {
		if strings.HasPrefix(col.field, ".") {
			continue
		}
		value, ok := row[l.cells[i]].value(c.cfg.Location)
		if ok && (value != "" || col.told) {
			rec.Fields[col.field] = value
		}
	}
	return rec, nil
}

// recordOf makes the record of a document's rows.
func (c *Conn) recordOf(f *form, l layout, rows [][]cell) (connectors.Record, error) {
	rec, err := f.record(c, l, rows)
	if err == nil {
		err = c.make(&rec, l, rows[0])
	}
	return rec, err
}

// make works the rules of the mapping out that do more than name a key.
func (c *Conn) make(rec *connectors.Record, l layout, row []cell) error {
	return l.made.Apply(func(key string) (string, bool, error) {
		text, ok := l.cell(row, sourceMark+key).value(c.cfg.Location)
		return text, ok, nil
	}, func(field, text string) error {
		rec.Fields[field] = text
		return nil
	})
}

func utcMillis(t time.Time, zone *time.Location) time.Time {
	return inZone(t, zone).UTC().Truncate(time.Millisecond)
}

// setDecimal keeps a field only where it is a number: nobody can reckon with anything else.
func setDecimal(fields map[string]string, field string, c cell) {
	delete(fields, field)
	if v, ok := c.decimal(); ok {
		fields[field] = v
	}
}

// orderStatus: only an audited order (C) counts as bought; Z draft, A created, B in review, D in review again are open.
// FCancelStatus B is 作废. FCloseStatus B alone says little: a fully delivered order is closed by the system, so only an
// order that was closed before it was ever audited counts as cancelled.
func orderStatus(l layout, row []cell) string {
	audited := l.cell(row, colStatus).text == "C"
	switch {
	case l.cell(row, colCancel).text == "B":
		return connectors.StatusCancelled
	case audited:
		return connectors.StatusWon
	case l.cell(row, colClosed).text == "B":
		return connectors.StatusCancelled
	}
	return connectors.StatusOpen
}

// mostProducts bounds how many products of one order are named.
const mostProducts = 100

// products joins the different products of an order's lines in their order.
func products(l layout, rows [][]cell) string {
	var names []string
	known := map[string]bool{}
	for _, row := range rows {
		name, ok := l.cell(row, connectors.FieldProduct).value(time.UTC)
		if !ok || name == "" || known[name] {
			continue
		}
		known[name] = true
		names = append(names, name)
	}
	if n := len(names); n > mostProducts {
		return strings.Join(names[:mostProducts], "、") + fmt.Sprintf("等%d种", n)
	}
	return strings.Join(names, "、")
}

// latest is the time of a version where the site has no modification time: auditing an order makes a new version of it.
func (c *Conn) latest(at time.Time, l layout, row []cell) time.Time {
	for _, field := range []string{colCreated, colApproved} {
		t, err := naiveTime(l.cell(row, field).text)
		if err != nil {
			continue
		}
		if t := utcMillis(t, c.cfg.Location); t.After(at) {
			at = t
		}
	}
	return at
}
