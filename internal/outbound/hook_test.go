package outbound_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/internal/customer"
	"lingke/internal/outbound"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// listener is somebody's webhook.
type listener struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	header http.Header
	bodies []outbound.Message
	ids    []string
	bad    []error
}

func newListener(t *testing.T) *listener {
	l := &listener{status: http.StatusNoContent, header: http.Header{}}
	verifier, err := standardwebhooks.NewWebhook(hookSecret)
	must(t, err)
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		if err := verifier.VerifyIgnoringTimestamp(body, r.Header); err != nil {
			l.bad = append(l.bad, err)
		}
		var m outbound.Message
		if err := json.Unmarshal(body, &m); err != nil {
			l.bad = append(l.bad, err)
		}
		l.bodies, l.ids = append(l.bodies, m), append(l.ids, r.Header.Get("webhook-id"))
		for name := range l.header {
			w.Header().Set(name, l.header.Get(name))
		}
		w.WriteHeader(l.status)
		_, _ = w.Write([]byte("hush-answer"))
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listener) answer(status int, header ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status, l.header = status, http.Header{}
	for i := 0; i < len(header); i += 2 {
		l.header.Set(header[i], header[i+1])
	}
}

// hook tells the listener the tiers of customers of system a.
func (w *world) hook(l *listener, private bool, events ...string) *outbound.Sender {
	w.carrier.Hooks["bi"] = events
	return w.add(outbound.HookTarget("bi"), &outbound.Hook{URL: l.URL + "/?token=hush-url", Secret: hookSecret, Client: egress.Client(5*time.Second, !private), Now: w.Now})
}

// tellOne takes in a customer whose tier follows from its head count.
func (w *world) tellOne(headcount string) {
	w.t.Helper()
	a := w.systems["a"]
	if a == nil {
		a = &system{w: w, name: "a", records: map[string]*connectors.Record{}}
		w.systems["a"] = a
	}
	a.change("1", map[string]string{"name": "华星", "headcount": headcount})
	w.carry()
}

func TestAWebhookHearsSignedWhatChangedOnce(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	w.hook(l, true, outbound.TierChanged)
	w.tellOne("800")
	w.tellOne("800")
	w.tellOne("5")
	if len(l.bodies) != 2 || len(l.bad) != 0 || l.ids[0] == l.ids[1] {
		t.Fatalf("heard %+v, not genuine: %v", l.bodies, l.bad)
	}
	first, second := l.bodies[0], l.bodies[1]
	if first.Type != outbound.TierChanged || first.Data.Name != "华星" || first.Data.Refs[0] != "a/1" || first.Data.Tier.From != nil || first.Data.Tier.To != "A" {
		t.Errorf("first %+v", first)
	}
	if second.Data.Tier.From != "A" || second.Data.Tier.To == "A" || second.Data.ID != w.customer("a/1").ID {
		t.Errorf("second %+v", second)
	}
}

func TestSmallMovementsOfTheScoreAreNotTold(t *testing.T) {
	t.Parallel()
	c := customer.Customer{Rev: 3}
	all := customer.Watch{Score: true}
	for _, tt := range []struct {
		score float64
		told  bool
	}{{50, true}, {54.4, false}, {54.6, true}, {50.5, false}, {49.4, true}} {
		c.Score.Total, c.Effects = tt.score, nil
		if c.Announce(all, start); len(c.Effects) == 1 != tt.told {
			t.Errorf("at %g told: %v", tt.score, c.Effects)
		}
	}
	c.Announce(customer.Watch{}, start)
	if len(c.Effects) != 1 {
		t.Errorf("nobody watches and yet %v", c.Effects)
	}
}

