package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var pageCases = []testCase{
	{"each filter, alone and together, in both orders, finds what it says", testFilters},
	{"pages in id order join to the whole list", testPagesByID},
	{"pages by score join to the whole list, ties by id", testPagesByScore},
	{"customers that stay as they are come once while others change between pages", testPagesWhileWriting},
	{"pieces cut by bounds join to the whole list, whatever is added meanwhile", testBounds},
	{"lists by owners, region, risk and when a customer was active find and count what they say", testLists},
	{"a limit of 0 means 100", testPageDefault},
	{"a cursor that is none is refused", testPageCursor},
	{"streaming gives every customer once, in id order, and lets the function write", testEach},
	{"streaming ends with the function's error", testEachError},
	{"streaming the keys gives those of every customer once, in id order, and ends with the function's error", testEachHolder},
}

// shelf stores 60 customers of all kinds and returns them.
func shelf(t *testing.T, s store.Store) []customer.Customer {
	t.Helper()
	all := make([]customer.Customer, 60)
	for i := range all {
		c := lead(fmt.Sprintf("c%03d", (i*37)%60)) // not stored in id order
		c.Score = sampleScore(float64(i % 7 * 10))
		c.Tier = []string{"A", "B", "C"}[i%3]
		c.Stage = []customer.Stage{customer.Lead, customer.Active}[i%2]
		c.Pool = []string{"", "高价值线索", "重点跟进池"}[i/5%3]
		c.Owner = []string{"", "zhangwei", "lina", ""}[i/3%4]
		c.Fields = map[string]customer.Field{"region": {Value: []string{"华东", "华南"}[i%2]}}
		if i%4 == 1 {
			c.Fields["city"] = customer.Field{Value: "无锡市"}
		}
		if i%5 == 0 {
			c.AtRisk = noon
		}
		if i%4 > 0 {
			c.Active = active.AddDate(0, 0, i%4)
		}
		must(t, s.PutCustomer(t.Context(), c))
		c.Rev = 1
		all[i] = c
	}
	slices.SortFunc(all, byID)
	return all
}

func testFilters(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, owner := range []string{"", "lina", "-"} { // "-": unowned
		for _, pool := range []string{"", "重点跟进池"} {
			for _, tier := range []string{"", "B"} {
				for _, stage := range []customer.Stage{"", customer.Active} {
					q := store.CustomerQuery{Owner: owner, Pool: pool, Tier: tier, Stage: stage, Limit: 7}
					if owner == "-" {
						q.Owner, q.Unowned = "", true
					}
					checkQuery(t, s, q, all)
				}
			}
		}
	}
	checkQuery(t, s, store.CustomerQuery{Owner: "nobody"}, all)
}

// checkQuery compares both orders with what the query says of all, which is in id order.
func checkQuery(t *testing.T, s store.Store, q store.CustomerQuery, all []customer.Customer) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(all), func(c customer.Customer) bool { return !selects(q, c) })
	same(t, allPages(t, s, q, nil), want)
	q.ByScore = true
	slices.SortStableFunc(want, func(a, b customer.Customer) int { return int(b.Score.Total - a.Score.Total) })
	same(t, allPages(t, s, q, nil), want)
}

// active is before the first customer of the shelf was.
var active = time.Date(2026, 1, 31, 16, 0, 0, 0, time.UTC)

func testLists(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, q := range []store.CustomerQuery{
		{Owners: []string{"lina", "zhangwei"}}, {Owners: []string{"lina"}, Tier: "B"}, {Owners: []string{"nobody"}}, {Owner: "lina", Owners: []string{"zhangwei"}},
		{Owned: true}, {Owned: true, Tier: "A", Place: "华东"}, {Owned: true, Owner: "lina"}, {Owned: true, Owners: []string{"lina", "nobody"}},
		{Place: "华南"}, {Place: "华南", Tier: "A", Unowned: true}, {Place: "华"}, {Place: "无锡"}, {Place: "无锡", Unowned: true}, {Pool: "重点跟进池", Place: "华东"},
		{AtRisk: true}, {AtRisk: true, Owner: "lina"}, {AtRisk: true, Tier: "B", Place: "华东"}, {AtRisk: true, Owner: "nobody"},
		{ActiveFrom: active}, {ActiveTo: active.AddDate(0, 0, 3)}, {ActiveFrom: active.AddDate(0, 0, 1), ActiveTo: active.AddDate(0, 0, 2), Tier: "C"},
	} {
		q.Limit = 7
		checkQuery(t, s, q, all)
		want := slices.DeleteFunc(slices.Clone(all), func(c customer.Customer) bool { return !selects(q, c) })
		same(t, ok(s.CountCustomers(t.Context(), q, 1000))(t), len(want))
		same(t, ok(s.CountCustomers(t.Context(), q, 3))(t), min(3, len(want)))
	}
}

func selects(q store.CustomerQuery, c customer.Customer) bool {
	if len(q.Owners) > 0 && !slices.Contains(q.Owners, c.Owner) || q.Place != "" && !slices.Contains(c.Places(), q.Place) {
		return false
	}
	if q.AtRisk && c.AtRisk.IsZero() {
		return false
	}
	if !q.ActiveFrom.IsZero() && c.Active.Before(q.ActiveFrom) || !q.ActiveTo.IsZero() && (c.Active.IsZero() || !c.Active.Before(q.ActiveTo)) {
		return false
	}
	return (q.Owner == "" || c.Owner == q.Owner) && (!q.Unowned || c.Owner == "") && (!q.Owned || c.Owner != "") && (q.Pool == "" || c.Pool == q.Pool) &&
		(q.Tier == "" || c.Tier == q.Tier) && (q.Stage == "" || c.Stage == q.Stage)
}

