package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/emulator"
	"lingke/internal/emulator/yonyou"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

// yonyouConfig is a gateway whose customers come from Yonyou alone.
const yonyouConfig = `
store: {uri: "sqlite://%[1]s/lingke.db"}
server: {addr: "%[2]s", public_url: "http://%[2]s", tokens: ["yonyou-token"]}
bots:
  dingtalk: {client_id: dingyonyou, client_secret: yonyou-dingtalk-secret, base_url: "%[3]s", oapi_url: "%[3]s"}
connectors:
  yonyou: {type: yonyou, tenant_id: tenant01, app_key: e2eYonyouAppKey, app_secret: e2e-yonyou-app-secret, base_url: "%[3]s", receivables: oar, page_size: 3}
  u8: {type: u8, from_account: e2eU8, app_key: e2eU8Key, app_secret: e2e-u8-app-secret, base_url: "%[3]s"}
  chanjet: {type: chanjet, app_key: e2eChanjetKey, app_secret: e2e-chanjet-app-secret, message_secret: 0123456789abcdef, certificate: e2e-certificate, base_url: "%[3]s"}
people:
  - {id: zhangwei, name: 张伟, role: rep, team: 销售, dingtalk: manager4220}
pools:
  - {name: 线索池, when: "true", team: 销售, strategy: claim}
model: models/default.yaml
delivery: {quiet: off}
`

// yonyouSite is an emulated tenant of Yonyou and a gateway beside it.
type yonyouSite struct {
	t   *testing.T
	em  *emulator.Emulator
	app *app.App
}

