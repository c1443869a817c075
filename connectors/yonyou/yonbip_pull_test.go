package yonyou_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/mapping"
	"lingke/connectors/yonyou"
	emulator "lingke/internal/emulator/yonyou"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, func(t *testing.T) connectortest.Source {
		n := newTenant(t, nil)
		var want []connectortest.Key
		for i := 1; i <= 12; i++ {
			want = append(want, connectortest.Key{Kind: connectors.Customer, ID: n.customer(t, i, when(i))})
		}
		for i := 1; i <= 5; i++ {
			want = append(want, connectortest.Key{Kind: connectors.Order, ID: n.order(t, i, i, i, when(i))})
		}
		return connectortest.Source{
			Connector: n.open(t, func(c *yonyou.Config) { c.PageSize = 4 }), Want: want,
			Change: func(t *testing.T) connectortest.Key {
				n.Pass(time.Hour)
				return connectortest.Key{Kind: connectors.Customer, ID: n.customer(t, 3, "")}
			},
		}
	})
}

// industryAndRep are rules of all forms: one key for another, nothing, and an expression over a value of an order.
func industryAndRep(t *testing.T) mapping.Mapping {
	t.Helper()
	var industry, rep mapping.Rule
	err := errors.Join(industry.UnmarshalText([]byte("customerIndustryCode")), rep.Expr.UnmarshalText([]byte("upper(corpContactUserName)")))
	if err != nil {
		t.Fatal(err)
	}
	return mapping.Mapping{"industry": industry, "website": {}, "order.rep": rep}
}

func TestACustomerAndAnOrderAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, names := range []string{"", "zh_CN"} {
		n := newTenant(t, func(o *emulator.Options) { o.Names = names })
		n.put(t, "merchant", map[string]any{"id": customerID(1), "code": "C1", "name": "华东精密有限公司", "creditCode": "91310000MA1FL0000X",
			"contactName": "王芳", "contactTel": "13800000000", "peopleNum": 120, "customerIndustryCode": "C35", "modifyTime": "2026-02-03 08:30:00"})
		n.put(t, "voucherorder", map[string]any{"id": orderID(1), "code": "XS1", "vouchdate": "2026-02-01 00:00:00", "agentId": customerID(1), "corpContactUserName": "张伟 zw", "website": "https://example.com",
			"payMoney": "1250000.50", "nextStatus": "DELIVERGOODS", "modifyTime": "2026-02-03 08:31:00",
			"lines": []any{map[string]any{"productName": "轴承"}, map[string]any{"productName": "齿轮"}, map[string]any{"productName": "轴承"}}})
		got, _, _ := pull(t, n.open(t, func(c *yonyou.Config) { c.Mapping = industryAndRep(t) }), "")
		want := map[string]connectors.Record{
			"customer " + customerID(1): {Kind: connectors.Customer, ID: customerID(1), ModifiedAt: time.Date(2026, 2, 3, 0, 30, 0, 0, time.UTC), Fields: map[string]string{
				"name": "华东精密有限公司", "number": "C1", "credit_code": "91310000MA1FL0000X", "contact": "王芳", "phone": "13800000000", "headcount": "120",
				"industry": "C35", "stopped": "false"}},
			"order " + orderID(1): {Kind: connectors.Order, ID: orderID(1), Customer: customerID(1), ModifiedAt: time.Date(2026, 2, 3, 0, 31, 0, 0, time.UTC), Fields: map[string]string{
				"number": "XS1", "status": "won", "amount": "1250000.5", "date": "2026-02-01T00:00:00+08:00", "product": "轴承、齿轮", "rep": "张伟 ZW"}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names %q: %s", names, diff)
		}
	}
}

