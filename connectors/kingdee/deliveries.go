package kingdee

import (
	"fmt"
	"strings"

	"lingke/connectors"
)

// deliveryRecord makes an activity of a 销售出库单: goods that left for the customer. Only what is audited and not cancelled has left.
func (c *Conn) deliveryRecord(l layout, rows [][]cell) (connectors.Record, error) {
	first := rows[0]
	rec, err := c.record(connectors.Activity, l, first)
	if err != nil {
		return rec, err
	}
	rec.ID = deliveryPrefix + rec.ID
	rec.Customer = l.cell(first, colCustomer).identifier()
	if rec.Customer == "" || len(rec.Customer) > longestID || len(rec.ID) > longestID {
		return rec, fmt.Errorf("%s %s names no customer: %w", deliveryForm, rec.ID, connectors.ErrBadRecord)
	}
	rec.Deleted = l.cell(first, colStatus).text != "C" || l.cell(first, colCancel).text == "B"
	rec.Fields[connectors.FieldType] = connectors.ActivityDelivery
	rec.Fields[connectors.FieldText] = strings.TrimSuffix("出库 "+rec.Fields["number"]+"："+products(l, rows), "：")
	if l.timeKey != modifyKey {
		rec.ModifiedAt = c.latest(rec.ModifiedAt, l, first)
	}
	return rec, nil
}

// The form of deliveries, and how their ids begin, so that they are not taken for other activities' of this site.
const (
	deliveryForm   = "SAL_OUTSTOCK"
	deliveryPrefix = "outstock-"
)

func newDeliveries() *form {
	return &form{id: deliveryForm, kind: connectors.Activity, record: (*Conn).deliveryRecord, lines: "FEntity_FEntryId",
		ids: []idKey{{key: "FID"}, {key: "FBillNo", textual: true}}, times: []string{modifyKey, approveKey, dateKey}, cols: []column{
			{field: colCustomer, key: "FCustomerID"},
			{field: colStatus, key: "FDocumentStatus"},
			{field: "number", key: "FBillNo"},
			{field: connectors.FieldDate, key: dateKey},
			{field: connectors.FieldProduct, key: "FMaterialID.FName", optional: true},
			{field: colCancel, key: "FCancelStatus", optional: true},
			{field: colCreated, key: "FCreateDate", optional: true},
			{field: colApproved, key: approveKey, optional: true},
		}}
}