// newYonyouSite starts the platforms and the gateway; events go from one to the other. Both end with the test.
func newYonyouSite(t *testing.T) *yonyouSite {
	t.Helper()
	platforms, gateway := loopback(t), loopback(t)
	s := &yonyouSite{t: t}
	var err error
	s.em, err = emulator.New(emulator.Options{YonBIP: yonyou.Options{
		TenantID: "tenant01", AppKey: "e2eYonyouAppKey", AppSecret: "e2e-yonyou-app-secret",
		EventURL: "http://" + gateway.Addr().String() + "/hooks/yonyou", Repeat: 2, RetryGap: 10 * time.Millisecond,
	}, U8: yonyou.U8Options{FromAccount: "e2eU8", AppKey: "e2eU8Key", AppSecret: "e2e-u8-app-secret"}, Chanjet: yonyou.ChanjetOptions{
		AppKey: "e2eChanjetKey", AppSecret: "e2e-chanjet-app-secret", MessageSecret: "0123456789abcdef", Certificate: "e2e-certificate",
		MessageURL: "http://" + gateway.Addr().String() + "/hooks/chanjet",
	}})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(yonyouConfig, t.TempDir(), gateway.Addr(), "http://"+platforms.Addr().String())
	cfg, err := configs.Parse("yonyou.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
	if err != nil {
		t.Fatal(err)
	}
	if s.app, err = app.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	emulated, working := make(chan error, 1), make(chan error, 1)
	go func() { emulated <- s.em.Run(ctx, platforms) }()
	go func() { working <- s.app.Run(ctx, gateway) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-emulated, <-working, s.app.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *yonyouSite) put(form string, fields map[string]any) {
	s.t.Helper()
	if err := s.em.YonBIP().PutRecord(form, fields); err != nil {
		s.t.Fatal(err)
	}
}

// sync pulls and counts.
func (s *yonyouSite) sync(full bool) int {
	s.t.Helper()
	report, err := s.app.Pull(s.t.Context(), "yonyou", full, nil)
	if err != nil || report.Bad > 0 {
		s.t.Fatalf("pull: %+v, %v", report, err)
	}
	return report.Records
}

// customer is the customer of a name; store.ErrNotFound.
func (s *yonyouSite) customer(name string) (customer.Customer, error) {
	found, err := s.app.Store().SearchCustomers(s.t.Context(), name, 2)
	if err != nil {
		return customer.Customer{}, err
	}
	if len(found) != 1 {
		return customer.Customer{}, fmt.Errorf("%d customers are called %s: %w", len(found), name, store.ErrNotFound)
	}
	return found[0], nil
}

// TestYonyouReachesTheGateway pulls a tenant, is told of changes by its events, and pulls again.
func TestYonyouReachesTheGateway(t *testing.T) {
	t.Parallel()
	s := newYonyouSite(t)
	const id = 1700194312096055001
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(zone)
	for i := range 7 {
		s.put("merchant", map[string]any{"id": id + i, "code": fmt.Sprint("C", i), "name": fmt.Sprintf("华东精密%d号有限公司", i), "createOrgCode": "ORG1", "contactTel": fmt.Sprint("1380000000", i)})
		s.put("voucherorder", map[string]any{"code": fmt.Sprint("XS", i), "agentId": fmt.Sprint(id + i), "vouchdate": today.Format(time.DateTime), "payMoney": "120000.50",
			"nextStatus": "ENDORDER", "lines": []any{map[string]any{"productName": "轴承"}, map[string]any{"productName": "齿轮"}}})
	}
	s.put("receivable", map[string]any{"customer": fmt.Sprint(id), "amount": "500.25", "balance": "300.25", "vouchdate": today.AddDate(0, -2, 0).Format(time.DateOnly),
		"maturitydate": today.AddDate(0, 0, -40).Format(time.DateOnly)})
	if n := s.sync(true); n != 7+7+1 {
		t.Errorf("%d records in the full pull, want 15", n)
	}
	c, err := s.customer("华东精密0号有限公司")
	if err != nil {
		t.Fatal(err)
	}
	orders, err := s.app.Store().Orders(t.Context(), c.Refs())
	if err != nil || len(orders) != 1 || orders[0].Amount.String() != "120000.50" || orders[0].Product != "轴承、齿轮" {
		t.Errorf("orders %+v, %v", orders, err)
	}
	if have := c.Records[0].Values["overdue_days"].Text; have != "40" {
		t.Errorf("overdue for %q days", have)
	}
	s.put("merchant", map[string]any{"id": id + 1, "name": "华东精密改名有限公司"})
	s.put("merchant", map[string]any{"id": id + 90, "code": "C90", "name": "华南新客有限公司", "createOrgCode": "ORG1"})
	eventually(t, 20*time.Second, "the changes that events tell", func() error {
		_, err := s.customer("华南新客有限公司")
		_, renamed := s.customer("华东精密改名有限公司")
		return errors.Join(err, renamed)
	})
	eventually(t, 20*time.Second, "the events of 16 changes, each sent twice", func() error {
		if n := s.em.YonBIP().Taken(); n != 2*16 {
			return fmt.Errorf("%d were taken", n)
		}
		return nil
	})
	if dead, err := s.app.Store().Events(t.Context(), inbox.Dead, 10); err != nil || len(dead) > 0 {
		t.Errorf("dead events: %v, %v", dead, err)
	}
	s.put("voucherorder", map[string]any{"code": "XS99", "agentId": fmt.Sprint(id), "vouchdate": today.Format(time.DateTime), "payMoney": 1, "nextStatus": "OPPOSE"})
	s.sync(false)
	if orders, err = s.app.Store().Orders(t.Context(), c.Refs()); err != nil || len(orders) != 2 {
		t.Errorf("after the next pull: %+v, %v", orders, err)
	}
}

// TestU8AndChanjetReachTheGateway pulls both; the second waits for the ticket that it asks for.
func TestU8AndChanjetReachTheGateway(t *testing.T) {
	t.Parallel()
	s := newYonyouSite(t)
	u8, chanjet := s.em.U8(), s.em.Chanjet()
	err := errors.Join(
		u8.PutRecord("customer", map[string]any{"code": "0001", "name": "示例客户甲有限公司", "mobile": "13800000001"}),
		u8.PutRecord("saleorderlist", map[string]any{"code": "SO1", "custcode": "0001", "date": time.Now().Format(time.DateOnly), "state": "审核", "sum": "88.80"}),
		chanjet.PutRecord("partner", map[string]any{"Code": "P1", "Name": "示例往来单位有限公司"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	if report, err := s.app.Pull(t.Context(), "u8", true, nil); err != nil || report.Records != 2 {
		t.Errorf("u8: %+v, %v", report, err)
	}
	eventually(t, 20*time.Second, "a ticket and what it opens", func() error {
		_, err := s.app.Pull(t.Context(), "chanjet", false, nil)
		return err
	})
	for _, name := range []string{"示例客户甲有限公司", "示例往来单位有限公司"} {
		if _, err := s.customer(name); err != nil {
			t.Error(err)
		}
	}
}