// TestChangesBetweenPagesLoseNothing changes customers that were read and customers that were not, before every page, in
// lists that show the oldest and lists that show the newest first.
func TestChangesBetweenPagesLoseNothing(t *testing.T) {
	t.Parallel()
	for _, newest := range []bool{false, true} {
		n := newTenant(t, func(o *emulator.Options) { o.NewestFirst = newest })
		for i := 1; i <= 100; i++ {
			n.customer(t, i, when(i))
			n.order(t, i, i, 1+i%3, when(i))
		}
		n.before = func(list int) {
			if list%5 != 0 {
				return
			}
			n.Pass(time.Second)
			for _, i := range []int{1 + list%100, 1 + (list*7)%100, 100 - list%50} {
				n.put(t, "merchant", map[string]any{"id": customerID(i), "name": fmt.Sprintf("改名%d", list)})
				n.put(t, "voucherorder", map[string]any{"id": orderID(i), "corpContactUserName": fmt.Sprintf("改人%d", list)})
			}
		}
		small := func(c *yonyou.Config) { c.PageSize = 20 }
		got, next, _ := pull(t, n.open(t, small), "")
		n.before = nil
		if !newest && len(got) != 200 { // the newest first, who changes moves to where the walk has been
			t.Errorf("%d records, want 200", len(got))
		}
		later, _, _ := pull(t, n.open(t, nil), next)
		fresh, _, _ := pull(t, n.open(t, nil), "")
		for id, r := range later {
			got[id] = r
		}
		if diff := cmp.Diff(fresh, got); diff != "" {
			t.Errorf("newest %v: after the next pull: %s", newest, diff)
		}
	}
}

func TestAnOrderWithMoreLinesThanAPage(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	n.order(t, 1, 1, 2, "")
	n.order(t, 2, 1, 23, "")
	n.order(t, 3, 1, 2, "")
	n.order(t, 4, 1, 5, "")
	got, _, emitted := pull(t, n.open(t, func(c *yonyou.Config) { c.PageSize = 5 }), "")
	for i, lines := range map[int]int{1: 2, 2: 23, 3: 2, 4: 5} {
		if have := strings.Count(got["order "+orderID(i)].Fields["product"], "M"); have != lines {
			t.Errorf("order %d has %d products, want %d", i, have, lines)
		}
	}
	if emitted != 4 {
		t.Errorf("emitted %d times", emitted)
	}
}

