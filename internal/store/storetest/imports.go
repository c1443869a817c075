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
