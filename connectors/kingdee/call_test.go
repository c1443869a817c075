package kingdee

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
)

// script is a site that answers queries one after another from a list; its last answer repeats. Logins always succeed.
type script struct {
	mu      sync.Mutex
	answers []http.HandlerFunc
	queries int
	logins  int
	bodies  []string
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(r.URL.Path, "AuthService") {
		s.logins++
		_, _ = io.WriteString(w, `{"LoginResultType":1,"KDSVCSessionId":"session-`+strings.Repeat("x", s.logins)+`","Context":{"SessionId":"asp"}}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	s.bodies = append(s.bodies, string(body))
	s.queries++
	s.answers[min(s.queries, len(s.answers))-1](w, r)
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// scripted opens a connection to a scripted site; waits are noted, not waited.
func scripted(t *testing.T, auth string, answers ...http.HandlerFunc) (*Conn, *script, *[]time.Duration) {
	t.Helper()
	s := &script{answers: answers}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	cfg := example()
	cfg.BaseURL, cfg.Auth, cfg.Password = srv.URL+"/k3cloud", auth, "hunter2"
	var waits []time.Duration
	c, err := cfg.Open("erp", WithHTTPClient(srv.Client()), WithSleep(func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}))
	if err != nil {
		t.Fatal(err)
	}
	return c, s, &waits
}

func throttled() http.HandlerFunc {
	return says(200, `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"MsgCode":14,"Errors":[{"Message":"调用次数超过限制"}]}}}]]`)
}

func TestCallFailures(t *testing.T) {
	t.Parallel()
	lost, ok := says(200, lostAnswer), says(200, `[]`)
	for _, c := range []struct {
		name            string
		auth            string
		answers         []http.HandlerFunc
		want            error // nil: succeeds
		queries, logins int
		waits           int
	}{
		{"session lost once is one login and one repeat", AuthAppSecret, []http.HandlerFunc{lost, ok}, nil, 2, 2, 0},
		{"session lost twice is a named error, no third attempt", AuthSign, []http.HandlerFunc{lost}, ErrSessionLost, 2, 2, 0},
		{"signed headers are repeated once without a login", AuthSigned, []http.HandlerFunc{lost}, ErrSessionLost, 2, 0, 0},
		{"throttled once is waited for", AuthSigned, []http.HandlerFunc{throttled(), ok}, nil, 2, 0, 1},
		{"throttled for ever gives up", AuthSigned, []http.HandlerFunc{throttled()}, connectors.ErrThrottled, 5, 0, 4},
		{"503 is throttling", AuthSigned, []http.HandlerFunc{says(503, "busy"), ok}, nil, 2, 0, 1},
		{"519 is throttling", AuthSigned, []http.HandlerFunc{says(519, `{"errcode":9999}`), ok}, nil, 2, 0, 1},
		{"519 with an old timestamp is not", AuthSigned, []http.HandlerFunc{says(519, `{"errcode":4006}`)}, connectors.ErrUnauthorized, 1, 0, 0},
		{"519 with an unknown address is not", AuthSigned, []http.HandlerFunc{says(519, `{"errcode":"5001"}`)}, connectors.ErrConfig, 1, 0, 0},
		{"404 is a wrong address", AuthSigned, []http.HandlerFunc{says(404, "")}, connectors.ErrConfig, 1, 0, 0},
		{"403 is a wrong credential", AuthSigned, []http.HandlerFunc{says(403, "")}, connectors.ErrUnauthorized, 1, 0, 0},
		{"web page with status 200", AuthSigned, []http.HandlerFunc{says(200, "<html>Service Unavailable</html>")}, errNoAnswer, 1, 0, 0},
		{"half an answer", AuthSigned, []http.HandlerFunc{says(200, `[["1",`)}, errNoAnswer, 1, 0, 0},
		{"body shorter than announced", AuthSigned, []http.HandlerFunc{cut}, errNoAnswer, 1, 0, 0},
		{"redirect", AuthSigned, []http.HandlerFunc{http.RedirectHandler("https://elsewhere.example/", http.StatusFound).ServeHTTP}, connectors.ErrConfig, 1, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, s, waits := scripted(t, c.auth, c.answers...)
			_, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2)
			if !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
				t.Errorf("query = %v, want %v", err, c.want)
			}
			if s.queries != c.queries || s.logins != c.logins || len(*waits) != c.waits {
				t.Errorf("%d queries, %d logins, %d waits; want %d, %d, %d", s.queries, s.logins, len(*waits), c.queries, c.logins, c.waits)
			}
		})
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, `[]`)
}

func TestServerErrorIsTemporary(t *testing.T) {
	t.Parallel()
	conn, _, _ := scripted(t, AuthSigned, says(500, "<html>oops</html>"))
	_, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2)
	var e *Error
	if !errors.As(err, &e) || e.Kind != nil || e.HTTP != 500 {
		t.Errorf("query = %v", err)
	}
}

func TestWaitsGrowAndFollowTheSite(t *testing.T) {
	t.Parallel()
	later := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	conn, _, waits := scripted(t, AuthSigned, throttled(), throttled(), later, throttled())
	_, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2)
	want := []time.Duration{time.Second, 2 * time.Second, 7 * time.Second, 8 * time.Second}
	if !errors.Is(err, connectors.ErrThrottled) || len(*waits) != 4 {
		t.Fatalf("%v after %v", err, *waits)
	}
	for i, w := range want {
		if (*waits)[i] != w {
			t.Errorf("waits %v, want %v", *waits, want)
		}
	}
}

func TestCancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	conn, s, _ := scripted(t, AuthSigned, throttled())
	ctx, cancel := context.WithCancel(t.Context())
	conn.sleep = func(ctx context.Context, d time.Duration) error {
		cancel()
		return egress.Wait(ctx, time.Hour)
	}
	next, err := conn.Pull(ctx, "", func(connectors.Record) error { return nil })
	if !errors.Is(err, context.Canceled) || s.queries != 1 {
		t.Errorf("Pull = %q, %v after %d queries", next, err, s.queries)
	}
}

func TestOneLoginServesAllCallers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Add(4)
	conn, s, _ := scripted(t, AuthAppSecret, nil)
	valid := "session-xx"
	first := sync.Map{}
	conn.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		id := r.Header.Get("kdservice-sessionid")
		if _, again := first.LoadOrStore(r.Context().Value(callerKey{}), true); id == "session-x" && !again {
			waiting.Done()
			<-release // all four have been refused before anyone logs in again
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	s.answers = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("kdservice-sessionid") != valid {
			says(200, lostAnswer)(w, r)
			return
		}
		says(200, `[]`)(w, r)
	}}
	if _, err := conn.auth.pass(t.Context()); err != nil { // session-x, which the site does not know
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			ctx := context.WithValue(t.Context(), callerKey{}, i)
			if _, err := conn.query(ctx, query{FormID: customerForm, Limit: 1}, 2); err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	close(release)
	all.Wait()
	if s.logins != 2 {
		t.Errorf("%d logins, want the first and one more", s.logins)
	}
}

type callerKey struct{}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestARestedSessionIsRenewedFirst(t *testing.T) {
	t.Parallel()
	conn, s, _ := scripted(t, AuthPassword, says(200, `[]`))
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	conn.now = func() time.Time { return now }
	for _, step := range []struct {
		wait   time.Duration
		logins int
	}{{0, 1}, {14 * time.Minute, 1}, {14 * time.Minute, 1}, {16 * time.Minute, 2}} {
		now = now.Add(step.wait)
		if _, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2); err != nil || s.logins != step.logins {
			t.Errorf("after %v: %d logins, want %d (%v)", step.wait, s.logins, step.logins, err)
		}
	}
}

func TestAnswersAreBoundedAfterDecompression(t *testing.T) {
	t.Parallel()
	zipped := func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("the request does not allow gzip")
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, "[]"+strings.Repeat(" ", 1000))
		_ = z.Close()
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(b.Bytes())
	}
	conn, _, _ := scripted(t, AuthSigned, zipped)
	if _, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2); err != nil {
		t.Errorf("gzip: %v", err)
	}
	conn.limit = 1000
	if _, err := conn.query(t.Context(), query{FormID: customerForm, Limit: 1}, 2); err == nil || !strings.Contains(err.Error(), "1000 bytes") {
		t.Errorf("over the limit: %v", err)
	}
}

// TestFailuresTellNoSecret lets the site repeat everything that it was sent and lets the network fail.
func TestFailuresTellNoSecret(t *testing.T) {
	t.Parallel()
	echo := func(status int, around string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(status)
			said := strings.Join([]string{"hunter2", r.Header.Get("X-Kd-Signature"), string(body), example().AppSecret, example().AppID}, " ")
			_, _ = io.WriteString(w, strings.ReplaceAll(around, "%", strings.ReplaceAll(said, `"`, "'")))
		}
	}
	secret, _ := clientSecret(example().AppID)
	signature := http.Header{}
	_ = sign(signature, example(), "/", "1")
	secrets := []string{"hunter2", example().AppSecret, secret, signature.Get("X-Kd-Signature"), "AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld"}
	for _, auth := range []string{AuthSigned, AuthAppSecret, AuthSign, AuthPassword} {
		for _, answer := range []http.HandlerFunc{echo(500, "%"), echo(200, "%"), echo(200, "<html>%</html>"), echo(200, `[[{"a":"%"}]]`),
			echo(200, `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"MsgCode":14,"Errors":[{"Message":"%"}]}}}]]`)} {
			conn, _, _ := scripted(t, auth, answer)
			var logged bytes.Buffer
			conn.log = slog.New(slog.NewTextHandler(&logged, nil))
			_, err := conn.Pull(t.Context(), "", func(connectors.Record) error { return nil })
			write := conn.WriteBack(t.Context(), connectors.Change{ID: "1", Fields: map[string]string{"tier": "A"}})
			text := logged.String() + err.Error() + write.Error()
			conn.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return nil, errors.New("cannot send " + r.Header.Get("X-Kd-Signature") + " hunter2")
			})
			text += conn.Check(t.Context()).Error()
			for _, s := range secrets {
				if strings.Contains(text, s) {
					t.Errorf("auth %s: %q is told in %s", auth, s, text)
				}
			}
		}
	}
}
