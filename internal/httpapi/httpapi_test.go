package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Deps{})
	if !errors.Is(err, ErrDeps) || !strings.Contains(err.Error(), "Records") || !strings.Contains(err.Error(), "Push") {
		t.Errorf("got %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	closed := newWorld(t, func(d *Deps) { d.Tokens = nil })
	empty := newWorld(t, func(d *Deps) { d.Tokens = []configs.Secret{{}} })
	for name, c := range map[string]struct {
		world  *world
		header []string
		status int
	}{
		"right":                   {w, []string{"Bearer " + testToken}, 200},
		"lower-case scheme":       {w, []string{"bearer " + testToken}, 200},
		"the older token":         {w, []string{"Bearer old-token"}, 200},
		"none":                    {w, nil, 401},
		"wrong":                   {w, []string{"Bearer x"}, 401},
		"empty":                   {w, []string{"Bearer "}, 401},
		"basic":                   {w, []string{"Basic " + testToken}, 401},
		"only the start":          {w, []string{"Bearer " + testToken[:5]}, 401},
		"two headers":             {w, []string{"Bearer " + testToken, "Bearer " + testToken}, 401},
		"no token configured":     {closed, []string{"Bearer " + testToken}, 401},
		"no token, none sent":     {closed, nil, 401},
		"an empty one configured": {empty, []string{"Bearer "}, 401},
		"an empty one, none sent": {empty, nil, 401},
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/people", nil)
		r.Header["Authorization"] = c.header
		got := c.world.send(r)
		if got.status != c.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if c.status == 401 && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
}

func TestEveryAPIRouteNeedsATokenAndStandsInTheDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, err := newServer(w.deps)
	if err != nil {
		t.Fatal(err)
	}
	router, err := s.router()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]any
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(s.spec, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Components.Schemas["Problem"] == nil || doc.Components.Schemas["ErrorModel"] != nil {
		t.Errorf("version %q, schemas %v", doc.OpenAPI, doc.Components.Schemas)
	}
	inDoc := 0
	for _, methods := range doc.Paths {
		inDoc += len(methods)
	}
	inRouter := 0
	for _, route := range router.Routes() {
		if !strings.HasPrefix(route.Path, apiPath) {
			continue
		}
		inRouter++
		path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(route.Path, "{$1}")
		if doc.Paths[path][strings.ToLower(route.Method)] == nil {
			t.Errorf("%s %s is not in the document", route.Method, path)
		}
		got := w.send(httptest.NewRequest(route.Method, route.Path, nil))
		if open := strings.HasSuffix(route.Path, "openapi.json"); open != (got.status == 200) || !open && got.status != 401 {
			t.Errorf("%s %s without a token: %d", route.Method, route.Path, got.status)
		}
	}
	if inDoc != inRouter || inRouter < 12 {
		t.Errorf("%d routes, %d in the document", inRouter, inDoc)
	}
	if strings.Contains(string(s.spec), "ErrorModel") {
		t.Error("the document refers to a schema that it lacks")
	}
}

func TestCallbacksGetRequestsAsTheyCame(t *testing.T) {
	t.Parallel()
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.RawQuery+" "+string(body))
	})
	w := newWorld(t, func(d *Deps) { d.Callbacks = map[string]http.Handler{"/callbacks/wecom": echo} })
	if got := w.send(httptest.NewRequest(http.MethodPost, "/callbacks/wecom?a=%2B", strings.NewReader("<xml/>"))); got.body != "POST a=%2B <xml/>" {
		t.Errorf("got %q", got.body)
	}
	if got := w.send(httptest.NewRequest(http.MethodGet, "/callbacks/wecom?echostr=1", nil)); got.body != "GET echostr=1 " {
		t.Errorf("got %q", got.body)
	}
	if got := w.send(httptest.NewRequest(http.MethodPost, "/callbacks/dingtalk/robot", nil)); got.status != 404 {
		t.Errorf("a platform that is not configured: %d", got.status)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var broken error
	w := newWorld(t, func(d *Deps) {
		d.Checks = map[string]func(context.Context) error{"dingtalk": func(context.Context) error { return broken }}
	})
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := w.send(httptest.NewRequest(http.MethodGet, path, nil)); got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	broken = errors.New("dial oapi?access_token=secret-in-url")
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	h := decode[Health](t, w.send(httptest.NewRequest(http.MethodGet, "/readyz", nil)), 503)
	if h.Status != "unready" || strings.Join(h.Reasons, "; ") != "store does not work; dingtalk does not work" {
		t.Errorf("%+v", h)
	}
	if got := w.send(httptest.NewRequest(http.MethodGet, "/healthz", nil)); got.status != 200 {
		t.Errorf("a broken store is no reason to restart: %d", got.status)
	}
}

