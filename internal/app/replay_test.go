package app_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/ingest"
)

const replayConfig = `
model: %s
store: {uri: "sqlite://lingke.db"}
server: {tokens: ["0123456789abcdef"]}
bots: {dingtalk: {client_id: ding01, client_secret: hush-bot, base_url: "http://127.0.0.1:9", oapi_url: "http://127.0.0.1:9"}}
connectors:
  erp: {type: kingdee, base_url: "%s/k3cloud/", acct_id: acct01, username: lingke, app_id: app01, app_secret: hush-erp, auth: app_secret%s}
  site: {type: webhook, secret: hush-hook-secret-1, auth: token%s}
  wecom: {type: contact, corp_id: ww1, secret: hush, base_url: "http://127.0.0.1:9"}
people: [{id: lina, name: 李娜, role: manager, dingtalk: manager01}]
`

// office is a gateway's folder, in which it can be opened again with another config.
type office struct {
	t    *testing.T
	dir  string
	erp  *httptest.Server
	site *kingdee.Server
	asks atomic.Int64
}

func newOffice(t *testing.T, customers int) *office {
	erp := kingdee.New(kingdee.Options{AcctID: "acct01", Username: "lingke", AppID: "app01", AppSecret: "hush-erp"}, time.Now)
	for n := 1; n <= customers; n++ {
		if err := erp.PutRecord("BD_Customer", map[string]any{
			"FCUSTID": n, "FNumber": fmt.Sprint("C", n), "FName": fmt.Sprintf("客户%d", n), "FShortName": fmt.Sprintf("简称%d", n), "FTEL": "0571-88880000",
			"FModifyDate": "2026-02-01T10:00:00", "F_LK_INDUSTRY": "机械",
		}); err != nil {
			t.Fatal(err)
		}
	}
	o := &office{t: t, dir: t.TempDir(), site: erp}
	o.erp = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asks.Add(1)
		erp.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(o.erp.Close)
	return o
}

// open opens the gateway with more settings of the ERP and of the web form; close it before the next.
func (o *office) open(erp, site string) *app.App {
	o.t.Helper()
	file := filepath.Join(o.dir, "lingke.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, replayConfig, modelFile(o.t), o.erp.URL, erp, site), 0o600); err != nil {
		o.t.Fatal(err)
	}
	cfg, err := app.LoadConfig(file)
	if err != nil {
		o.t.Fatal(err)
	}
	a, err := app.New(o.t.Context(), cfg)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = a.Close() })
	return a
}

func named(t *testing.T, a *app.App, ref customer.Ref) customer.Customer {
	t.Helper()
	found, err := a.Store().CustomersByKey(t.Context(), []customer.Ref{ref}, nil)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %d customers, %v", ref, len(found), err)
	}
	return found[0]
}

func TestAChangedMappingHoldsForThePastWithoutAskingTheSource(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 30)
	a := o.open("", "")
	if _, err := a.Pull(t.Context(), "erp", false, nil); err != nil {
		t.Fatal(err)
	}
	header := http.Header{"Authorization": {"Bearer hush-hook-secret-1"}}
	body := `{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00+08:00","data":{"id":"a1","name":"张三","staff":"120","note":"x"}}`
	push := httptest.NewRequest(http.MethodPost, "/hooks/site", strings.NewReader(body))
	push.Header = header
	rec := httptest.NewRecorder()
	stop := running(t, a)
	a.Handler().ServeHTTP(rec, push)
	if rec.Code != http.StatusOK && rec.Code != http.StatusAccepted {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	for {
		if found, _ := a.Store().CustomersByKey(t.Context(), []customer.Ref{"site/a1"}, nil); len(found) == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	must(t, a.Close())
	asked := o.asks.Load()

	// Another field for the name, one left out; the form's staff is the headcount.
	a = o.open(`, mapping: {name: FShortName, number: ""}`, `, mapping: {headcount: staff}`)
	dry, err := a.Replay(t.Context(), "erp", true, nil)
	must(t, err)
	if text := strings.Join(dry, "\n"); !strings.Contains(text, "30 raw records read anew; dry run") || !strings.Contains(text, "30 changed") || !strings.Contains(text, `name: "客户`) || named(t, a, "erp/7").Name != "客户7" {
		t.Errorf("%s; the name is %s", text, named(t, a, "erp/7").Name)
	}
	_, err = a.Replay(t.Context(), "erp", false, nil)
	must(t, err)
	_, err = a.Replay(t.Context(), "site", false, nil)
	must(t, err)
	c, web := named(t, a, "erp/7"), named(t, a, "site/a1")
	if _, numbered := c.Fields["number"]; c.Name != "简称7" || numbered || web.Text("headcount") != "120" || web.Text("staff") != "" {
		t.Errorf("%s %v; %v", c.Name, c.Fields, web.Fields)
	}
	must(t, a.Close())

	// A key that was never asked for: named, with what to do; after that it works.
	a = o.open(`, mapping: {industry: F_LK_INDUSTRY}`, "")
	if _, err = a.Replay(t.Context(), "erp", false, nil); !errors.Is(err, connectors.ErrNotKept) || !strings.Contains(err.Error(), "F_LK_INDUSTRY (30)") {
		t.Errorf("what is not kept: %v", err)
	}
	if o.asks.Load() != asked {
		t.Errorf("the ERP was asked %d times", o.asks.Load()-asked)
	}
	_, err = a.Pull(t.Context(), "erp", true, nil)
	must(t, err)
	_, err = a.Replay(t.Context(), "erp", false, nil)
	must(t, err)
	if c := named(t, a, "erp/7"); c.Text("industry") != "机械" || c.Name != "客户7" || c.Text("number") != "C7" {
		t.Errorf("%v", c.Fields)
	}
	if _, err = a.Replay(t.Context(), "wecom", false, nil); !errors.Is(err, app.ErrNoReplay) {
		t.Errorf("a connector without a mapping: %v", err)
	}
	if _, err = a.Replay(t.Context(), "nobody", false, nil); !errors.Is(err, app.ErrNoConnector) {
		t.Errorf("no connector: %v", err)
	}
}

func TestNothingIsKeptWhereTheConfigSaysNever(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 3)
	a := o.open(", keep_raw: never", "")
	_, err := a.Pull(t.Context(), "erp", false, nil)
	must(t, err)
	if _, err := a.Replay(t.Context(), "erp", true, nil); !errors.Is(err, ingest.ErrNothingKept) || !strings.Contains(err.Error(), "never") {
		t.Errorf("%v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// running lets the gateway work until stop is called.
func running(t *testing.T, a *app.App) (stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx, l) }()
	return func() {
		cancel()
		must(t, <-done)
	}
}
