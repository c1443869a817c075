package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"lingke/connectors"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/store"
)

var importCases = []testCase{
	{"a batch comes back as it was, and only its reader may replace it", testBatch},
	{"batches come in pages, the latest first", testBatchPages},
	{"what live batches told of a record is found, in any number of batches", testTold},
	{"what a batch told comes in pages, live or not", testToldBy},
	{"an order or activity is replaced by an older version, or forgotten", testReplace},
	{"a customer is removed by its reader, with its keys and name", testRemoveCustomer},
	{"an attachment is replaced, read and removed", testAttachment},
}

func sampleBatch(id string) batch.Batch {
	return batch.Batch{
		ID: id, State: batch.Applying, File: "客户 2026.xlsx", Hash: "ab12", By: "zhangwei", At: noon, Ended: after(1), Source: "crm", Pool: "市场培育池",
		Rows: 10, Good: 7, Failed: 2, Skipped: 1, New: 3, Changed: 2, Unchanged: 1, Orders: 4, Activities: 5,
	}
}

func sampleTold(batchID string, kind connectors.Kind, id string) batch.Told {
	return batch.Told{
		Batch: batchID, Ref: customer.NewRef("crm", id), Live: true,
		Record: connectors.Record{
			Kind: kind, ID: id, Customer: "c1", ModifiedAt: noon, Fields: map[string]string{"name": "华星 <机械> 🚀", "行业": "制造业"},
		},
	}
}

func testBatch(t *testing.T, s store.Store) {
	_, err := s.Batch(t.Context(), "b1")
	wantErr(t, err, store.ErrNotFound)
	b := sampleBatch("b1")
	must(t, s.PutBatch(t.Context(), b))
	wantErr(t, s.PutBatch(t.Context(), b), store.ErrConflict)
	got := ok(s.Batch(t.Context(), "b1"))(t)
	b.Rev = 1
	same(t, got, b)
	got.State = batch.Done
	must(t, s.PutBatch(t.Context(), got))
	wantErr(t, s.PutBatch(t.Context(), got), store.ErrConflict)
	got.Rev++
	same(t, ok(s.Batch(t.Context(), "b1"))(t), got)
}

