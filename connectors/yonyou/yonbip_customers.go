package yonyou

import (
	"context"
	"encoding/json"
	"fmt"

	"lingke/connectors"
)

const customerList = "/yonbip/digitalModel/merchant/newlist"

// defaultCustomer is what a customer's row tells without any setting.
func defaultCustomer() map[string][]string {
	return map[string][]string{
		connectors.FieldName:       {"name"},
		"number":                   {"code"},
		"short_name":               {"shortname", "shortName"},
		connectors.FieldCreditCode: {"creditCode"},
		connectors.FieldContact:    {"contactName"},
		connectors.FieldPhone:      {"contactTel"},
		"address":                  {"address"},
		"region":                   {"regionCode"},
		"email":                    {"email"},
		"website":                  {"website"},
		"headcount":                {"peopleNum"},
		"stopped":                  {"stopStatus", "stopstatus"},
	}
}

// pullCustomers walks the customers that changed since the mark.
func (c *Conn) pullCustomers(ctx context.Context, f *flow) error {
	m := f.cur.begin("customer", c.now())
	walk := pages{
		size: c.cfg.PageSize, id: rowID,
		fetch: func(ctx context.Context, page, size int) ([]object, error) {
			return c.customerRows(ctx, customerFilter(m.From), page, size)
		},
		done: func(page int, last string) error {
			m.Page, m.After = page, last
			return f.along()
		},
	}
	err := walk.walk(ctx, m.Page, m.After, func(row object) error {
		return c.emitRow(f.emit, row, c.customerRecord)
	})
	if err != nil {
		return err
	}
	m.end(c.cfg.Overlap)
	return nil
}

func rowID(row object) string { return row.id("id") }

func customerFilter(from string) map[string]any {
	if from == "" {
		return map[string]any{}
	}
	return map[string]any{"pubts": from}
}

// customerRows asks for one page of customers; beyond the last there are none.
func (c *Conn) customerRows(ctx context.Context, filter map[string]any, page, size int) ([]object, error) {
	body := map[string]any{"pageIndex": page, "pageSize": size}
	for key, value := range filter {
		body[key] = value
	}
	return rowsUnlessEmpty(c.call(ctx, "list customers", customerList, body))
}

// emitRow makes a row's record and emits it, or one that says why the row cannot be read.
func (l *link) emitRow(emit func(connectors.Record) error, row object, record func(object) (connectors.Record, error)) error {
	return l.emitRows(emit, []object{row}, func(rows []object) (connectors.Record, error) { return record(rows[0]) })
}

// emitRows is emitRow of what has several rows.
func (l *link) emitRows(emit func(connectors.Record) error, rows []object, record func([]object) (connectors.Record, error)) error {
	rec, err := record(rows)
	if err != nil {
		bad := connectors.Unreadable(rec.Kind, err)
		bad.ID, bad.ModifiedAt = rec.ID, rec.ModifiedAt
		rec = bad
	}
	if l.keep {
		if rec.Raw, err = json.Marshal(rows); err != nil {
			return err // it was JSON
		}
	}
	return emit(rec)
}

// customerRecord makes the record of a customer's row; its id is what orders refer to.
func (c *Conn) customerRecord(row object) (connectors.Record, error) {
	rec := connectors.Record{Kind: connectors.Customer, ID: row.id("id")}
	if err := checkID(rec.Kind, rec.ID); err != nil {
		return rec, err
	}
	var ok bool
	if rec.ModifiedAt, ok = row.instant("modifyTime", "pubts", "createTime"); !ok {
		return rec, fmt.Errorf("customer %s has no time of change: %w", rec.ID, connectors.ErrBadRecord)
	}
	return rec, c.customers.fill(&rec, row)
}

func checkID(kind connectors.Kind, id string) error {
	if id == "" || len(id) > longestID {
		return fmt.Errorf("%s: the id has %d bytes, expected 1 to %d: %w", kind, len(id), longestID, connectors.ErrBadRecord)
	}
	return nil
}
