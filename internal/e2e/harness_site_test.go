package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"text/template"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

// The credentials of the emulated apps. They open nothing but the emulator of a test.
const (
	hookSecret = "whsec_bGluZ2tlLWUyZS13ZWJob29rLXNlY3JldC0xMjM="
	erpAcct    = "6512f0c1a2b3c4"
	erpUser    = "integration"
	erpApp     = "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld"
	erpSecret  = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
	apiToken   = "e2e-api-token"
	team       = "销售"
)

// plan is what a test wants to be different.
type plan struct {
	people         []world.Person
	daily, holding int                     // allowances of everybody; without limits where 0
	store          string                  // its URI; a SQLite file of the site where empty
	erp            bool                    // the gateway pulls from Kingdee
	quiet          string                  // quiet hours; off where empty: tests run at any time
	above          int                     // more waiting messages to one person than so many become one; never where 0
	budgets        bool                    // the platforms' real budgets are kept
	clock          func() time.Time        // of the emulated platforms; the machine's where nil
	monthCalls     int                     // DingTalk's budget of a month, where budgets are kept, of an organisation with manyAccounts; a small standard one where 0
	quickSince     string                  // since when the clock of spawned gateways is quick; see envQuick
	more           string                  // appended to the config
	pools          string                  // the config's; one pool whose customers are claimed where empty
	terms          map[string]string       // appended to people of the config, by id
	dingtalk       string                  // appended to bots.dingtalk, after a comma
	hold           bool                    // clicks wait at the front door's barrier
	twice          bool                    // DingTalk delivers each click of those twice
	tune           func(*emulator.Options) // the last word about the platforms
}

// site is one company: the emulated platforms in this process, a front door that the platforms and sources call, and the config of any
// number of gateways behind it.
type site struct {
	t      *testing.T
	em     *emulator.Emulator
	url    string // of the emulated platforms
	dir    string
	people []world.Person
	front  *front
	plan   plan

	mu    sync.Mutex
	ahead time.Duration
}

// newSite starts the platforms and the front door. They end with the test, after the gateways.
func newSite(t *testing.T, p plan) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), people: p.people, plan: p}
	s.front = newFront(t)
	opts := emulator.Options{
		People: p.people,
		DingTalk: dingtalk.Options{
			ClientID: "dinge2e000001", ClientSecret: "e2e-dingtalk-secret", CorpID: "dinge2ecorp", CardTemplate: "e2e.schema",
			Limits: dingtalk.Limits{QPS: -1}, AnswerIn: 15 * time.Second, Redeliver: time.Second, Retire: time.Second,
		},
		WeCom: wecom.Options{
			CorpID: "wwe2e0000000001", AgentID: 1000002, Secret: "e2e-wecom-secret", Token: "e2eToken", AESKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
			CallbackURL: s.front.url + "/callbacks/wecom", PerMemberMin: -1, PerMemberHour: -1, CallsPerMin: -1, Gap: 300 * time.Millisecond, Deliveries: 10, AnswerWithin: 20 * time.Second,
		},
		Kingdee: kingdee.Options{AcctID: erpAcct, Username: erpUser, AppID: erpApp, AppSecret: erpSecret},
		Now:     p.clock,
	}
	if p.hold {
		held(s, p.twice)(&opts)
	}
	if p.tune != nil {
		p.tune(&opts)
	}
	var err error
	if s.em, err = emulator.New(opts); err != nil {
		t.Fatal(err)
	}
	s.url = s.serve()
	return s
}