func TestAWebhookThatFailsIsTriedAgainWithGrowingWaits(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	w.hook(l, true, outbound.TierChanged)
	l.answer(500)
	w.tellOne("800")
	var waits []time.Duration
	for range 20 {
		due := w.posts(outbound.Due)
		if len(due) == 0 {
			break
		}
		wait := due[0].Due.Sub(w.Now())
		waits = append(waits, wait)
		w.Pass(wait)
		w.send()
	}
	dead := w.posts(outbound.Dead)
	if len(dead) != 1 || dead[0].Why != "status 500" || len(waits) != 10 || waits[0] != 5*time.Second || waits[9] != 24*time.Hour {
		t.Fatalf("waits %v, dead %+v", waits, dead)
	}
	for i := 1; i < len(waits); i++ {
		if waits[i] <= waits[i-1] {
			t.Errorf("waits do not grow: %v", waits)
		}
	}
	l.answer(200)
	must(t, w.store.ReplayPost(t.Context(), dead[0].ID, w.Now()))
	w.send()
	if len(w.posts(outbound.Done)) != 1 || l.ids[0] != l.ids[len(l.ids)-1] {
		t.Errorf("after the replay %+v", w.posts(""))
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	w.hook(l, true, outbound.TierChanged)
	l.answer(429, "Retry-After", "600")
	w.tellOne("800")
	if due := w.posts(outbound.Due); len(due) != 1 || due[0].Due.Sub(w.Now()) != 10*time.Minute {
		t.Errorf("%+v", due)
	}
}

func TestATargetThatFailsForDaysIsDisabledAndManagersAreToldOnce(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	s := w.hook(l, true, outbound.TierChanged)
	l.answer(503)
	for day := range 7 {
		w.tellOne([]string{"800", "5"}[day%2])
		w.Pass(24 * time.Hour)
		w.send()
	}
	heard := len(l.ids)
	h, err := s.Health(t.Context())
	must(t, err)
	if h.Disabled.IsZero() || h.Disabled.Sub(h.FailingSince) < outbound.DisableAfter || len(w.alerts) != 1 || w.alerts[0] != "webhook:bi status 503" {
		t.Fatalf("%+v, alerts %v", h, w.alerts)
	}
	l.answer(200)
	w.send()
	if len(l.ids) != heard {
		t.Error("a disabled target was sent to")
	}
	must(t, s.Enable(t.Context()))
	w.Pass(24 * time.Hour)
	w.send()
	if len(l.ids) == heard || len(w.posts(outbound.Done)) == 0 {
		t.Error("what was waiting is not sent after enabling")
	}
}

func TestOneSuccessEndsAFailingTime(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	s := w.hook(l, true, outbound.TierChanged)
	for day := range 12 {
		l.answer([]int{503, 503, 200}[day%3])
		w.tellOne([]string{"800", "5"}[day%2])
		w.Pass(24 * time.Hour)
		w.send()
	}
	if h, err := s.Health(t.Context()); err != nil || !h.Disabled.IsZero() || len(w.alerts) != 0 {
		t.Errorf("%+v, %v, alerts %v", h, err, w.alerts)
	}
}

func TestGoneDisablesAtOnce(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	s := w.hook(l, true, outbound.TierChanged)
	l.answer(410)
	w.tellOne("800")
	if h, err := s.Health(t.Context()); err != nil || h.Disabled.IsZero() || len(w.alerts) != 1 {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestAPrivateAddressIsNotReachedUnlessItIsAllowed(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	w.hook(l, false, outbound.TierChanged)
	w.tellOne("800")
	if due := w.posts(outbound.Due); len(l.ids) != 0 || len(due) != 1 || !strings.Contains(due[0].Why, "not a public one") {
		t.Errorf("reached %d times, %+v", len(l.ids), due)
	}
}

func TestNothingSecretIsLoggedOrKept(t *testing.T) {
	t.Parallel()
	w, l := newWorld(t, tierOnly), newListener(t)
	s := w.hook(l, true, outbound.TierChanged)
	var log bytes.Buffer
	s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	l.answer(500)
	w.tellOne("800")
	l.Close()
	w.Pass(time.Minute)
	w.send()
	text := log.String() + fmt.Sprintf("%+v", w.posts("")[0].Why)
	for _, secret := range []string{hookSecret, strings.TrimPrefix(hookSecret, "whsec_"), "hush-url", "hush-answer", "v1,"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is told in:\n%s", secret, text)
		}
	}
	if !strings.Contains(text, "status 500") {
		t.Errorf("the failure is not told:\n%s", text)
	}
}
