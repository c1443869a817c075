package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

func TestMetricsTellWhatHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.deps.Metrics
	m.ObserveDelivery(delivery.Delivery{Platform: bots.DingTalk, Kind: "lead", State: delivery.Done}, 20*time.Millisecond)
	m.ObserveDelivery(delivery.Delivery{Platform: bots.WeCom, Kind: "task", State: delivery.Due}, time.Second)
	m.ObserveDelivery(delivery.Delivery{Platform: bots.WeCom, Kind: "text", State: delivery.Dead}, time.Second)
	m.ObserveEvent("hook:website", "done", time.Millisecond)
	m.ObserveRefusal("wecom", "signature")
	m.ObserveEffect("done", time.Millisecond)
	w.lead("C-1", "甲")
	w.send(httptest.NewRequest(http.MethodGet, "/api/v1/customers/secret-id", nil))
	w.send(httptest.NewRequest("BREW", "/no/such/place", nil))
	text := w.send(httptest.NewRequest(http.MethodGet, "/metrics", nil)).body
	for _, line := range []string{
		`lingke_delivery_attempt_seconds_count{kind="lead",outcome="done",platform="dingtalk"} 1`,
		`lingke_delivery_attempt_seconds_count{kind="task",outcome="retry",platform="wecom"} 1`,
		`lingke_delivery_attempt_seconds_count{kind="text",outcome="dead",platform="wecom"} 1`,
		`lingke_event_seconds_count{outcome="done",source="hook:website"} 1`,
		`lingke_callback_refusals_total{platform="wecom",reason="signature"} 1`,
		`lingke_effect_seconds_count{outcome="done"} 1`,
		`lingke_http_request_seconds_count{method="PUT",route="/api/v1/customers/:source/:id",status="2xx"} 1`,
		`lingke_http_request_seconds_count{method="GET",route="/api/v1/customers/:id",status="4xx"} 1`,
		`lingke_http_request_seconds_count{method="other",route="",status="4xx"} 1`,
		`go_goroutines`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("metrics lack %s", line)
		}
	}
	if strings.Contains(text, "secret-id") || strings.Contains(text, "BREW") {
		t.Error("a stranger's word became a label")
	}
}

func TestLabelsHaveABoundedNumberOfValues(t *testing.T) {
	t.Parallel()
	l := newLabels()
	for i := range 10 * maxValues {
		got := l.bound("kind", fmt.Sprint(i))
		if want := fmt.Sprint(i); i < maxValues && got != want || i >= maxValues && got != other {
			t.Errorf("value %d became %q", i, got)
		}
	}
	if l.bound("kind", "0") != "0" || l.bound("platform", "new") != "new" || l.bound("platform", "\xff") != "?" {
		t.Error("known values and other labels must stay")
	}
}
