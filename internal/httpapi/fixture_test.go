package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"lingke/bots"
	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/webhook"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	ingestion "lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/match"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

const (
	testToken  = "token-7f3a91c2e5"
	testSecret = "hook-secret-5d1f8a7b"
)

// start is when every test's clock begins.
var start = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// world is the real services over a real store, with the HTTP side before them.
type world struct {
	t     testing.TB
	store *sqlite.Store
	deps  Deps
	h     http.Handler
	log   *bytes.Buffer
	at    *atomic.Int64 // the clock, in milliseconds
}

func (w *world) now() time.Time { return time.UnixMilli(w.at.Load()).UTC() }

// newWorld builds it; change may alter what the HTTP side works with.
func newWorld(t testing.TB, change ...func(*Deps)) *world {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, store: s, log: new(bytes.Buffer), at: new(atomic.Int64)}
	w.at.Store(start.UnixMilli())
	w.deps = w.services()
	for _, c := range change {
		c(&w.deps)
	}
	if w.h, err = New(w.deps); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) services() Deps {
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	directory, err := access.NewDirectory(staff())
	if err != nil {
		w.t.Fatal(err)
	}
	rules := testRules(w.t)
	pools := func() assign.Pools { return rules.Pools }
	printer := cards.New(scoring.Points(), time.UTC, rules.Explain)
	claims := assign.New(w.store, directory, pools, time.UTC, w.now)
	todo := followup.New(w.store, roundTheClock, w.now)
	out := &dispatch.Dispatcher{
		Customers: w.store, Deliveries: w.store, Assign: claims, Tasks: todo, Cards: printer, People: directory,
		Pools: pools, Now: w.now, Wake: func(bots.Platform) {}, Log: log,
	}
	take := ingestion.New(w.store, func() *ingestion.Rules { return rules }, w.now, func(id string) { _ = out.Carry(context.Background(), id) }, log)
	merges := &match.Service{Store: w.store, Decide: take, Show: out, Now: w.now}
	out.Match = merges
	return Deps{
		Imports: newDesk(w.store, take, w.now, log), Export: exportsOf(w.store, rules),
		Merges: merges, Ranks: func() customer.Ranks { return rules.Ranks },
		Records: w.store, Ingest: take, Claims: claims, Tasks: todo, Outgoing: out, People: directory, Reads: access.NewLog(w.store, testKeys(w.t), w.now), Explain: rules.Explain, Waiting: printer.Waiting,
		Push: w.pusher(log), Tokens: []configs.Secret{configs.NewSecret("old-token"), configs.NewSecret(testToken)},
		Metrics: NewMetrics(), Now: w.now, Log: log,
	}
}

func testKeys(t testing.TB) access.Keys {
	keys, err := access.Derive("test", "a secret for the tests")
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func staff() []access.Person {
	return []access.Person{
		{ID: "zhangwei", Name: "张伟", Role: access.RoleRep, Team: "高级销售", DingTalk: "manager4220", WeCom: "ZhangWei", Daily: 2, Holding: 3},
		{ID: "lina", Name: "李娜", Role: access.RoleRep, Team: "高级销售", DingTalk: "lina01", Daily: 20, Holding: 1},
		{ID: "zhaolei", Name: "赵磊", Role: access.RoleRep, Team: "普通销售", WeCom: "ZhaoLei", Daily: 20, Holding: 20},
		{ID: "wangfang", Name: "王芳", Role: access.RoleManager, Team: "管理", DingTalk: "boss", Daily: 20, Holding: 20},
	}
}

// testRules are the shipped model with one pool.
func testRules(t testing.TB) *ingestion.Rules {
	text, err := configs.FS.ReadFile("models/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	schema := scoring.BuiltIn()
	model, err := scoring.ParseModel("default.yaml", text, schema)
	if err != nil {
		t.Fatal(err)
	}
	always, err := scoring.ParseCondition("true", schema)
	if err != nil {
		t.Fatal(err)
	}
	pool := assign.Pool{Name: "线索池", When: always, Team: "高级销售", Strategy: assign.ByClaim, Notify: []string{"team"}, TaskTitle: lang.Text{ZH: "首次联系"}, TaskDue: calendar.HoursSpan(2 * time.Hour)}
	return &ingestion.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points()), Pools: assign.Pools{pool}}
}

// pusher does with real parts what the gateway does with a push.
func (w *world) pusher(log *slog.Logger) func(context.Context, string, http.Header, []byte) (Pushed, error) {
	hook, err := webhook.Config{Secret: testSecret}.Open("website")
	if err != nil {
		w.t.Fatal(err)
	}
	in := inbox.New(w.store, nil, w.now, uuid.NewString, 1, log)
	return func(ctx context.Context, name string, h http.Header, body []byte) (Pushed, error) {
		if name != "website" {
			return Pushed{}, fmt.Errorf("%w: %q", ErrNoHook, name)
		}
		id, err := hook.Verify(h, body, w.now())
		if err != nil {
			return Pushed{}, err
		}
		good, err := hook.Decode(body)
		good = slices.DeleteFunc(good, func(r connectors.Record) bool { return r.Bad != nil })
		if len(good) == 0 && err != nil {
			return Pushed{}, err
		}
		pushed := Pushed{Accepted: len(good)}
		if err != nil {
			pushed.Refused = strings.Split(err.Error(), "\n")
		}
		pushed.Fresh, err = in.Accept(ctx, "hook:website:"+id, "hook:website", body)
		return pushed, err
	}
}

// reply is what came back.
type reply struct {
	status int
	header http.Header
	body   string
}

func (w *world) send(r *http.Request) reply {
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	body, _ := io.ReadAll(rec.Result().Body)
	return reply{rec.Code, rec.Header(), string(body)}
}

// api sends a request with the token.
func (w *world) api(method, path, body string) reply {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+testToken)
	return w.send(r)
}

// decode reads an answer of the wanted status into a T.
func decode[T any](t testing.TB, r reply, status int) T {
	t.Helper()
	var v T
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return v
}

// lead stores a customer through the API and returns it.
func (w *world) lead(id, name string, fields ...string) Customer {
	w.t.Helper()
	all := map[string]string{"name": name}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	body, err := json.Marshal(RecordBody{ModifiedAt: start.Add(-time.Hour), Fields: all})
	if err != nil {
		w.t.Fatal(err)
	}
	return decode[Customer](w.t, w.api("PUT", "/api/v1/customers/crm/"+id, string(body)), 200)
}

// signed is a push to /hooks/name.
func (w *world) signed(name, id, body string, at time.Time) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hooks/"+name, strings.NewReader(body))
	for k, v := range webhook.Sign(testSecret, id, at, []byte(body)) {
		r.Header[k] = v
	}
	return r
}

var errDown = errors.New("disk full at /srv/secret-place")

// deadIngest refuses everything with an error that nobody outside may read.
type deadIngest struct {
	ingest // not to be called
	err    error
}

func (d deadIngest) Apply(context.Context, string, connectors.Record) error { return d.err }

// Apply of a panicIngest breaks down with a value that holds a secret.
func (panicIngest) Apply(context.Context, string, connectors.Record) error {
	panic("value with " + testSecret)
}

// roundTheClock is working time without breaks, from Monday to Friday.
func roundTheClock(string) calendar.Working {
	return calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC)
}
