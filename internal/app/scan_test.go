package app_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/ingest"
)

const scanConfig = `
model: %s
store: {uri: "sqlite://lingke.db"}
server: {tokens: ["0123456789abcdef"]}
bots: {dingtalk: {client_id: ding01, client_secret: hush-bot, base_url: %q, oapi_url: %q}}
connectors:
  erp: {type: kingdee, base_url: "%s/k3cloud/", acct_id: acct01, username: lingke, app_id: app01, app_secret: hush-erp, auth: app_secret, scan: "0 4 * * *"}
  shop: {type: rest, base_url: %q, resources: [{path: x, kind: customer, items: list, mapping: {modified_at: updated}}]}
people: [{id: lina, name: 李娜, role: manager, dingtalk: manager01}]
`

func TestDeletionsAreFoundReportedAndDoubted(t *testing.T) {
	t.Parallel()
	erp := kingdee.New(kingdee.Options{AcctID: "acct01", Username: "lingke", AppID: "app01", AppSecret: "hush-erp"}, time.Now)
	for n := 1; n <= 15; n++ {
		if err := erp.PutRecord("BD_Customer", map[string]any{"FCUSTID": n, "FNumber": fmt.Sprint("C", n), "FName": fmt.Sprintf("客户%d", n), "FModifyDate": "2026-02-01T10:00:00"}); err != nil {
			t.Fatal(err)
		}
	}
	srv := httptest.NewServer(erp.Handler())
	t.Cleanup(srv.Close)
	a := opened(t, fmt.Sprintf(scanConfig, modelFile(t), srv.URL, srv.URL, srv.URL, srv.URL))
	if _, err := a.Pull(t.Context(), "erp", false, nil); err != nil {
		t.Fatal(err)
	}
	remove := func(from, to int) {
		for n := from; n <= to; n++ {
			if err := erp.RemoveRecord("BD_Customer", int64(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove(1, 1)
	if found, err := a.Scan(t.Context(), "erp", false); err != nil || found != (ingest.Scanned{Known: 15, Gone: 1}) {
		t.Fatalf("%+v, %v", found, err)
	}
	if body := get(t, a.Handler(), "/api/v1/connectors"); !strings.Contains(body, `"gone":1,"back":0`) {
		t.Errorf("the API says %s", body)
	}
	remove(2, 13)
	if found, err := a.Scan(t.Context(), "erp", false); !errors.Is(err, ingest.ErrTooManyGone) || found.Gone != 0 {
		t.Fatalf("%+v, %v", found, err)
	}
	if n := lost(t, a); n != 1 {
		t.Errorf("%d customers are lost after a doubtful scan", n)
	}
	told, _, err := a.Store().Deliveries(t.Context(), delivery.Query{})
	if err != nil || len(told) != 1 || !strings.Contains(told[0].Text, "12 of 14 customers") || strings.Contains(told[0].Text, "hush") {
		t.Errorf("the manager was told %+v, %v", told, err)
	}
	if found, err := a.Scan(t.Context(), "erp", true); err != nil || found.Gone != 12 || lost(t, a) != 13 {
		t.Errorf("insisted on: %+v, %v", found, err)
	}
	if _, err := a.Scan(t.Context(), "shop", false); !errors.Is(err, app.ErrNoScan) {
		t.Errorf("a source that cannot list: %v", err)
	}
	if _, err := a.Scan(t.Context(), "nobody", false); !errors.Is(err, app.ErrNoConnector) {
		t.Errorf("an unknown source: %v", err)
	}
}

func lost(t *testing.T, a *app.App) (n int) {
	t.Helper()
	if err := a.Store().EachCustomer(t.Context(), func(c customer.Customer) error {
		if c.Stage == customer.Lost {
			n++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func modelFile(t *testing.T) string {
	t.Helper()
	model, err := filepath.Abs("../../configs/models/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// opened is a gateway of a config; it does not run.
func opened(t *testing.T, config string) *app.App {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lingke.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := app.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}
