package xingchen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/xingchen"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/xingchen"
)

// platform is an emulated platform with a clock of its own and a place to step in.
type platform struct {
	*emulator.Server
	url string
	*clocktest.Clock
	calls  int
	before func(call int)        // called before each call, counted from 1
	hurt   func(call int) string // what is answered instead; "" for the answer
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.calls++
	if p.before != nil {
		p.before(p.calls)
	}
	if p.hurt != nil && p.hurt(p.calls) != "" {
		_, _ = io.WriteString(w, p.hurt(p.calls))
		return
	}
	p.Server.ServeHTTP(w, r)
}

func newPlatform(t testing.TB, change func(*emulator.Options)) *platform {
	t.Helper()
	opts := emulator.Options{ClientID: "205022", ClientSecret: "xc-client-secret", OuterInstanceID: "90001"}
	if change != nil {
		change(&opts)
	}
	p := &platform{Clock: clocktest.At(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))} // 09:00 in Shanghai
	p.Server = emulator.New(opts, p.Now)
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

func (p *platform) open(t testing.TB, change func(*xingchen.Config)) *xingchen.Conn {
	t.Helper()
	cfg := xingchen.Config{BaseURL: p.url, ClientID: "205022", ClientSecret: "xc-client-secret", OuterInstanceID: "90001", PageSize: 3}
	if change != nil {
		change(&cfg)
	}
	c, err := cfg.Open("xc", xingchen.WithClock(p.Now), xingchen.WithSleep(func(ctx context.Context, d time.Duration) error {
		p.Pass(d)
		return ctx.Err()
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (p *platform) put(t testing.TB, form string, fields map[string]any) {
	t.Helper()
	if err := p.PutRecord(form, fields); err != nil {
		t.Fatal(err)
	}
}

// fill puts so many customers and orders, a minute apart.
func (p *platform) fill(t testing.TB, customers, orders int) {
	t.Helper()
	for i := range customers {
		p.put(t, "customer", map[string]any{"id": 1000 + i, "number": fmt.Sprintf("C%04d", i), "name": fmt.Sprintf("客户%d", i), "modify_time": p.stamp(i)})
	}
	for i := range orders {
		p.put(t, "sal_order", map[string]any{"id": 5000 + i, "bill_no": fmt.Sprintf("XSDD%04d", i), "bill_date": "2026-02-01", "customer_id": "1000",
			"total_amount": 100.5, "emp_name": "张伟", "modify_time": p.stamp(i)})
	}
}

func (p *platform) stamp(minute int) string {
	return time.Date(2026, 2, 1, 9, minute, 0, 0, time.UTC).Format(time.DateTime)
}

func pull(t testing.TB, c *xingchen.Conn, since connectors.Cursor) (map[string]connectors.Record, connectors.Cursor) {
	t.Helper()
	got := map[string]connectors.Record{}
	next, err := c.Pull(t.Context(), since, func(r connectors.Record) error {
		got[string(r.Kind)+" "+r.ID] = r
		return connectortest.Valid(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, next
}

func TestTheContract(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*emulator.Options){
		"as seen":                          nil,
		"no filter by time, no total_page": func(o *emulator.Options) { o.NoFilter, o.NoTotalPage = true, true },
		"newest first, code 200":           func(o *emulator.Options) { o.NewestFirst, o.Code200 = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, func(t *testing.T) connectortest.Source {
				p := newPlatform(t, change)
				p.fill(t, 7, 5)
				var want []connectortest.Key
				for i := range 7 {
					want = append(want, connectortest.Key{Kind: connectors.Customer, ID: fmt.Sprint(1000 + i)})
				}
				for i := range 5 {
					want = append(want, connectortest.Key{Kind: connectors.Order, ID: fmt.Sprint(5000 + i)})
				}
				return connectortest.Source{Connector: p.open(t, nil), Want: want, Change: func(t *testing.T) connectortest.Key {
					p.Pass(time.Minute)
					p.put(t, "customer", map[string]any{"id": 1003, "name": "改名"})
					return connectortest.Key{Kind: connectors.Customer, ID: "1003"}
				}}
			})
		})
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	p.put(t, "customer", map[string]any{"id": "1", "number": "C1", "name": "示例公司", "group_name": "华东", "c_level_name": "A价", "saler_name": "李娜", "enable": "0",
		"credit_limit": "5000.00", "taxpayer_no": "q8Jr+secret==", "modify_time": "2026-02-01 10:00:00", "custom_field": map[string]any{"industry": "机械"}})
	order := func(id, status, closed string) {
		p.put(t, "sal_order", map[string]any{"id": id, "bill_no": "X" + id, "bill_date": "2026-02-01", "customer_id": "1", "total_amount": "1,234.50", "emp_name": "张伟",
			"bill_status": status, "bill_close_state": closed, "modify_time": "2026-02-01 10:00:00"})
	}
	order("10", "C", "S")
	order("11", "Z", "")
	order("12", "Z", "H")
	c := p.open(t, nil)
	got, _ := pull(t, c, "")
	want := map[string]string{"name": "示例公司", "number": "C1", "group": "华东", "price_level": "A价", "seller": "李娜", "credit_limit": "5000.00", "enabled": "false"}
	if diff := cmp.Diff(want, got["customer 1"].Fields); diff != "" {
		t.Error(diff)
	}
	if at := got["customer 1"].ModifiedAt; !at.Equal(time.Date(2026, 2, 1, 2, 0, 0, 0, time.UTC)) {
		t.Errorf("modified at %v", at)
	}
	want = map[string]string{"number": "X10", "status": "won", "amount": "1234.50", "date": "2026-02-01T00:00:00+08:00", "rep": "张伟"}
	if diff := cmp.Diff(want, got["order 10"].Fields); diff != "" || got["order 10"].Customer != "1" {
		t.Error(diff, got["order 10"].Customer)
	}
	if a, b := got["order 11"].Fields["status"], got["order 12"].Fields["status"]; a != "open" || b != "cancelled" {
		t.Errorf("status %s and %s", a, b)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(p *platform, call int){
		"a token that ends in the middle":   func(p *platform, call int) { p.hit(call, 6, p.ExpireToken) },
		"a secret that changes in between":  func(p *platform, call int) { p.hit(call, 6, p.RotateSecret) },
		"a token that ends again and again": func(p *platform, call int) { p.hit(call, 5, p.ExpireToken); p.hit(call, 9, p.ExpireToken) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, nil)
			p.fill(t, 10, 10)
			p.before = func(call int) { trouble(p, call) }
			if got, _ := pull(t, p.open(t, nil), ""); len(got) != 20 {
				t.Errorf("%d records", len(got))
			}
		})
	}
}

func TestATokenOfYesterdayIsRenewedBeforeItIsRefused(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	p.fill(t, 10, 10)
	n := 0
	_, err := p.open(t, nil).Pull(t.Context(), "", func(connectors.Record) error {
		if n++; n == 4 {
			p.Pass(25 * time.Hour)
		}
		return nil
	})
	if err != nil || n != 20 {
		t.Errorf("%d records, %v", n, err)
	}
}

func (p *platform) hit(call, at int, do func()) {
	if call == at {
		do()
	}
}

func TestAThrottledPlatformIsReadToTheEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 429, 503} {
		p := newPlatform(t, func(o *emulator.Options) { o.CallsPerMin, o.ThrottleHTTP = 6, status })
		p.fill(t, 10, 10)
		if got, _ := pull(t, p.open(t, func(c *xingchen.Config) { c.Rate = 500 }), ""); len(got) != 20 {
			t.Errorf("status %d: %d records", status, len(got))
		}
	}
}

func TestADocumentListThatGivesFewerRowsThanAskedForIsReadToTheEnd(t *testing.T) {
	t.Parallel()
	for _, silent := range []bool{false, true} {
		p := newPlatform(t, func(o *emulator.Options) { o.DocumentPage, o.NoTotalPage = 4, silent })
		p.fill(t, 1, 30)
		if got, _ := pull(t, p.open(t, func(c *xingchen.Config) { c.PageSize = 50 }), ""); len(got) != 31 {
			t.Errorf("%d records", len(got))
		}
	}
}

func TestARowThatMovesWhileAListIsReadIsNotMissed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, func(o *emulator.Options) { o.NewestFirst = true })
	p.fill(t, 12, 1)
	p.before = func(call int) {
		if call == 6 { // between two pages of customers: the oldest one becomes the newest
			p.Pass(time.Minute)
			p.put(t, "customer", map[string]any{"id": 1000, "name": "改名"})
		}
	}
	got, next := pull(t, p.open(t, nil), "")
	p.before = nil
	later, _ := pull(t, p.open(t, nil), next)
	for i := range 12 {
		id := fmt.Sprintf("customer %d", 1000+i)
		if got[id].ID == "" && later[id].ID == "" {
			t.Errorf("%s is missed", id)
		}
	}
	if got["customer 1000"].Fields["name"] != "改名" && later["customer 1000"].Fields["name"] != "改名" {
		t.Error("the change is missed")
	}
}

func TestFailuresAreNamedAndTellNoSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*xingchen.Config)
		hurt   func(call int) string
		want   error
		text   string
	}{
		{"wrong client secret", func(c *xingchen.Config) { c.ClientSecret = "wrong-secret" }, nil, connectors.ErrUnauthorized, "签名错误"},
		{"account that has not authorised the app", func(c *xingchen.Config) { c.OuterInstanceID = "4711" }, nil, connectors.ErrConfig, "outer_instance_id"},
		{"old secret of the authorisation", func(c *xingchen.Config) {
			c.OuterInstanceID, c.AppKey, c.AppSecret = "", "xcAppKey", "yesterdays-secret"
		}, nil, connectors.ErrUnauthorized, "1030002006"},
		{"a web page", nil, func(int) string { return "<html>502 xc-client-secret</html>" }, nil, "expected a JSON object"},
		{"half an answer", nil, func(int) string { return `{"errcode":0,"data":{"rows":[{` }, nil, "expected a JSON object"},
		{"rows that are none", nil, func(call int) string {
			if call > 2 {
				return `{"errcode":0,"data":{"count":3,"rows":["a"]}}`
			}
			return ""
		}, nil, "no usable page"},
		{"no rows where there are some", nil, func(call int) string {
			if call > 2 {
				return `{"errcode":0,"data":{"count":3}}`
			}
			return ""
		}, nil, "no usable page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t, nil)
			p.fill(t, 3, 3)
			p.hurt = c.hurt
			_, err := p.open(t, c.change).Pull(t.Context(), "", func(connectors.Record) error { return nil })
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("Pull = %v", err)
			}
			for _, secret := range []string{"xc-client-secret", "wrong-secret", "yesterdays-secret", "xingchen-app-secret"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%v tells %s", err, secret)
				}
			}
		})
	}
}

func TestOpenNamesEveryWrongKey(t *testing.T) {
	t.Parallel()
	_, err := xingchen.Config{BaseURL: "erp", PageSize: 5000, Rate: 900, Overlap: -1}.Open("xc")
	if !errors.Is(err, connectors.ErrConfig) {
		t.Fatalf("%v", err)
	}
	for _, key := range []string{"client_id", "client_secret", "outer_instance_id", "base_url", "page_size", "rate", "overlap"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", xingchen.Config{ClientSecret: "geheim"}, xingchen.Config{AppSecret: "geheim"}, xingchen.Config{AppSecret: "geheim"}); strings.Contains(text, "geheim") {
		t.Error(text)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, nil)
	p.fill(t, 1, 1)
	if err := p.open(t, nil).Check(t.Context()); err != nil {
		t.Error(err)
	}
}
