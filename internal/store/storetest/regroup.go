package storetest

import (
	"testing"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var regroupCases = []testCase{
	{"a merged id is another name of the one it was merged into", testRegroupMerge},
	{"several merges at once lead to the customer that each names", testRegroupInto},
	{"names stay right when merged customers are merged again", testRegroupChain},
	{"a merged customer leaves keys, pages, search and holdings", testRegroupLeaves},
	{"a customer that parts takes its id and its keys back", testRegroupPart},
	{"a former id put by itself becomes a customer again", testPutFormerID},
	{"an old Rev of any customer conflicts and no customer is lost", testRegroupConflict},
}

// merged gives into the records of all and its Rev.
func merged(into customer.Customer, all ...customer.Customer) customer.Customer {
	for _, c := range all {
		into.Records = append(into.Records[:len(into.Records):len(into.Records)], c.Records...)
	}
	return into
}

func gone(all ...customer.Customer) []store.Gone {
	var list []store.Gone
	for _, c := range all {
		list = append(list, store.Gone{ID: c.ID, Rev: c.Rev})
	}
	return list
}

func testRegroupMerge(t *testing.T, s store.Store) {
	c := putLeads(t, s, 3)
	m := merged(c[0], c[1])
	must(t, s.Regroup(t.Context(), []customer.Customer{m}, gone(c[1])))
	m.Rev = 2
	same(t, load(t, s, "c000"), m)
	same(t, load(t, s, "c001"), m)
	same(t, load(t, s, "c002"), c[2])
}

func testRegroupInto(t *testing.T, s store.Store) {
	c := putLeads(t, s, 4)
	pairs := []customer.Customer{merged(c[0], c[1]), merged(c[2], c[3])}
	leave := gone(c[1], c[3])
	leave[1].Into = "c002"
	must(t, s.Regroup(t.Context(), pairs, leave))
	same(t, load(t, s, "c001").ID, "c000")
	same(t, load(t, s, "c003").ID, "c002")
}

func testRegroupChain(t *testing.T, s store.Store) {
	c := putLeads(t, s, 4)
	ctx := t.Context()
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[2], c[3])}, gone(c[3])))
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[1], load(t, s, "c002"))}, gone(load(t, s, "c002"))))
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[0], load(t, s, "c001"))}, gone(load(t, s, "c001"))))
	want := load(t, s, "c000")
	same(t, len(want.Records), 4)
	for _, id := range []string{"c001", "c002", "c003"} {
		same(t, load(t, s, id), want)
	}
}

func testRegroupLeaves(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := putLeads(t, s, 2)
	mine := owned(c[1], "lina")
	must(t, s.PutCustomer(ctx, mine))
	mine.Rev++
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[0], mine)}, gone(mine)))
	same(t, ids(ok(s.CustomersByKey(ctx, []customer.Ref{"kingdee/c001"}, nil))(t)), []string{"c000"})
	same(t, ids(ok(s.CustomersByKey(ctx, nil, []string{customer.CodeKey("code-c001")}))(t)), []string(nil))
	same(t, ids(ok(s.SearchCustomers(ctx, "有限公司", 10))(t)), []string{"c000"})
	page, _, err := s.Customers(ctx, store.CustomerQuery{})
	must(t, err)
	same(t, ids(page), []string{"c000"})
}

func testRegroupPart(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := putLeads(t, s, 2)
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[0], c[1])}, gone(c[1])))
	stay, parts := c[0], c[1]
	stay.Rev, parts.Rev = 2, 0
	must(t, s.Regroup(ctx, []customer.Customer{stay, parts}, nil))
	stay.Rev, parts.Rev = 3, load(t, s, "c001").Rev
	same(t, load(t, s, "c000"), stay)
	same(t, load(t, s, "c001"), parts)
	same(t, ids(ok(s.CustomersByKey(ctx, []customer.Ref{"kingdee/c001"}, nil))(t)), []string{"c001"})
	parts.Name = "改名"
	must(t, s.PutCustomer(ctx, parts))
}

func testPutFormerID(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := putLeads(t, s, 2)
	must(t, s.Regroup(ctx, []customer.Customer{merged(c[0], c[1])}, gone(c[1])))
	back := c[1]
	back.Rev = 0
	must(t, s.PutCustomer(ctx, back))
	same(t, load(t, s, "c001").ID, "c001")
	same(t, load(t, s, "c000").ID, "c000")
	wantErr(t, s.PutCustomer(ctx, back), store.ErrConflict)
	if rev := load(t, s, "c001").Rev; rev <= c[1].Rev {
		t.Fatalf("c001 came back with rev %d, after %d", rev, c[1].Rev)
	}
}

func testRegroupConflict(t *testing.T, s store.Store) {
	ctx := t.Context()
	c := putLeads(t, s, 3)
	stale := func(c customer.Customer) customer.Customer { c.Rev += 5; return c }
	wantErr(t, s.Regroup(ctx, []customer.Customer{stale(c[0])}, gone(c[1])), store.ErrConflict)
	wantErr(t, s.Regroup(ctx, []customer.Customer{c[0]}, gone(stale(c[1]))), store.ErrConflict)
	wantErr(t, s.Regroup(ctx, []customer.Customer{load(t, s, "c000")}, gone(lead("never"))), store.ErrConflict)
	for _, want := range c {
		got := load(t, s, want.ID)
		got.Rev = want.Rev // without transactions the first of put may have been written
		same(t, got, want)
		same(t, ids(ok(s.CustomersByKey(ctx, want.Refs(), nil))(t)), []string{want.ID})
	}
}
