package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/inbox"
)

const push1 = `{"type":"customer.upsert","timestamp":"2026-03-02T10:00:00+08:00","data":{"id":"W-1","name":"华东精密","modified_at":"2026-03-02T09:59:00+08:00"}}`

func TestPushIsStoredBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, which := range []string{"first", "redelivered"} {
		got := w.send(w.signed("website", "msg_1", push1, start))
		if got.status != 200 || got.body != `{"status":"accepted","accepted":1,"refused":[]}`+"\n" {
			t.Errorf("%s: %d %s", which, got.status, got.body)
		}
	}
	events, err := w.store.Events(context.Background(), inbox.Due, 10)
	if err != nil || len(events) != 1 || string(events[0].Body) != push1 {
		t.Errorf("stored %+v, %v", events, err)
	}
	text := w.send(httptest.NewRequest(http.MethodGet, "/metrics", nil)).body
	for _, line := range []string{`lingke_hook_pushes_total{connector="website",outcome="accepted"} 1`, `outcome="duplicate"} 1`} {
		if !strings.Contains(text, line) {
			t.Errorf("metrics lack %s", line)
		}
	}
}

func TestPushKeepsGoodRecordsBesideBadOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"type":"customer.upsert","timestamp":"2026-03-02T10:00:00+08:00","data":[` +
		`{"id":"W-1","name":"甲","modified_at":"2026-03-02T09:59:00+08:00"},{"name":"乙","modified_at":"2026-03-02T09:59:00+08:00"}]}`
	got := decode[PushAnswer](t, w.send(w.signed("website", "msg_2", body, start)), 200)
	if got.Accepted != 1 || len(got.Refused) != 1 || !strings.Contains(got.Refused[0], "data[1]") {
		t.Errorf("%+v", got)
	}
}

func TestPushRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tamper := func(change func(r *http.Request)) func() *http.Request {
		return func() *http.Request {
			r := w.signed("website", "msg_9", push1, start)
			change(r)
			return r
		}
	}
	for name, c := range map[string]struct {
		request func() *http.Request
		status  int
		code    string
	}{
		"unsigned":        {tamper(func(r *http.Request) { r.Header.Del("webhook-signature") }), 401, "unauthorized"},
		"wrong signature": {tamper(func(r *http.Request) { r.Header.Set("webhook-signature", "v1,AAAA") }), 401, "unauthorized"},
		"other body":      {tamper(func(r *http.Request) { r.Body = http.NoBody }), 401, "unauthorized"},
		"stale":           {func() *http.Request { return w.signed("website", "m", push1, start.Add(-6*time.Minute)) }, 401, "unauthorized"},
		"from the future": {func() *http.Request { return w.signed("website", "m", push1, start.Add(6*time.Minute)) }, 401, "unauthorized"},
		"unknown hook":    {func() *http.Request { return w.signed("nowhere", "m", push1, start) }, 404, "no_hook"},
		"garbage":         {func() *http.Request { return w.signed("website", "m", "\x00\xff{", start) }, 400, "bad_record"},
		"no good record": {func() *http.Request {
			return w.signed("website", "m", strings.Replace(push1, `"id":"W-1",`, "", 1), start)
		}, 400, "bad_record"},
		"too large":           {func() *http.Request { return w.signed("website", "m", strings.Repeat("x", 1<<20+1), start) }, 413, "too_large"},
		"compressed":          {tamper(func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }), 415, "encoding"},
		"GET":                 {func() *http.Request { return httptest.NewRequest(http.MethodGet, "/hooks/website", nil) }, 405, "no_method"},
		"a slash at the end":  {func() *http.Request { return httptest.NewRequest(http.MethodPost, "/hooks/website/", nil) }, 404, "no_route"},
		"a broken connection": {tamper(func(r *http.Request) { r.Body = brokenBody{} }), 400, "body"},
	} {
		got := w.send(c.request())
		p := decode[Problem](t, got, c.status)
		if p.Code != c.code || got.header.Get("Content-Type") != problemType {
			t.Errorf("%s: %+v", name, p)
		}
		if c.code == "bad_record" && !strings.Contains(p.Detail, "website") {
			t.Errorf("%s: does not name the place: %s", name, p.Detail)
		}
	}
	if events, err := w.store.Events(context.Background(), inbox.Due, 10); err != nil || len(events) != 0 {
		t.Errorf("a refused push was stored: %+v, %v", events, err)
	}
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, fmt.Errorf("connection reset") }
func (brokenBody) Close() error             { return nil }

func TestPushAnswersEverySignatureFailureAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unsigned := httptest.NewRequest(http.MethodPost, "/hooks/website", strings.NewReader(push1))
	answers := map[string]bool{}
	for _, r := range []*http.Request{unsigned, w.signed("website", "m", push1, start.Add(-time.Hour)), w.signed("website", strings.Repeat("x", 200), push1, start)} {
		answers[w.send(r).body] = true
	}
	if len(answers) != 1 {
		t.Errorf("answers differ: %v", answers)
	}
}

func TestPushIsToComeAgainWhenTheStoreDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	got := w.send(w.signed("website", "msg_1", push1, start))
	p := decode[Problem](t, got, 503)
	if p.Code != "unavailable" || got.header.Get("Retry-After") == "" || p.RequestID == "" {
		t.Errorf("%+v %v", p, got.header)
	}
	if strings.Contains(got.body, "closed") {
		t.Errorf("tells what is wrong inside: %s", got.body)
	}
	if !strings.Contains(w.log.String(), "store is closed") || !strings.Contains(w.log.String(), p.RequestID) {
		t.Errorf("the log does not say what is wrong: %s", w.log)
	}
}
