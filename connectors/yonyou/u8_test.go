package yonyou_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/yonyou"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/yonyou"
)

// relay is an emulated U8 account set with a clock of its own.
type relay struct {
	*emulator.U8
	*clocktest.Clock
	*stepIn
	url string
}

func u8Credentials() emulator.U8Options {
	return emulator.U8Options{FromAccount: "lingke01", AppKey: "opa1b2c3d4e5f6", AppSecret: "u8-app-secret-000000"}
}

func newRelay(t testing.TB, change func(*emulator.U8Options)) *relay {
	t.Helper()
	opts := u8Credentials()
	if change != nil {
		change(&opts)
	}
	out := &relay{Clock: newClock()}
	out.U8 = emulator.NewU8(opts, out.Now)
	mux := http.NewServeMux()
	out.Mount(mux)
	out.stepIn = &stepIn{next: mux}
	srv := httptest.NewServer(out.stepIn)
	t.Cleanup(srv.Close)
	out.url = srv.URL
	return out
}

func (n *relay) open(t testing.TB, change func(*yonyou.U8Config)) *yonyou.U8 {
	t.Helper()
	o := u8Credentials()
	cfg := yonyou.U8Config{BaseURL: n.url, FromAccount: o.FromAccount, AppKey: o.AppKey, AppSecret: o.AppSecret, CallsPerMinute: 6000}
	if change != nil {
		change(&cfg)
	}
	c, err := cfg.Open("u8", liveBy(n.Clock)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (n *relay) put(t testing.TB, form string, fields map[string]any) {
	t.Helper()
	if err := n.PutRecord(form, fields); err != nil {
		t.Fatal(err)
	}
}

func (n *relay) customer(t testing.TB, i int, name string) string {
	t.Helper()
	code := fmt.Sprintf("%010d", i)
	n.put(t, "customer", map[string]any{"code": code, "name": name, "mobile": fmt.Sprint(13800000000 + i)})
	return code
}

func (n *relay) order(t testing.TB, i, customer int, state string) string {
	t.Helper()
	code := fmt.Sprintf("SO%06d", i)
	n.put(t, "saleorderlist", map[string]any{"code": code, "date": "2026-02-28", "state": state, "custcode": fmt.Sprintf("%010d", customer), "sum": "1250.50", "personname": "张伟"})
	return code
}

func TestU8Conformance(t *testing.T) {
	t.Parallel()
	for _, refuses := range []bool{false, true} {
		connectortest.Run(t, func(t *testing.T) connectortest.Source {
			n := newRelay(t, func(o *emulator.U8Options) { o.NoModifyDate = refuses })
			var want []connectortest.Key
			for i := 1; i <= 9; i++ {
				want = append(want, connectortest.Key{Kind: connectors.Customer, ID: n.customer(t, i, "客户")})
			}
			for i := 1; i <= 5; i++ {
				want = append(want, connectortest.Key{Kind: connectors.Order, ID: n.order(t, i, i, "审核")})
			}
			return connectortest.Source{
				Connector: n.open(t, func(c *yonyou.U8Config) { c.PageSize = 4 }), Want: want,
				Change: func(t *testing.T) connectortest.Key {
					n.Pass(time.Minute)
					return connectortest.Key{Kind: connectors.Customer, ID: n.customer(t, 3, "改名")}
				},
			}
		})
	}
}

func TestU8RecordsAsTheyAre(t *testing.T) {
	t.Parallel()
	n := newRelay(t, nil)
	n.customer(t, 17, "示例客户甲有限公司")
	n.order(t, 1, 17, "新增")
	c := n.open(t, nil)
	got, next, _ := pull(t, c, "")
	want := map[string]connectors.Record{
		"customer 0000000017": {Kind: "customer", ID: "0000000017", ModifiedAt: time.Date(2026, 3, 1, 16, 0, 0, int(time.Millisecond), time.UTC), Fields: map[string]string{
			"name": "示例客户甲有限公司", "number": "0000000017", "phone": "13800000017"}},
		"order SO000001": {Kind: "order", ID: "SO000001", Customer: "0000000017", ModifiedAt: n.Now(), Fields: map[string]string{
			"number": "SO000001", "status": "open", "amount": "1250.5", "date": "2026-02-28T00:00:00+08:00", "rep": "张伟"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	n.Pass(time.Hour)
	n.order(t, 1, 17, "已审核")
	later, next, _ := pull(t, c, next)
	if r := later["order SO000001"]; r.Fields["status"] != "won" || !r.ModifiedAt.Equal(n.Now()) {
		t.Errorf("the audited order is %+v", r)
	}
	n.Pass(time.Hour)
	if again, _, _ := pull(t, c, next); len(again) > 1 || again["order SO000001"].ID != "" {
		t.Errorf("an order that has not changed came again: %v", again)
	}
}

func TestU8Failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config func(*yonyou.U8Config)
		want   error
		text   string
	}{
		{"good", nil, nil, ""},
		{"wrong secret", func(c *yonyou.U8Config) { c.AppSecret = "other" }, connectors.ErrUnauthorized, "app_secret"},
		{"wrong address", func(c *yonyou.U8Config) { c.BaseURL += "/nowhere" }, connectors.ErrConfig, "404"},
	} {
		err := newRelay(t, nil).open(t, c.config).Check(t.Context())
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: Check = %v", c.name, err)
		}
	}
	_, err := yonyou.U8Config{}.Open("u8")
	for _, key := range []string{"from_account", "app_key", "app_secret"} {
		if !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
}

func TestU8TokensThatEndAndQuotas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options func(*emulator.U8Options)
		end     func(*relay)
	}{
		"revoked":                    {nil, func(n *relay) { n.RevokeTokens() }},
		"over, without known reason": {func(o *emulator.U8Options) { o.LostCode, o.LostText = "30001", "校验失败" }, func(n *relay) { n.Pass(111 * time.Minute); n.RevokeTokens() }},
		"throttled":                  {func(o *emulator.U8Options) { o.PerMinute = 3 }, func(*relay) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newRelay(t, c.options)
			for i := 1; i <= 20; i++ {
				n.customer(t, i, "客户")
			}
			u := n.open(t, func(c *yonyou.U8Config) { c.PageSize = 5 })
			got := map[string]bool{}
			_, err := u.Pull(t.Context(), "", func(r connectors.Record) error {
				if got[r.ID] = true; len(got) == 7 {
					c.end(n)
				}
				return nil
			})
			if err != nil || len(got) != 20 {
				t.Errorf("%d customers, %v", len(got), err)
			}
		})
	}
}

func TestU8BrokenAnswersAreNeverTheEnd(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"<html>", "null", "[]", `{}`, `{"errcode":"0"}`, `{"errcode":"0","customer":{}}`, `{"errcode":"0","customer":[1]}`, `{"errcode":"50001","errmsg":"U8服务未启动"}`} {
		n := newRelay(t, nil)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/customer/batch_get" && r.URL.Query().Get("page_index") == "2" {
				_, _ = fmt.Fprint(w, broken)
				return
			}
			n.ServeHTTP(w, r)
		}))
		t.Cleanup(srv.Close)
		n.url = srv.URL
		for i := 1; i <= 9; i++ {
			n.customer(t, i, "客户")
		}
		_, err := n.open(t, func(c *yonyou.U8Config) { c.PageSize = 4 }).Pull(t.Context(), "", func(connectors.Record) error { return nil })
		if err == nil {
			t.Errorf("%q ended the pull well", broken)
		}
	}
}
