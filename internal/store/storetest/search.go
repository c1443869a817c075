package storetest

import (
	"testing"

	"lingke/internal/store"
)

var searchCases = []testCase{
	{"names are found by any part, exact first, then by start", testSearch},
	{"the limit keeps the best", testSearchLimit},
	{"a changed name is found by the new one only", testSearchRenamed},
	{"names are found as they sound, whole ones first", testSearchSounds},
}

// names by id; the search must order them as each case says.
var names = map[string]string{
	"c1": "苏州精密机械有限公司",
	"c2": "精密机械",
	"c3": "精密机械（上海）有限公司",
	"c4": "ＡＢＣ Precision 株式会社",
	"c5": "abc",
	"c6": "𠮷野家🚀物流",
	"c7": "100%_纯棉\\公司",
	"c8": "械机密精",
	"c9": "精密 与 机械",
}

func putNames(t *testing.T, s store.Store) {
	t.Helper()
	for id, name := range names {
		c := lead(id)
		c.Name = name
		must(t, s.PutCustomer(t.Context(), c))
	}
}

func testSearch(t *testing.T, s store.Store) {
	putNames(t, s)
	for _, c := range []struct {
		text string
		want []string
	}{
		{"精密机械", []string{"c2", "c3", "c1"}},
		{"有限公司", []string{"c1", "c3"}},
		{"苏州精密机械有限公司", []string{"c1"}},
		{"机", []string{"c1", "c2", "c3", "c8", "c9"}},
		{"精", []string{"c2", "c3", "c9", "c1", "c8"}},
		{"abc", []string{"c5", "c4"}},
		{"ＡＢＣ", []string{"c5", "c4"}},
		{"ABC P", []string{"c4"}},
		{"PRECISION 株", []string{"c4"}},
		{"(上海)", []string{"c3"}},
		{"𠮷野", []string{"c6"}},
		{"家🚀", []string{"c6"}},
		{"🚀", []string{"c6"}},
		{"0%_纯", []string{"c7"}},
		{"%", []string{"c7"}},
		{"\\", []string{"c7"}},
		{".*", nil},
		{"精密机床", nil},
		{"精械", nil},
		{"'; DROP", nil},
	} {
		same(t, ids(ok(s.SearchCustomers(t.Context(), c.text, 10))(t)), c.want)
	}
}

func testSearchLimit(t *testing.T, s store.Store) {
	putNames(t, s)
	for limit, want := range map[int][]string{1: {"c2"}, 2: {"c2", "c3"}, 3: {"c2", "c3", "c1"}} {
		same(t, ids(ok(s.SearchCustomers(t.Context(), "精密机械", limit))(t)), want)
	}
}

func testSearchRenamed(t *testing.T, s store.Store) {
	putNames(t, s)
	c := load(t, s, "c2")
	c.Name = "精密仪器"
	must(t, s.PutCustomer(t.Context(), c))
	same(t, ids(ok(s.SearchCustomers(t.Context(), "密机", 10))(t)), []string{"c1", "c3"})
	same(t, ids(ok(s.SearchCustomers(t.Context(), "仪器", 10))(t)), []string{"c2"})
	same(t, load(t, s, "c2").Name, "精密仪器")
}

func testSearchSounds(t *testing.T, s store.Store) {
	for id, name := range map[string]string{"s1": "苏州华星精密机械有限公司", "s2": "华星", "s3": "华兴（上海）有限公司", "s4": "重庆长安", "s5": "ABC 华联"} {
		c := lead(id)
		c.Name = name
		must(t, s.PutCustomer(t.Context(), c))
	}
	for spelled, want := range map[string][]string{
		"huaxing": {"s2", "s1", "s3"}, "hx": {"s2", "s1", "s3"}, "hxjm": {"s1"}, "suzhou": {"s1"}, "szhx": {"s1"}, "chongqing": {"s4"}, "cqca": {"s4"},
		"abchl": {"s5"}, "h": nil, "": nil, "xing": nil, ".*": nil,
	} {
		same(t, ids(ok(s.SoundingCustomers(t.Context(), spelled, 10))(t)), want)
	}
	same(t, ids(ok(s.SoundingCustomers(t.Context(), "huaxing", 2))(t)), []string{"s2", "s1"})
	c := load(t, s, "s2")
	c.Name = "长江"
	must(t, s.PutCustomer(t.Context(), c))
	same(t, ids(ok(s.SoundingCustomers(t.Context(), "huaxing", 10))(t)), []string{"s1", "s3"})
	same(t, ids(ok(s.SoundingCustomers(t.Context(), "cj", 10))(t)), []string{"s2"})
}
