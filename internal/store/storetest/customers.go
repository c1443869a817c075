package storetest

import (
	"fmt"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var customerCases = []testCase{
	{"a missing customer is not found", testCustomerMissing},
	{"a stored customer comes back as it was, with Rev 1", testCustomerRoundTrip},
	{"texts of any script come back", testCustomerTexts},
	{"each write raises Rev by one", testCustomerRev},
	{"a write with an old or invented Rev conflicts and changes nothing", testCustomerConflict},
	{"of many at once those that conflict are named and the others stored", testManyCustomers},
	{"customers are found by any ref or credit code, once, by id", testCustomersByKey},
	{"a key that a customer gave up no longer finds it", testCustomersByFormerKey},
	{"customers whose adjustment has lapsed are found, earliest first, until they are written without it", testLapsed},
}

func testCustomerMissing(t *testing.T, s store.Store) {
	_, err := s.Customer(t.Context(), "nobody")
	wantErr(t, err, store.ErrNotFound)
	found := ok(s.CustomersByKey(t.Context(), []customer.Ref{"kingdee/1"}, []string{"x", ""}))(t)
	same(t, found, []customer.Customer(nil))
}

func testCustomerRoundTrip(t *testing.T, s store.Store) {
	c := sampleCustomer("c1")
	must(t, s.PutCustomer(t.Context(), c))
	got := load(t, s, "c1")
	c.Rev = 1
	same(t, got, c)
	if got.Updated != c.Updated || got.Updated.Location() != c.Updated.Location() {
		t.Fatalf("time %v came back as %v", c.Updated, got.Updated)
	}
}

func testCustomerTexts(t *testing.T, s store.Store) {
	for _, text := range []string{"", " 前后空格 ", "换行\n制表\t", "𠮷野家👨‍👩‍👧‍👦", "ＡＢＣ株式会社", "O'Brien; DROP TABLE customers;--", "$ne", "a.b.$c"} {
		c := sampleCustomer("id " + text)
		c.Name, c.Fields["备注"] = text, customer.Field{Value: text, Source: text, At: noon}
		must(t, s.PutCustomer(t.Context(), c))
		c.Rev = 1
		same(t, load(t, s, c.ID), c)
	}
}

func testCustomerRev(t *testing.T, s store.Store) {
	c := lead("c1")
	for want := range int64(5) {
		if c.Rev != want {
			t.Fatalf("Rev = %d after %d writes", c.Rev, want)
		}
		c.Name += "x"
		must(t, s.PutCustomer(t.Context(), c))
		c = load(t, s, "c1")
	}
	same(t, c.Name, lead("c1").Name+"xxxxx")
}

func testCustomerConflict(t *testing.T, s store.Store) {
	stored := putLeads(t, s, 1)[0]
	for _, rev := range []int64{0, 2, -1} {
		c := stored
		c.Rev, c.Name = rev, "被覆盖"
		wantErr(t, s.PutCustomer(t.Context(), c), store.ErrConflict)
	}
	ghost := lead("ghost")
	ghost.Rev = 7
	wantErr(t, s.PutCustomer(t.Context(), ghost), store.ErrConflict)
	same(t, load(t, s, stored.ID), stored)
	_, err := s.Customer(t.Context(), "ghost")
	wantErr(t, err, store.ErrNotFound)
}

func testManyCustomers(t *testing.T, s store.Store) {
	old := putLeads(t, s, 3)
	changed, stale, known := old[2], old[1], old[0]
	changed.Name, stale.Name, stale.Rev, known.Name, known.Rev = "新名称", "过时", 5, "已存在", 0
	all := []customer.Customer{lead("z"), stale, known, changed, lead("a"), sampleCustomer("m")}
	for i := range 150 {
		all = append(all, lead(fmt.Sprintf("more%03d", i)))
	}
	same(t, ok(s.PutCustomers(t.Context(), all))(t), []int{1, 2})
	same(t, load(t, s, stale.ID), old[1])
	same(t, load(t, s, known.ID), old[0])
	for _, i := range []int{0, 3, 4, 5, 100, 155} {
		want := all[i]
		want.Rev++
		same(t, load(t, s, want.ID), want)
	}
	same(t, ids(ok(s.CustomersByKey(t.Context(), []customer.Ref{"kingdee/more149", "kingdee/z"}, nil))(t)), []string{"more149", "z"})
	same(t, ids(ok(s.PendingCustomers(t.Context(), 10))(t)), []string{"m"})
	same(t, ids(ok(s.SearchCustomers(t.Context(), "新名称", 5))(t)), []string{changed.ID})
	same(t, ok(s.PutCustomers(t.Context(), nil))(t), []int(nil))
}

func testCustomersByKey(t *testing.T, s store.Store) {
	all := putLeads(t, s, 4)
	ctx := t.Context()
	found := ok(s.CustomersByKey(ctx, []customer.Ref{"kingdee/c002", "kingdee/c000", "yonyou/c001"}, []string{customer.CodeKey("code-c000"), customer.CodeKey("code-c003")}))(t)
	same(t, ids(found), []string{"c000", "c002", "c003"})
	same(t, found[0], all[0])
	same(t, ids(ok(s.CustomersByKey(ctx, nil, []string{customer.CodeKey("code-c001")}))(t)), []string{"c001"})
	same(t, ids(ok(s.CustomersByKey(ctx, []customer.Ref{"kingdee/c001"}, nil))(t)), []string{"c001"})
	same(t, ids(ok(s.CustomersByKey(ctx, nil, nil))(t)), []string(nil))
}

func testCustomersByFormerKey(t *testing.T, s store.Store) {
	c := putLeads(t, s, 1)[0]
	second := customer.Record{Ref: "website/9", At: noon}
	c.Records, c.CreditCode = append(c.Records, second), ""
	must(t, s.PutCustomer(t.Context(), c))
	find := func(ref customer.Ref, code string) []string {
		return ids(ok(s.CustomersByKey(t.Context(), []customer.Ref{ref}, []string{customer.CodeKey(code)}))(t))
	}
	same(t, find("website/9", "-"), []string{"c000"})
	same(t, find("-/-", "code-c000"), []string(nil))
	c = load(t, s, "c000")
	c.Records = []customer.Record{second}
	must(t, s.PutCustomer(t.Context(), c))
	same(t, find("kingdee/c000", "-"), []string(nil))
	same(t, find("website/9", "-"), []string{"c000"})
}

// get1 reads one customer.
func load(t *testing.T, s store.Customers, id string) customer.Customer {
	t.Helper()
	return ok(s.Customer(t.Context(), id))(t)
}

func ids(all []customer.Customer) []string {
	list := make([]string, len(all))
	for i, c := range all {
		list[i] = c.ID
	}
	return list
}

func testLapsed(t *testing.T, s store.Store) {
	for i, minutes := range []int{0, 3, 1, 2, -1} {
		c := lead(fmt.Sprintf("c%d", i))
		if i > 0 {
			c.Lapses = after(minutes)
		}
		must(t, s.PutCustomer(t.Context(), c))
	}
	lapsed := func(minutes, limit int, want ...string) {
		t.Helper()
		all, err := s.LapsedCustomers(t.Context(), after(minutes), limit)
		must(t, err)
		same(t, ids(all), want)
	}
	lapsed(2, 10, "c4", "c2", "c3") // also at the instant itself
	lapsed(2, 2, "c4", "c2")
	c := load(t, s, "c2")
	same(t, c.Lapses, after(1))
	c.Lapses = time.Time{}
	must(t, s.PutCustomer(t.Context(), c))
	c = load(t, s, "c4")
	c.Lapses = after(9)
	must(t, s.PutCustomer(t.Context(), c))
	lapsed(3, 10, "c3", "c1")
	lapsed(2, 0)
}
