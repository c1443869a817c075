package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/bots"
	"lingke/configs"
	"lingke/connectors/webhook"
	"lingke/internal/app"
	"lingke/internal/delivery"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

// hush is the value of an environment variable of the full sample config: recognisable where it is a secret.
func hush(name string) string {
	switch {
	case name == "KINGDEE_APP_ID":
		return erpApp
	case name == "KINGDEE_APP_SECRET":
		return erpSecret
	case name == "CHANJET_MESSAGE_SECRET":
		return "hushCHANJETMSG16"
	case strings.Contains(name, "AES_KEY"):
		return ("hush" + strings.ReplaceAll(name, "_", "") + strings.Repeat("a", 43))[:43]
	}
	return "hush" + strings.ReplaceAll(name, "_", "") + "0123456789"
}

// public are variables whose values are no secrets: who knows them knows only whom we are.
var public = regexp.MustCompile(`_ID$|_APP_KEY$|FROM_ACCOUNT$|^NAME$`)

// moods are how the world outside answers.
type mood int32

const (
	broken   mood = iota // 500, with everything that it was sent
	refusing             // 401, with everything
	babbling             // 200, with everything
	moving               // a redirect to an address with everything
	willing              // as the platforms do
	moodsEnd
)

// outside is everything that a gateway calls: platforms, sources, other systems.
type outside struct {
	mood  atomic.Int32
	next  http.Handler
	calls atomic.Int64
}

func (o *outside) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.calls.Add(1)
	m := mood(o.mood.Load())
	if m == willing {
		o.next.ServeHTTP(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	sent := fmt.Sprintf("%s %s %v %s", r.Method, r.URL, r.Header, body)
	answer, _ := json.Marshal(map[string]any{"code": "some.code", "errcode": 40001, "errmsg": sent, "message": sent, "error": sent, "msg": sent})
	switch m {
	case broken:
		w.WriteHeader(http.StatusInternalServerError)
	case refusing:
		w.WriteHeader(http.StatusUnauthorized)
	case moving:
		w.Header().Set("Location", "/moved?all="+url.QueryEscape(sent))
		w.WriteHeader(http.StatusFound)
	}
	_, _ = w.Write(answer)
}

// heard collects what a gateway says.
type heard struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all.Write(p)
}

func (h *heard) add(what string, v any) { _, _ = fmt.Fprintf(h, "\n[%s] %+v\n", what, v) }

func (h *heard) text() string { h.mu.Lock(); defer h.mu.Unlock(); return h.all.String() }

