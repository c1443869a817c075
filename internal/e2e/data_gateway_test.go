package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lingke/configs"
	"lingke/connectors/webhook"
	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/sample"
	"lingke/internal/emulator/wecom"
	"lingke/internal/inbox"
)

// dataSecret signs the pushes of the tests.
const dataSecret = "whsec_ZGF0YS10ZXN0cy1zaWduLXdpdGgtdGhpcw=="

// dataWeCom is the emulated WeCom app.
var dataWeCom = wecom.Options{
	CorpID: "wwdata0000000001", AgentID: 1000002, Secret: "data-wecom-secret", Token: "dataToken123",
	AESKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
	// No limits: what is measured is the gateway.
	CallsPerMin: -1, PerMemberMin: -1, PerMemberHour: -1,
}

// dataConfig is a gateway with both chat products, an ERP that is pulled when a test says so, and a signed webhook.
const dataConfig = `
timezone: Asia/Shanghai
store: {uri: "sqlite://%[1]s/lingke.db"}
server: {addr: "%[2]s", public_url: "http://%[2]s", tokens: ["data-token"]}
bots:
  dingtalk: {client_id: "dingdata", client_secret: "data-dingtalk-secret", card_template: "data.schema", base_url: "%[3]s", oapi_url: "%[3]s"}
  wecom: {corp_id: "wwdata0000000001", agent_id: 1000002, secret: "data-wecom-secret", token: "dataToken123",
    encoding_aes_key: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", base_url: "%[3]s"}
connectors:
  crm: {type: webhook, secret: "%[4]s"}
  kingdee: {type: kingdee, base_url: "%[3]s/k3cloud/", acct_id: "data", username: "integration",
    app_id: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", app_secret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
  approvals: {type: approval, client_id: "dingdata", client_secret: "data-dingtalk-secret", base_url: "%[3]s", process_code: "PROC-NEW-CUSTOMER",
    mapping: {id: 客户编号, name: customer, credit_code: 统一社会信用代码, phone: 联系电话, industry: DDSelectField-1}}
  contacts: {type: contact, corp_id: "wwdata0000000001", secret: "data-wecom-secret", base_url: "%[3]s"}
people:
  - {id: wangfang, name: 王芳, role: manager, team: 销售管理部, dingtalk: manager1001, wecom: WangFang}
  - {id: zhangwei, name: 张伟, role: rep, team: 高级销售, dingtalk: manager4220, wecom: ZhangWei}
  - {id: lina, name: 李娜, role: rep, team: 高级销售, dingtalk: rep4221}
  - {id: liuyang, name: 刘洋, role: rep, team: 普通销售, dingtalk: rep4222, wecom: LiuYang}
pools:
  - {name: 高价值线索, when: "得分 > 80", team: 高级销售, strategy: claim, notify: [team, manager], task: {title: 首次联系, due: 2h}}
  - {name: 重点跟进池, when: "得分 > 50", team: 普通销售, strategy: claim, task: {title: 首次联系, due: 1d}}
  - {name: 市场培育池, when: "true", team: 高级销售, strategy: hold}
model: models/default.yaml
delivery: # at any hour, and as fast as the platforms take it: what is measured is the gateway
  quiet: off
  budgets: {dingtalk: {api_second: 0, month_calls: 0, robot_minute: 0}, wecom: {api_minute: 0, person_minute: 0, person_hour: 0, robot_minute: 0, accounts: -1}}
`

// dataGateway is a gateway that runs in this process on a loopback listener, the emulated platforms beside it.
type dataGateway struct {
	app *app.App
	em  *emulator.Emulator
	url string
	now func() time.Time
	// watch sees every request to the platforms before they do; nil where nobody looks.
	watch func(http.Handler) http.Handler
}

// newDataGateway runs a gateway whose clock begins at start and goes at the usual pace; it stops when the test ends. seed and watch may be nil.
func newDataGateway(tb testing.TB, start time.Time, seed func(emulator.Records) error, watch func(http.Handler) http.Handler) *dataGateway {
	tb.Helper()
	return newDataGatewayOf(tb, start, seed, watch, dataConfig)
}

// newDataGatewayOf is newDataGateway with a config that is written as dataConfig is.
func newDataGatewayOf(tb testing.TB, start time.Time, seed func(emulator.Records) error, watch func(http.Handler) http.Handler, config string) *dataGateway {
	tb.Helper()
	return startDataGateway(tb, start, seed, &dataGateway{watch: watch}, config)
}