// allPages joins the pages, and calls between, if there is one, after each.
func allPages(t *testing.T, s store.Store, q store.CustomerQuery, between func()) []customer.Customer {
	t.Helper()
	var all []customer.Customer
	for {
		page, next, err := s.Customers(t.Context(), q)
		must(t, err)
		all = append(all, page...)
		if next == "" {
			return all
		}
		if q.Limit > 0 && len(page) != q.Limit {
			t.Fatalf("a page before the last has %d customers, not %d", len(page), q.Limit)
		}
		q.After = next
		if between != nil {
			between()
		}
	}
}

func testPagesByID(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, limit := range []int{1, 7, 59, 60, 61, 1000} {
		same(t, ids(allPages(t, s, store.CustomerQuery{Limit: limit}, nil)), ids(all))
	}
}

func testPagesByScore(t *testing.T, s store.Store) {
	all := shelf(t, s)
	slices.SortStableFunc(all, func(a, b customer.Customer) int { return int(b.Score.Total - a.Score.Total) })
	for _, limit := range []int{1, 4, 60} {
		same(t, ids(allPages(t, s, store.CustomerQuery{ByScore: true, Limit: limit}, nil)), ids(all))
	}
}

func testPagesWhileWriting(t *testing.T, s store.Store) {
	all := shelf(t, s)
	for _, byScore := range []bool{false, true} {
		n := 0
		seen := ids(allPages(t, s, store.CustomerQuery{ByScore: byScore, Limit: 6}, func() {
			moving := load(t, s, all[n%10].ID) // the first ten move up and down
			moving.Score = sampleScore(float64(n * 13 % 90))
			must(t, s.PutCustomer(t.Context(), moving))
			must(t, s.PutCustomer(t.Context(), lead(fmt.Sprintf("new-%v-%d", byScore, n))))
			n++
		}))
		for _, c := range all[10:] {
			if count := slices.Index(seen, c.ID); count < 0 || slices.Contains(seen[count+1:], c.ID) {
				t.Fatalf("by score %v: customer %s, which nobody changed, is not in exactly one page: %v", byScore, c.ID, seen)
			}
		}
	}
}

func testBounds(t *testing.T, s store.Store) {
	all := ids(putLeads(t, s, 25))
	for _, n := range []int{1, 25, 26, 1000, 7} {
		var seen []string
		after := ""
		for piece := 0; ; piece++ {
			through, err := s.CustomerBound(t.Context(), after, n)
			must(t, err)
			got := ids(allPages(t, s, store.CustomerQuery{After: after, Through: through, Limit: 5}, nil))
			if len(got) > n || piece > len(all)/n+1 {
				t.Fatalf("piece %d through %q has %d customers, want at most %d", piece, through, len(got), n)
			}
			seen = append(seen, got...)
			if after = through; through == "" {
				break
			}
			if id := after + "-"; n == 7 { // belongs to the piece behind
				must(t, s.PutCustomer(t.Context(), lead(id)))
				all = append(all, id)
			}
		}
		slices.Sort(all)
		same(t, seen, all)
	}
	same(t, ids(allPages(t, s, store.CustomerQuery{Through: "c003", Tier: "A", Limit: 2}, nil)), all[:4])
}

func testPageDefault(t *testing.T, s store.Store) {
	putLeads(t, s, 101)
	page, next, err := s.Customers(t.Context(), store.CustomerQuery{})
	must(t, err)
	same(t, []any{len(page), next != ""}, []any{100, true})
}

func testPageCursor(t *testing.T, s store.Store) {
	for _, after := range []string{"x", "12", "a b", "' OR 1=1"} {
		_, _, err := s.Customers(t.Context(), store.CustomerQuery{ByScore: true, After: after})
		wantErr(t, err, store.ErrCursor)
	}
}

func testEach(t *testing.T, s store.Store) {
	all := putLeads(t, s, 300)
	var seen []string
	must(t, s.EachCustomer(t.Context(), func(c customer.Customer) error {
		seen = append(seen, c.ID)
		c.Tier = "Z"
		return s.PutCustomer(t.Context(), c)
	}))
	same(t, seen, ids(all))
	same(t, load(t, s, "c299").Tier, "Z")
}

func testEachError(t *testing.T, s store.Store) {
	putLeads(t, s, 5)
	stop, n := errors.New("enough"), 0
	err := s.EachCustomer(t.Context(), func(customer.Customer) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		t.Fatalf("EachCustomer = %v after %d customers", err, n)
	}
}

func byID(a, b customer.Customer) int { return strings.Compare(a.ID, b.ID) }

func testEachHolder(t *testing.T, s store.Store) {
	all := putLeads(t, s, 700)
	n := 0
	must(t, s.EachHolder(t.Context(), func(h store.Holder) error {
		want := all[n].Keys()
		slices.Sort(want)
		same(t, h, store.Holder{ID: all[n].ID, Keys: slices.Compact(want)})
		n++
		return nil
	}))
	same(t, n, len(all))
	enough := errors.New("enough")
	if err := s.EachHolder(t.Context(), func(store.Holder) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("EachHolder = %v, want the function's error", err)
	}
}