func (s *site) serve() string {
	l := loopback(s.t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.em.Run(ctx, l) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// freeAddr is an address that nobody listened on a moment ago, for a process that must come back at the same place.
func freeAddr(t *testing.T) string {
	t.Helper()
	l := loopback(t)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

var configText = template.Must(template.New("lingke.yaml").Parse(`
timezone: Asia/Shanghai
store: {uri: "{{.Store}}"}
server: {addr: "{{.Addr}}", public_url: "http://{{.Addr}}", tokens: ["${E2E_API_TOKEN}"]}
bots:
  dingtalk: {client_id: dinge2e000001, client_secret: "${E2E_DINGTALK_SECRET}", corp_id: dinge2ecorp, card_template: e2e.schema, base_url: "{{.Platforms}}", oapi_url: "{{.Platforms}}"{{.DingTalk}}}
  wecom: {corp_id: wwe2e0000000001, agent_id: 1000002, secret: "${E2E_WECOM_SECRET}", token: "${E2E_WECOM_TOKEN}", encoding_aes_key: "${E2E_WECOM_KEY}", base_url: "{{.Platforms}}"}
connectors:
  website: {type: webhook, secret: "${E2E_HOOK_SECRET}"}
{{- if .ERP}}
  kingdee: {type: kingdee, every: "@every 1s", base_url: "{{.Platforms}}/k3cloud/", acct_id: {{.Acct}}, username: {{.User}}, app_id: {{.App}}, app_secret: "${E2E_ERP_SECRET}", mapping: {headcount: F_LK_HEADCOUNT}}
{{- end}}
limits: {daily: {{.Daily}}, holding: {{.Holding}}}
people:
{{- range .People}}
  - {id: {{.ID}}, name: {{.Name}}, role: {{.Role}}, team: {{.Team}}, dingtalk: "{{.DingTalk}}", wecom: "{{.WeCom}}"{{with .Language}}, language: {{.}}{{end}}{{with index $.Terms .ID}}, {{.}}{{end}}}
{{- end}}
pools:
{{- with .Pools}}{{.}}{{else}}
  - {name: 线索池, when: "true", team: 销售, strategy: claim, task: {title: 首次联系, due: 2h}}
{{- end}}
delivery:
  quiet: "{{.Quiet}}"
  digest: {above: {{.Above}}, gather: 0s}
{{- if not .Budgets}}
  budgets: {dingtalk: {api_second: 0, month_calls: 0, robot_minute: 0}, wecom: {api_minute: 0, person_minute: 0, person_hour: 0, robot_minute: 0, accounts: -1}}
{{- else if .MonthCalls}}
  budgets: {dingtalk: {month_calls: {{.MonthCalls}}, api_second: {{.Second}}}, wecom: {accounts: {{.Accounts}}}}
{{- end}}
model: models/default.yaml
{{.More}}
`))

// perSecond is how many calls of an API a gateway allows itself in a second. A tenth of a second, by which calls may come late, is a hundredth on a quick clock: half of
// what DingTalk allows then leaves room for what the machine's scheduler does.
func (p plan) perSecond() int {
	if p.quickSince != "" {
		return 10
	}
	return 20
}

// manyAccounts are those of an organisation that may send 200,000 messages a day.
const manyAccounts = 1000

// secrets are the environment of the config.
func secrets() map[string]string {
	return map[string]string{
		"E2E_API_TOKEN": apiToken, "E2E_DINGTALK_SECRET": "e2e-dingtalk-secret", "E2E_WECOM_SECRET": "e2e-wecom-secret", "E2E_WECOM_TOKEN": "e2eToken",
		"E2E_WECOM_KEY": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "E2E_HOOK_SECRET": hookSecret, "E2E_ERP_SECRET": erpSecret,
	}
}

// configFile writes the config of a gateway at addr and returns its path.
func (s *site) configFile(addr string) string {
	s.t.Helper()
	orElse := func(n int) int {
		if n == 0 {
			return 100_000
		}
		return n
	}
	uri := s.plan.store
	if uri == "" {
		uri = "sqlite://" + s.database()
	}
	var text bytes.Buffer
	err := configText.Execute(&text, map[string]any{
		"Store": uri, "Addr": addr, "Platforms": s.url, "People": s.people, "ERP": s.plan.erp, "Acct": erpAcct, "User": erpUser, "App": erpApp,
		"Daily": orElse(s.plan.daily), "Holding": orElse(s.plan.holding), "More": s.plan.more, "Pools": s.plan.pools, "Terms": s.plan.terms, "DingTalk": s.plan.dingtalk, "MonthCalls": s.plan.monthCalls, "Accounts": manyAccounts, "Second": s.plan.perSecond(), "Budgets": s.plan.budgets, "Quiet": cmp.Or(s.plan.quiet, "off"), "Above": s.plan.above,
	})
	path := filepath.Join(s.dir, "lingke-"+addr[len("127.0.0.1:"):]+".yaml")
	if err == nil {
		err = os.WriteFile(path, text.Bytes(), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// database is the SQLite file of the site.
func (s *site) database() string { return filepath.Join(s.dir, "store", "lingke.db") }

func (s *site) config(addr string) *configs.Config {
	s.t.Helper()
	env := secrets()
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	cfg, err := configs.Load(s.configFile(addr), lookup, app.Checks()...)
	if err != nil {
		s.t.Fatal(err)
	}
	return cfg
}

// advance moves the platforms' clock, and that of every gateway that starts from now on.
func (s *site) advance(d time.Duration) {
	s.mu.Lock()
	s.ahead += d
	s.mu.Unlock()
	s.em.World().SetNow(s.em.World().Now().Add(d))
}

// aheadBy is how far advance has gone.
func (s *site) aheadBy() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ahead
}

// now is the time on the platforms' clock.
func (s *site) now() time.Time { return s.em.World().Now() }

// crowd is a team of n reps, by turns on DingTalk, on WeCom, and every fifth on both.
func crowd(n int) []world.Person {
	people := make([]world.Person, n)
	for i := range people {
		p := world.Person{ID: fmt.Sprintf("rep%03d", i), Name: fmt.Sprintf("销售%03d", i), Role: "rep", Team: team}
		if i%5 == 4 || i%2 == 0 {
			p.DingTalk = fmt.Sprintf("ding%03d", i)
		}
		if i%5 == 4 || i%2 == 1 {
			p.WeCom = fmt.Sprintf("Wx%03d", i)
		}
		people[i] = p
	}
	return people
}