// TestAKilledBackFillResumes stops every pull after a few records and counts that little is read twice.
func TestAKilledBackFillResumes(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	for i := 1; i <= 60; i++ {
		n.customer(t, i, "2026-01-01 10:00:00") // a mass import
		n.order(t, i, i, 2, "2026-01-01 10:00:00")
	}
	stop := errors.New("killed")
	got, emitted, pulls := map[string]bool{}, 0, 0
	var since connectors.Cursor
	for ; pulls < 100; pulls++ {
		left := 9
		next, err := n.open(t, func(c *yonyou.Config) { c.PageSize = 5 }).Pull(t.Context(), since, func(r connectors.Record) error {
			if left--; left < 0 {
				return stop
			}
			emitted++
			got[string(r.Kind)+r.ID] = true
			return nil
		})
		since = next
		if err == nil {
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	if len(got) != 120 || emitted > 200 {
		t.Errorf("%d records in %d pulls, emitted %d times", len(got), pulls, emitted)
	}
}

// TestABrokenAnswerIsNeverTheEnd breaks one answer after the other and goes on from the cursor each time.
func TestABrokenAnswerIsNeverTheEnd(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{
		"<html>维护中</html>", `{"code":"200","data":[{"id"`, " ", "null", "[]", `{}`, `{"code":"200"}`, `{"code":"200","data":null}`,
		`{"code":"200","data":{}}`, `{"code":"200","data":"x"}`, `{"code":"999","message":"服务端逻辑异常"}`, `{"code":310072,"message":"后端拒绝"}`,
		`{"code":"200","data":[]}{}`, `{"code":"118003","message":"查询失败"}`,
	} {
		n := newTenant(t, nil)
		for i := 1; i <= 20; i++ {
			n.customer(t, i, when(i))
		}
		n.order(t, 1, 1, 1, "")
		got, since, failures := map[string]bool{}, connectors.Cursor(""), 0
		for bad := 1; bad <= 9; bad++ {
			start := n.count("lists")
			n.instead = func(list int) string { return map[bool]string{list-start == bad: broken}[true] }
			next, err := n.open(t, func(c *yonyou.Config) { c.PageSize = 4 }).Pull(t.Context(), since, func(r connectors.Record) error {
				got[string(r.Kind)+r.ID] = true
				return nil
			})
			if err != nil {
				failures++
			} else if len(got) != 21 {
				t.Fatalf("%q: the pull succeeded with %d of 21 records", broken, len(got))
			}
			since = next
		}
		if failures == 0 || len(got) != 21 {
			t.Errorf("%q: %d failures, %d of 21 records", broken, failures, len(got))
		}
	}
}

func TestOrdersWithoutAFilterByChange(t *testing.T) {
	t.Parallel()
	n := newTenant(t, func(o *emulator.Options) { o.NoPubts = true })
	n.customer(t, 1, "")
	n.order(t, 1, 1, 1, "")
	c := n.open(t, nil)
	_, next, _ := pull(t, c, "")
	n.Pass(24 * time.Hour)
	n.order(t, 2, 1, 1, "")
	n.put(t, "voucherorder", map[string]any{"id": orderID(1), "nextStatus": "OPPOSE"})
	got, _, _ := pull(t, c, next)
	if got["order "+orderID(2)].Fields["status"] != "won" || got["order "+orderID(1)].Fields["status"] != "cancelled" {
		t.Errorf("got %v", got)
	}
}

func TestAListThatNeverStandsStillIsAnError(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	for i := 1; i <= 30; i++ {
		n.customer(t, i, when(i))
	}
	n.before = func(int) {
		n.Pass(time.Second)
		for i := 1; i <= 30; i++ {
			if n.count("lists")%2 == i%2 {
				n.customer(t, i, "")
			}
		}
	}
	_, err := n.open(t, func(c *yonyou.Config) { c.PageSize = 3 }).Pull(t.Context(), "", func(connectors.Record) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "changes faster") {
		t.Errorf("Pull = %v", err)
	}
}

func TestReceivables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		list   string
		hidden bool // rows do not show due dates
		want   map[string]map[string]string
	}{
		{"应收事项 with due dates", yonyou.ReceivablesOAR, false, map[string]map[string]string{
			customerID(1): {"receivable_amount": "1500.3", "overdue_amount": "1000.1", "overdue_days": "30"},
			customerID(2): {"receivable_amount": "0", "overdue_amount": "0", "overdue_days": "0"}}},
		{"应收事项 without", yonyou.ReceivablesOAR, true, map[string]map[string]string{
			customerID(1): {"receivable_amount": "1500.3", "overdue_amount": "1000.1"},
			customerID(2): {"receivable_amount": "0", "overdue_amount": "0"}}},
		{"应收结算清单", yonyou.ReceivablesEFI, false, map[string]map[string]string{
			customerID(1): {"receivable_amount": "2000.2"}, customerID(2): {"receivable_amount": "0"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, func(o *emulator.Options) { o.NoDueDate = c.hidden })
			put := func(customer int, amount, balance, due string) {
				n.put(t, "receivable", map[string]any{"customer": customerID(customer), "amount": amount, "balance": balance, "vouchdate": "2026-01-01", "maturitydate": due})
			}
			put(1, "1000.1", "1000.1", "2026-01-31") // 30 days ago
			put(1, "1000.1", "500.2", "2026-03-31")
			put(2, "99", "0", "2026-01-01")
			conn := n.open(t, func(cfg *yonyou.Config) { cfg.Receivables, cfg.PageSize = c.list, 2 })
			got, next, _ := pull(t, conn, "")
			for id, want := range c.want {
				if diff := cmp.Diff(want, got["customer "+id].Fields); diff != "" {
					t.Errorf("customer %s: %s", id, diff)
				}
			}
			if again, _, _ := pull(t, conn, next); len(again) != 0 {
				t.Errorf("the same day again: %v", again)
			}
			n.Pass(24 * time.Hour)
			tomorrow, _, _ := pull(t, conn, next)
			if days := tomorrow["customer "+customerID(1)].Fields["overdue_days"]; c.want[customerID(1)]["overdue_days"] == "30" && days != "31" {
				t.Errorf("a day later %s days overdue, want 31", days)
			}
		})
	}
}
