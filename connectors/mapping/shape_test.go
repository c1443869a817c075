package mapping_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

const shop = `{"sent":"2026-03-02T08:30:00+08:00","customer":{"no":17,"contact":{"name":"王女士","phones":["138","139"]},"del":"是"},
 "orders":[{"id":"O-1","sum":"99.5","at":"2026-03-01"},{"id":"O-2","sum":"九十"},{"id":"O-3","sum":1}]}`

func read(t *testing.T, s mapping.Shape, common mapping.Mapping, body string, limit int) ([]connectors.Record, []error) {
	t.Helper()
	r, err := s.Compile(common, zone)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsondoc.Parse([]byte(body), 16)
	if err != nil {
		t.Fatal(err)
	}
	good, unread, err := r.Read(doc, limit)
	if err != nil {
		return good, []error{err}
	}
	var bad []error
	for _, rec := range unread {
		bad = append(bad, rec.Bad)
	}
	return good, bad
}

func TestShapesReadRecordsWhereverTheyStand(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)
	common := mapping.Mapping{"modified_at": {From: path(t, "$.sent")}, "order.modified_at": {From: path(t, "$.sent")}}
	customers, bad := read(t, mapping.Shape{Kind: connectors.Customer, Items: path(t, "customer"), Mapping: mapping.Mapping{
		"id": {From: path(t, "no")}, "contact": {From: path(t, "contact.name")}, "phone": {From: path(t, "contact.phones[0]")}, "phones": {From: path(t, "contact.phones[*]")},
		"deleted": {From: path(t, "del")}, "site": {From: path(t, "site")},
	}}, common, shop, 10)
	want := []connectors.Record{{Kind: connectors.Customer, ID: "17", ModifiedAt: at, Deleted: true, Fields: map[string]string{"contact": "王女士", "phone": "138", "phones": "138、139"}}}
	if d := cmp.Diff(want, customers); d != "" || bad != nil {
		t.Error(d, bad)
	}
	orders, bad := read(t, mapping.Shape{Kind: connectors.Order, Items: path(t, "$.orders"), Mapping: mapping.Mapping{
		"customer_id": {From: path(t, "$.customer.no")}, "amount": {From: path(t, "sum")}, "order.date": {From: path(t, "at")},
	}}, common, shop, 10)
	want = []connectors.Record{
		{Kind: connectors.Order, ID: "O-1", Customer: "17", ModifiedAt: at, Fields: map[string]string{"amount": "99.5", "date": "2026-03-01T00:00:00+08:00"}},
		{Kind: connectors.Order, ID: "O-3", Customer: "17", ModifiedAt: at, Fields: map[string]string{"amount": "1"}},
	}
	if d := cmp.Diff(want, orders); d != "" {
		t.Error(d)
	}
	if len(bad) != 1 || !errors.Is(bad[0], connectors.ErrBadRecord) || !strings.Contains(bad[0].Error(), "$.orders[1]: order.amount: ") {
		t.Errorf("bad %v", bad)
	}
}

func TestIncompleteItemsAreNamed(t *testing.T) {
	t.Parallel()
	shape := mapping.Shape{Kind: connectors.Order, Mapping: mapping.Mapping{"customer_id": {From: path(t, "who")}, "modified_at": {From: path(t, "at")}}}
	for body, want := range map[string]string{
		`[7]`:                                    "[0]: must be an object",
		`[{"who":"1","at":1772411400}]`:          "order.id is missing",
		`[{"id":"1","at":1772411400}]`:           "order.customer_id is missing",
		`[{"id":"1","who":"1"}]`:                 "order.modified_at is missing",
		`[{"id":"1","who":"1","at":"gestern"}]`:  "order.modified_at: ",
		`[{"id":" ","who":"1","at":1772411400}]`: "order.id: ",
		`[{"id":{},"who":"1","at":1772411400}]`:  "id: must be a text",
		`[{"id":"1","id":"2","who":"1","at":1}]`: `"id" comes twice`,
		`[{},{},{}]`:                             "more than 2 items",
	} {
		got, bad := read(t, shape, nil, body, 2)
		if len(got) != 0 || len(bad) != 1 || !errors.Is(bad[0], connectors.ErrBadRecord) || !strings.Contains(bad[0].Error(), want) {
			t.Errorf("%s: %v, %v; want %s", body, got, bad, want)
		}
	}
}

func TestShapesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]mapping.Shape{
		"kind is \"invoice\"":                       {Kind: "invoice"},
		"mapping.order.customer_id: is missing":     {Kind: connectors.Order},
		`order has no field "total"`:                {Kind: connectors.Order, Mapping: mapping.Mapping{"customer_id": {From: path(t, "c")}, "total": {From: path(t, "x")}}},
		"mapping.activity.customer_id: is missing:": {Kind: connectors.Activity},
	} {
		if _, err := s.Compile(nil, zone); !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
