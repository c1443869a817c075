package storetest

import (
	"testing"

	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/scoring"
)

var documentCases = []testCase{
	{"a document is kept by name and replaced", testDocument},
	{"a document is swapped only for what is stored", testSwap},
	{"totals are those of all customers that are not lost", testTotals},
}

func testDocument(t *testing.T, s store.Store) {
	same(t, ok(s.Document(t.Context(), "cuts"))(t), []byte(nil))
	for _, text := range []string{"one", "两个", ""} {
		must(t, s.PutDocument(t.Context(), "cuts", []byte(text)))
		same(t, string(ok(s.Document(t.Context(), "cuts"))(t)), text)
	}
	must(t, s.PutDocument(t.Context(), "other", []byte{0, 0xff}))
	same(t, string(ok(s.Document(t.Context(), "cuts"))(t)), "")
	same(t, ok(s.Document(t.Context(), "other"))(t), []byte{0, 0xff})
}

func testTotals(t *testing.T, s store.Store) {
	count := func() map[float64]int {
		seen := map[float64]int{}
		must(t, s.EachTotal(t.Context(), func(total float64) { seen[total]++ }))
		return seen
	}
	same(t, count(), map[float64]int{})
	for _, c := range []customer.Customer{
		{ID: "a", Stage: customer.Lead, Score: scoring.Result{Total: 12.345}},
		{ID: "b", Stage: customer.Active, Score: scoring.Result{Total: 12.345}},
		{ID: "c", Stage: customer.Dormant},
		{ID: "d", Stage: customer.Lost, Score: scoring.Result{Total: 99}},
	} {
		must(t, s.PutCustomer(t.Context(), c))
	}
	same(t, count(), map[float64]int{12.345: 2, 0: 1})
}

func testSwap(t *testing.T, s store.Store) {
	ctx := t.Context()
	wantErr(t, s.SwapDocument(ctx, "ledger", []byte("a"), []byte("b")), store.ErrConflict)
	must(t, s.SwapDocument(ctx, "ledger", nil, []byte("a")))
	wantErr(t, s.SwapDocument(ctx, "ledger", nil, []byte("b")), store.ErrConflict)
	must(t, s.SwapDocument(ctx, "ledger", []byte("a"), []byte("b")))
	wantErr(t, s.SwapDocument(ctx, "ledger", []byte("a"), []byte("c")), store.ErrConflict)
	same(t, string(ok(s.Document(ctx, "ledger"))(t)), "b")
	must(t, s.SwapDocument(ctx, "ledger", []byte("b"), []byte("b"))) // nothing changes, and that is no conflict
	must(t, s.SwapDocument(ctx, "ledger", []byte("b"), nil))
	must(t, s.SwapDocument(ctx, "ledger", nil, []byte("d")))
	same(t, string(ok(s.Document(ctx, "ledger"))(t)), "d")
	same(t, ok(s.Document(ctx, "other"))(t), []byte(nil))
}