func TestFailuresTellNothingOutsideAndKeepSecretsOutOfTheLog(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]func(*Deps){
		"error": func(d *Deps) { d.Ingest = deadIngest{err: errDown} },
		"panic": func(d *Deps) { d.Ingest = panicIngest{} },
	} {
		w := newWorld(t, failing)
		body := `{"modified_at":"2026-03-01T00:00:00Z","fields":{"phone":"13812345678"}}`
		got := w.api("PUT", "/api/v1/customers/crm/geheim-7", body)
		p := decode[Problem](t, got, 500)
		if p.Code != "internal" || p.RequestID == "" || p.RequestID != got.header.Get("X-Request-Id") {
			t.Errorf("%s: %+v", name, p)
		}
		if strings.Contains(got.body, "disk full") || strings.Contains(got.body, "secret") {
			t.Errorf("%s: tells %s", name, got.body)
		}
		log := w.log.String()
		if !strings.Contains(log, p.RequestID) || name == "error" && !strings.Contains(log, "disk full") {
			t.Errorf("%s: the log does not say what happened: %s", name, log)
		}
		for _, secret := range []string{testToken, testSecret, "13812345678", "geheim-7"} {
			if strings.Contains(log+got.body, secret) {
				t.Errorf("%s: %q leaks", name, secret)
			}
		}
	}
}

type panicIngest struct{ ingest }

func TestTimeoutsAndConflictsHaveAnswers(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{"timeout": context.DeadlineExceeded, "cancelled": context.Canceled} {
		w := newWorld(t, func(d *Deps) { d.Ingest = deadIngest{err: err} })
		got := w.api("PUT", "/api/v1/customers/crm/1", `{"modified_at":"2026-03-01T00:00:00Z"}`)
		if p := decode[Problem](t, got, 503); p.Code != want || got.header.Get("Retry-After") == "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestEveryAnswerCarriesSafeHeadersAndARequestID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, given := range map[string]string{"/healthz": "abc-1", "/nowhere": "x y", "/api/v1/people": ""} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("X-Request-Id", given)
		h := w.send(r).header
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") == "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, h)
		}
		if id := h.Get("X-Request-Id"); id == "" || id == "x y" || given == "abc-1" && id != given {
			t.Errorf("%s: request id %q", path, id)
		}
	}
}

func TestDeliveriesAreListedMaskedAndReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := context.Background()
	for i, id := range []string{"d-1", "d-2", "d-3"} {
		card := &bots.Card{Title: "首次联系：甲 13812345678", State: "待办"}
		_, err := w.store.Show(ctx, delivery.Delivery{
			ID: id, Platform: bots.DingTalk, Kind: "task", Customer: "c1", To: []string{"manager4220", "somebody"}, Card: card, Rev: 1,
			State: delivery.Due, Due: start, Created: start.Add(time.Duration(i) * time.Second),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	page := decode[DeliveryPage](t, w.api("GET", "/api/v1/deliveries?customer=c1&limit=2", ""), 200)
	rest := decode[DeliveryPage](t, w.api("GET", "/api/v1/deliveries?customer=c1&limit=2&after="+page.Next, ""), 200)
	if len(page.Deliveries) != 2 || page.Deliveries[0].ID != "d-3" || len(rest.Deliveries) != 1 || rest.Next != "" {
		t.Fatalf("%+v then %+v", page, rest)
	}
	d := page.Deliveries[0]
	if d.Title != "首次联系：甲 138****5678" || strings.Join(d.To, ",") != "zhangwei,unknown" {
		t.Errorf("%+v", d)
	}
	if p := decode[Problem](t, w.api("POST", "/api/v1/deliveries/d-3/replay", ""), 404); p.Code != "not_found" {
		t.Errorf("one that is not dead: %+v", p)
	}
	kill(t, w, "d-3")
	dead := decode[DeliveryPage](t, w.api("GET", "/api/v1/deliveries?state=dead", ""), 200)
	if len(dead.Deliveries) != 1 || dead.Deliveries[0].Why != "no such user" {
		t.Fatalf("%+v", dead)
	}
	if again := decode[Delivery](t, w.api("POST", "/api/v1/deliveries/d-3/replay", ""), 200); again.State != "due" || again.Attempts != 0 {
		t.Errorf("%+v", again)
	}
}

// kill gives a delivery up, as a sender does.
func kill(t *testing.T, w *world, id string) {
	t.Helper()
	ctx := context.Background()
	leased, err := w.store.LeaseDeliveries(ctx, "dingtalk", start, start.Add(time.Minute), "lease", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range leased {
		if d.ID == id {
			d.State, d.Why, d.Attempts, d.Ended = delivery.Dead, "no such user", 1, start
		}
		if err := w.store.FinishDelivery(ctx, d, "lease"); err != nil {
			t.Fatal(err)
		}
	}
}

// The service follows the ids of merged customers; what it then says is what is answered.
func TestClaimOfAMergedCustomerActsOnTheMergedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *Deps) { d.Claims = mergedClaims{} })
	got := decode[Customer](t, w.api("POST", "/api/v1/customers/cold/claim", `{"person":"lina"}`), 200)
	if got.ID != "cnew" || got.OwnerName != "李娜" {
		t.Errorf("%+v", got)
	}
}

type mergedClaims struct{}

func (mergedClaims) Claim(_ context.Context, _ string, who access.Person, _ string) (customer.Customer, error) {
	return customer.Customer{ID: "cnew", Owner: who.ID}, nil
}

func (m mergedClaims) Release(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error) {
	return m.Claim(ctx, id, who, via)
}