func startDataGateway(tb testing.TB, start time.Time, seed func(emulator.Records) error, g *dataGateway, config string) *dataGateway {
	tb.Helper()
	began := time.Now()
	g.now = func() time.Time { return start.Add(time.Since(began)) }
	platforms, gateway := dataListen(tb), dataListen(tb)
	text := g.emulate(tb, seed, gateway, platforms, config)
	cfg, err := configs.Parse("data.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
	if err != nil {
		tb.Fatal(err)
	}
	if g.app, err = app.New(tb.Context(), cfg, app.WithClock(g.now)); err != nil {
		tb.Fatal(err)
	}
	g.run(tb, gateway, platforms)
	return g
}

// newDataGatewayApart is newDataGateway, by the machine's clock, with the gateway in a process of its own, as it is in use: it does not share a scheduler and a heap with the platforms and with
// what drives it. There is no app beside it.
func newDataGatewayApart(tb testing.TB) *dataGateway {
	tb.Helper()
	g := &dataGateway{now: time.Now}
	platforms, gateway := dataListen(tb), dataListen(tb)
	text := g.emulate(tb, nil, gateway, platforms, dataConfig)
	emulated, stopEmulated := context.WithCancel(context.Background())
	emulatorEnded := make(chan error, 1)
	go func() { emulatorEnded <- g.serveEmulator(emulated, platforms) }()
	tb.Cleanup(func() {
		stopEmulated()
		if err := <-emulatorEnded; err != nil {
			tb.Error(err)
		}
	})
	file := filepath.Join(tb.TempDir(), "data.yaml")
	if err := errors.Join(os.WriteFile(file, []byte(text), 0o600), gateway.Close()); err != nil {
		tb.Fatal(err)
	}
	p := startProcess(tb, gateway.Addr().String(), gatewayCommand(file, 0))
	tb.Cleanup(func() {
		if err := p.terminate(tb, 30*time.Second); err != nil {
			tb.Errorf("stop: %v\n%s", err, p.stderr)
		}
	})
	return g
}

// emulate makes the platforms that a gateway listening to one address works with, and returns the gateway's config file.
func (g *dataGateway) emulate(tb testing.TB, seed func(emulator.Records) error, gateway, platforms net.Listener, config string) string {
	tb.Helper()
	g.url = "http://" + gateway.Addr().String()
	wc := dataWeCom
	wc.CallbackURL = g.url + "/callbacks/wecom"
	var err error
	g.em, err = emulator.New(emulator.Options{
		People: sample.People(), WeCom: wc, Seed: seed, Now: g.now,
		DingTalk: dingtalk.Options{ClientID: "dingdata", ClientSecret: "data-dingtalk-secret", CorpID: "dingdatacorp", CardTemplate: "data.schema",
			Limits: dingtalk.Limits{QPS: -1}},
		Kingdee: kingdee.Options{
			AcctID: "data", Username: "integration", AppID: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", AppSecret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprintf(config, tb.TempDir(), gateway.Addr(), "http://"+platforms.Addr().String(), dataSecret)
}

func dataListen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// run starts both; the gateway stops first, since it still sends while it stops.
func (g *dataGateway) run(tb testing.TB, gateway, platforms net.Listener) {
	working, stop := context.WithCancel(context.Background())
	emulated, stopEmulated := context.WithCancel(context.Background())
	ended, emulatorEnded := make(chan error, 1), make(chan error, 1)
	go func() { emulatorEnded <- g.serveEmulator(emulated, platforms) }()
	go func() { ended <- g.app.Run(working, gateway) }()
	tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
		stopEmulated()
		if err := <-emulatorEnded; err != nil {
			tb.Error(err)
		}
		if err := g.app.Close(); err != nil {
			tb.Error(err)
		}
	})
}

// serveEmulator is emulator.Run that lets watch see the requests.
func (g *dataGateway) serveEmulator(ctx context.Context, l net.Listener) error {
	if g.watch == nil {
		return g.em.Run(ctx, l)
	}
	srv := &http.Server{Handler: g.watch(g.em.Handler()), ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() {
		g.em.Close()
		_ = srv.Close()
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// dataItem is one record of a push.
type dataItem struct {
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

// dataAnswer is what the hook answers.
type dataAnswer struct {
	Status   string   `json:"status"`
	Accepted int      `json:"accepted"`
	Refused  []string `json:"refused"`
}

// push posts records as one signed webhook.
func (g *dataGateway) push(tb testing.TB, id string, items []dataItem) dataAnswer {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"type": "customer.upsert", "timestamp": g.now().Format(time.RFC3339), "data": items})
	if err != nil {
		tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, g.url+"/hooks/crm", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header = webhook.Sign(dataSecret, id, g.now(), body)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatalf("push %s: %s %s %v", id, resp.Status, text, err)
	}
	var answer dataAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		tb.Fatalf("push %s: %v: %s", id, err, text)
	}
	return answer
}

// settle waits until every stored event is worked on and every effect is carried out.
func (g *dataGateway) settle(tb testing.TB) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(3 * time.Minute)
	for !g.settled(tb) {
		select {
		case <-tick.C:
		case <-limit:
			tb.Fatal("still at work after three minutes")
		}
	}
}

func (g *dataGateway) settled(tb testing.TB) bool {
	tb.Helper()
	dead, err := g.app.Store().Events(tb.Context(), inbox.Dead, 1)
	if err != nil || len(dead) > 0 {
		tb.Fatal(err, dead)
	}
	due, err := g.app.Store().Events(tb.Context(), inbox.Due, 1)
	if err != nil {
		tb.Fatal(err)
	}
	pending, err := g.app.Store().PendingCustomers(tb.Context(), 1)
	if err != nil {
		tb.Fatal(err)
	}
	return len(due)+len(pending) == 0
}