func testBatchPages(t *testing.T, s store.Store) {
	for i := range 5 {
		must(t, s.PutBatch(t.Context(), sampleBatch(fmt.Sprint("b", i))))
	}
	var ids []string
	for cursor := ""; ; {
		page, next, err := s.Batches(t.Context(), cursor, 2)
		must(t, err)
		for _, b := range page {
			same(t, b.Rev, int64(1))
			ids = append(ids, b.ID)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	same(t, ids, []string{"b4", "b3", "b2", "b1", "b0"})
}

func testTold(t *testing.T, s store.Store) {
	a, b := sampleTold("b1", connectors.Customer, "1"), sampleTold("b2", connectors.Customer, "1")
	other, order := sampleTold("b1", connectors.Customer, "2"), sampleTold("b1", connectors.Order, "1")
	order.Live = false
	must(t, s.AddTold(t.Context(), []batch.Told{b, other, order, a}))
	must(t, s.AddTold(t.Context(), nil))
	refs := []customer.Ref{"crm/1", "crm/none"}
	same(t, ok(s.Told(t.Context(), connectors.Customer, refs))(t), []batch.Told{a, b})
	same(t, ok(s.Told(t.Context(), connectors.Order, refs))(t), []batch.Told(nil))
	same(t, ok(s.Told(t.Context(), connectors.Order, nil))(t), []batch.Told(nil))
	must(t, s.SetTold(t.Context(), "b1", false))
	same(t, ok(s.Told(t.Context(), connectors.Customer, refs))(t), []batch.Told{b})
	must(t, s.SetTold(t.Context(), "b1", true))
	order.Live = true
	same(t, ok(s.Told(t.Context(), connectors.Order, refs))(t), []batch.Told{order})
	a.Record.Fields = map[string]string{"name": "另一个"}
	must(t, s.AddTold(t.Context(), []batch.Told{a}))
	same(t, ok(s.Told(t.Context(), connectors.Customer, refs))(t), []batch.Told{a, b})
}

func testToldBy(t *testing.T, s store.Store) {
	var all []batch.Told
	for i := range 5 {
		all = append(all, sampleTold("b1", connectors.Order, fmt.Sprint(i)))
	}
	all[2].Live = false
	must(t, s.AddTold(t.Context(), append([]batch.Told{sampleTold("b2", connectors.Order, "1"), sampleTold("b1", connectors.Customer, "1")}, all...)))
	var got []batch.Told
	for cursor := ""; ; {
		page, next, err := s.ToldBy(t.Context(), "b1", connectors.Order, cursor, 2)
		must(t, err)
		got = append(got, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	same(t, got, all)
}

func testAttachment(t *testing.T, s store.Store) {
	_, err := s.Attachment(t.Context(), "b1", "file")
	wantErr(t, err, store.ErrNotFound)
	content := bytes.Repeat([]byte{0, 0xff, 'x'}, 1<<20)
	must(t, s.Attach(t.Context(), "b1", "file", []byte("first")))
	must(t, s.Attach(t.Context(), "b1", "file", content))
	same(t, bytes.Equal(ok(s.Attachment(t.Context(), "b1", "file"))(t), content), true)
	must(t, s.Attach(t.Context(), "b1", "file", nil))
	must(t, s.Attach(t.Context(), "b1", "file", nil))
	_, err = s.Attachment(t.Context(), "b1", "file")
	wantErr(t, err, store.ErrNotFound)
}

func testReplace(t *testing.T, s store.Store) {
	newer, older := order("o1", "1", noon, after(2)), order("o1", "2", noon, after(1))
	same(t, ok(s.ReplaceOrder(t.Context(), newer.ID, nil))(t), customer.Ref(""))
	same(t, ok(s.ReplaceOrder(t.Context(), newer.ID, &newer))(t), customer.Ref(""))
	same(t, ok(s.ReplaceOrder(t.Context(), older.ID, &older))(t), newer.Customer)
	same(t, ok(s.Orders(t.Context(), []customer.Ref{newer.Customer, older.Customer}))(t), []customer.Order{older})
	same(t, ok(s.ReplaceOrder(t.Context(), older.ID, nil))(t), older.Customer)
	same(t, ok(s.PutOrder(t.Context(), older))(t), true)

	a := activity("a1", "1", noon, after(2))
	same(t, ok(s.ReplaceActivity(t.Context(), a.ID, &a))(t), customer.Ref(""))
	same(t, ok(s.Activities(t.Context(), []customer.Ref{a.Customer}, noon))(t), []customer.Activity{a})
	same(t, ok(s.ReplaceActivity(t.Context(), a.ID, nil))(t), a.Customer)
	same(t, ok(s.Activities(t.Context(), []customer.Ref{a.Customer}, noon))(t), []customer.Activity(nil))
}

func testRemoveCustomer(t *testing.T, s store.Store) {
	wantErr(t, s.RemoveCustomer(t.Context(), "c1", 0), store.ErrConflict)
	c := lead("c1")
	must(t, s.PutCustomer(t.Context(), c))
	wantErr(t, s.RemoveCustomer(t.Context(), "c1", 2), store.ErrConflict)
	must(t, s.RemoveCustomer(t.Context(), "c1", 1))
	_, err := s.Customer(t.Context(), "c1")
	wantErr(t, err, store.ErrNotFound)
	same(t, ok(s.CustomersByKey(t.Context(), c.Refs(), []string{c.CreditCode}))(t), []customer.Customer(nil))
	same(t, ok(s.SearchCustomers(t.Context(), "精密机械", 5))(t), []customer.Customer(nil))
	must(t, s.PutCustomer(t.Context(), c))
	c.Rev = 1
	same(t, ok(s.Customer(t.Context(), "c1"))(t), c)
}