// sampleConfig is the full sample, whose addresses lead to a server.
func sampleConfig(t *testing.T, address, at string) *configs.Config {
	t.Helper()
	file, err := os.ReadFile("../../configs/samples/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(file)
	for old, now := range map[string]string{
		`base_url: ""`: `base_url: "` + address + `"`, `oapi_url: ""`: `oapi_url: "` + address + `"`, "https://erp.example.com": address, "https://shop.example.com": address,
		"https://warehouse.example.com": address, "agent_id: 0 ": "agent_id: 77 ", `addr: ":8080"`: `addr: "` + at + `"`, "https://crm.example.com": "http://" + at,
		`uri: "sqlite://data/lingke.db"`: `uri: "sqlite://` + filepath.Join(t.TempDir(), "lingke.db") + `"`, `quiet: "21:00-08:00"`: "quiet: off", "use: both": "use: config",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("the sample has no %q", old)
		}
		text = strings.ReplaceAll(text, old, now)
	}
	text = strings.Replace(text, "    events: [tier, owner] #", "    allow_private: true\n    events: [tier, owner] #", 1)
	text = regexp.MustCompile(`(?m)^    type: (xingchen|yonyou|u8|chanjet|approval|contact)\b.*$`).ReplaceAllString(text, "$0\n    base_url: \""+address+"\"")
	cfg, err := configs.Parse(filepath.Join(filepath.Dir("../../configs/samples/full.yaml"), "full.yaml"), []byte(text), func(name string) (string, bool) { return hush(name), true }, app.Checks()...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// secretsOfSample are the values that nobody may read anywhere, plain and as they stand in addresses and bodies.
func secretsOfSample(t *testing.T) map[string]string {
	t.Helper()
	file, err := os.ReadFile("../../configs/samples/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`[^$]\$\{([A-Z_0-9]+)\}`).FindAllStringSubmatch(string(file), -1) {
		if name := m[1]; !public.MatchString(name) {
			out[name] = hush(name)
			out[name+" in base64"] = base64.StdEncoding.EncodeToString([]byte(hush(name)))
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d secrets are found: %v", len(out)/2, out)
	}
	return out
}

// TestNoSecretIsTold runs a gateway of the full sample config, each of whose secrets has a recognisable value, through answers of every kind to every client, with debug
// logging, and looks for the secrets in everything that it says: logs, answers of the API and to callbacks, metrics, what is stored of failures, doctor, check.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	l := loopback(t)
	at := l.Addr().String()
	em, err := emulator.New(emulator.Options{
		People:   []world.Person{{ID: "wangfang", Name: "王芳", DingTalk: "manager0001", WeCom: "WangFang"}, {ID: "zhangwei", Name: "张伟", DingTalk: "manager4220", WeCom: "ZhangWei"}},
		DingTalk: dingtalk.Options{ClientID: hush("DINGTALK_CLIENT_ID"), ClientSecret: hush("DINGTALK_CLIENT_SECRET"), AgentID: 77, Limits: dingtalk.Limits{QPS: -1}},
		WeCom: wecom.Options{
			CorpID: hush("WECOM_CORP_ID"), AgentID: 1000002, Secret: hush("WECOM_SECRET"), Token: hush("WECOM_TOKEN"), AESKey: hush("WECOM_ENCODING_AES_KEY"),
			CallbackURL: "http://" + at + "/callbacks/wecom", CallsPerMin: -1, PerMemberMin: -1, PerMemberHour: -1,
		},
		Kingdee: kingdee.Options{AcctID: hush("KINGDEE_ACCT_ID"), Username: "lingke", AppID: erpApp, AppSecret: erpSecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(em.Close)
	world := &outside{next: em.Handler()}
	srv := httptest.NewServer(world)
	t.Cleanup(srv.Close)
	cfg, said := sampleConfig(t, srv.URL, at), &heard{}
	said.add("check", cfg.Summary())
	said.add("config", *cfg)
	a, err := app.New(t.Context(), cfg, app.WithLogger(slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, l) }()
	for m := range moodsEnd {
		world.mood.Store(int32(m))
		said.add("mood", m)
		exercise(t, a, cfg, said, "http://"+at, int(m))
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	text := said.text()
	for _, want := range []string{"[secret]", "some.code", "delivery attempt", "callback refused", "lingke_delivery_attempt_seconds", "connectors.kingdee", `outcome="done"`} {
		if !strings.Contains(text, want) {
			t.Errorf("nothing says %q: the test no longer provokes it", want)
		}
	}
	for name, secret := range secretsOfSample(t) {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s is told: …%s…", name, text[max(0, i-300):min(len(text), i+len(form)+60)])
				break
			}
		}
	}
	t.Logf("%d calls went out, %d bytes were said", world.calls.Load(), len(text))
}

// exercise makes the gateway call everything once.
func exercise(t *testing.T, a *app.App, cfg *configs.Config, said *heard, gateway string, round int) {
	t.Helper()
	showAll(t, a, round)
	for _, f := range app.Doctor(t.Context(), cfg) {
		said.add("doctor", f)
	}
	for name := range cfg.Connectors {
		report, err := a.Pull(t.Context(), name, false, nil)
		said.add("pull "+name, fmt.Sprint(report, err))
	}
	var jobs strings.Builder
	for _, job := range []string{"results", "budgets", "sweep", "due-tasks", "check-reads"} {
		said.add("job", a.RunJob(t.Context(), job, &jobs))
	}
	said.add("jobs", errorsOf(a.PrintJobs(t.Context(), &jobs)))
	_, _ = said.Write([]byte(jobs.String()))
	stranger(t, said, gateway, round)
	eventually(t, 20*time.Second, "attempts at every message", func() error {
		page, _, err := a.Store().Deliveries(t.Context(), delivery.Query{State: delivery.Due, Limit: 100})
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(page, func(d delivery.Delivery) bool { return d.Attempts == 0 && d.Why == "" }); i >= 0 {
			return fmt.Errorf("%s was not tried", page[i].ID)
		}
		return nil
	})
	for _, path := range []string{"/api/v1/deliveries", "/api/v1/connectors", "/api/v1/budgets", "/api/v1/customers", "/api/v1/posts", "/metrics", "/readyz", "/healthz", "/api/v1/openapi.json"} {
		said.add(path, call(t, gateway+path, http.MethodGet, "", http.Header{"Authorization": {"Bearer " + hush("LINGKE_API_TOKEN")}}))
	}
}

func errorsOf(err error) string { return fmt.Sprint(err) }

// showAll puts a message of each form on its way over each platform.
func showAll(t *testing.T, a *app.App, round int) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	card := bots.Card{Kind: "lead", Title: "新线索", State: "待领取", Actions: []bots.Action{{ID: "claim", Label: "领取"}}}
	for i, d := range []delivery.Delivery{
		{Platform: bots.DingTalk, Kind: "text", To: []string{"manager4220"}, Text: "x"}, {Platform: bots.DingTalk, Kind: "alert", To: []string{"manager0001"}, Text: "y"},
		{Platform: bots.DingTalk, Kind: "lead", To: []string{"manager4220"}, Card: &card}, {Platform: bots.DingTalk, Kind: "text", Conversation: "robot:sales", Text: "x"},
		{Platform: bots.DingTalk, Kind: "file", To: []string{"manager4220"}, File: &bots.Attachment{Name: "a.png", Data: []byte("x")}},
		{Platform: bots.WeCom, Kind: "text", To: []string{"ZhangWei"}, Text: "x"}, {Platform: bots.WeCom, Kind: "lead", To: []string{"ZhangWei"}, Card: &card},
		{Platform: bots.WeCom, Kind: "text", Conversation: "robot:sales", Text: "x"}, {Platform: bots.WeCom, Kind: "file", To: []string{"ZhangWei"}, File: &bots.Attachment{Name: "a.png", Data: []byte("x")}},
	} {
		d.ID, d.Rev, d.State, d.Due, d.Created, d.Rank = fmt.Sprintf("hush-%d-%d", round, i), 1, delivery.Due, now, now, delivery.Urgent
		if _, err := a.Store().Show(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

// stranger calls the gateway with what does not fit, and once with what does.
func stranger(t *testing.T, said *heard, gateway string, round int) {
	t.Helper()
	for _, path := range []string{
		"/callbacks/wecom?msg_signature=x&timestamp=1&nonce=n", "/callbacks/dingtalk/robot", "/callbacks/dingtalk/card", "/callbacks/dingtalk/event", "/hooks/website", "/hooks/form", "/hooks/chanjet",
		"/hooks/nobody", "/api/v1/customers", "/h5/login?code=x&state=y",
	} {
		said.add(path, call(t, gateway+path, http.MethodPost, `{"encrypt":"x"}`, http.Header{"Sign": {"x"}, "Timestamp": {"1"}, "Authorization": {"Bearer wrong"}}))
	}
	body := fmt.Sprintf(`{"type":"customer.upsert","data":[{"type":"customer.upsert","data":{"id":"c%d","company":"华星机械%d","modified_at":%q}}]}`, round, round, time.Now().Format(time.RFC3339Nano))
	h := webhook.Sign(hush("WEBSITE_HOOK_SECRET"), fmt.Sprint("push", round), time.Now(), []byte(body))
	said.add("push", call(t, gateway+"/hooks/website", http.MethodPost, body, h))
}

func call(t *testing.T, address, method, body string, h http.Header) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = h
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(resp.Body)
	return resp.Status + " " + string(answer)
}

// TestAStoreThatCannotBeOpenedTellsNoPassword: the address of a store holds one.
func TestAStoreThatCannotBeOpenedTellsNoPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t, plan{people: crowd(1), store: "mongodb://lingke:hush-password@127.0.0.1:1/lingke?serverSelectionTimeoutMS=200&connectTimeoutMS=200"})
	cfg := s.config("127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := app.New(ctx, cfg)
	said := fmt.Sprintf("%v %+v %v", err, *cfg, cfg.Summary())
	for _, f := range app.Doctor(ctx, cfg) {
		said += fmt.Sprintf("%+v\n", f)
	}
	if err == nil || strings.Contains(said, "hush-password") {
		t.Errorf("%s", said)
	}
}
