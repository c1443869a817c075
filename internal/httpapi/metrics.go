package httpapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"lingke/internal/connections"
	"lingke/internal/delivery"
)

// Metrics counts and times what the gateway does, in a registry of its own. Its methods may be called from several goroutines. Every label
// has a bounded set of values (labels.go); none comes from a stranger.
type Metrics struct {
	registry   *prometheus.Registry
	labels     *labels
	requests   *prometheus.HistogramVec
	pushes     *prometheus.CounterVec
	deliveries *prometheus.HistogramVec
	events     *prometheus.HistogramVec
	effects    *prometheus.HistogramVec
	results    *prometheus.CounterVec
	refusals   *prometheus.CounterVec
	pulled     *prometheus.CounterVec
	good       *prometheus.GaugeVec
}

// NewMetrics returns metrics at zero, with those of the Go runtime and the process beside them.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		labels:   newLabels(),
		requests: histogram("lingke_http_request_seconds", "HTTP requests by route and class of status.", "route", "method", "status"),
		pushes: counter("lingke_hook_pushes_total",
			"Pushes by connector and outcome: accepted, duplicate, or why they were refused.", "connector", "outcome"),
		deliveries: histogram("lingke_delivery_attempt_seconds", "Delivery attempts by what became of them: done, retry, dead.", "platform", "kind", "outcome"),
		events:     histogram("lingke_event_seconds", "Events worked on, by source and outcome.", "source", "outcome"),
		effects:    histogram("lingke_effect_seconds", "Customers whose effects were carried out, by outcome.", "outcome"),
		results:    counter("lingke_delivery_results_total", "People of whom a platform told, after a message was sent, that they read it, have not yet, or were refused.", "platform", "outcome"),
		refusals:   counter("lingke_callback_refusals_total", "Callbacks refused, by platform and reason.", "platform", "reason"),
		pulled:     counter("lingke_connector_records_total", "Records of pulls, by connector: taken, refused; and runs that failed.", "connector", "outcome"),
		good: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "lingke_connector_good_timestamp_seconds",
			Help: "When the last pull without an error began, by connector."}, []string{"connector"}),
	}
	m.registry.MustRegister(m.requests, m.pushes, m.deliveries, m.events, m.effects, m.results, m.refusals, m.pulled, m.good,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// buckets reach from a read of memory to the longest request.
func buckets() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
}

func histogram(name, help string, names ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets()}, names)
}

func counter(name, help string, names ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, names)
}

// Handler answers with all metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Registry is where other packages may register metrics of their own.
func (m *Metrics) Registry() prometheus.Registerer { return m.registry }

// ObserveDelivery notes one attempt of a delivery, as it was stored afterwards.
func (m *Metrics) ObserveDelivery(d delivery.Delivery, took time.Duration) {
	outcome := "retry"
	switch d.State {
	case delivery.Done:
		outcome = "done"
	case delivery.Dead:
		outcome = "dead"
	}
	m.deliveries.WithLabelValues(m.labels.bound("platform", string(d.Platform)), m.labels.bound("kind", d.Kind), outcome).Observe(took.Seconds())
}

// ObserveResults notes of how many people a platform told what became of a message: "read", "unread", "refused".
func (m *Metrics) ObserveResults(platform, outcome string, n int) {
	m.results.WithLabelValues(m.labels.bound("platform", platform), m.labels.bound("result", outcome)).Add(float64(n))
}

// ObserveEvent notes the work on one event of a source ("im", "hook:website") and what came of it ("done", "retry", "dead").
func (m *Metrics) ObserveEvent(source, outcome string, took time.Duration) {
	m.events.WithLabelValues(m.labels.bound("source", source), m.labels.bound("outcome", outcome)).Observe(took.Seconds())
}

// ObserveEffect notes that a customer's effects were carried out ("done") or not ("failed").
func (m *Metrics) ObserveEffect(outcome string, took time.Duration) {
	m.effects.WithLabelValues(m.labels.bound("effect", outcome)).Observe(took.Seconds())
}

// ObserveRefusal notes a callback of a platform that was refused, and why ("signature", "stale", "too_large", …).
func (m *Metrics) ObserveRefusal(platform, reason string) {
	m.refusals.WithLabelValues(m.labels.bound("platform", platform), m.labels.bound("reason", reason)).Inc()
}

// ObservePull notes a pull that ended.
func (m *Metrics) ObservePull(connector string, run connections.Run) {
	connector = m.labels.bound("connector", connector)
	m.pulled.WithLabelValues(connector, "taken").Add(float64(run.Records))
	m.pulled.WithLabelValues(connector, "refused").Add(float64(run.Refused))
	if run.Error != "" {
		m.pulled.WithLabelValues(connector, "failed").Inc()
		return
	}
	m.good.WithLabelValues(connector).Set(float64(run.Began.UnixMilli()) / 1000)
}

func (m *Metrics) observePush(connector, outcome string) {
	m.pushes.WithLabelValues(m.labels.bound("connector", connector), outcome).Inc()
}

// observeRequest notes a request; a route of "" is an address that there is not.
func (m *Metrics) observeRequest(route, method string, status int, took time.Duration) {
	class := strconv.Itoa(status/100) + "xx"
	m.requests.WithLabelValues(route, boundedMethod(method), class).Observe(took.Seconds())
}

// boundedMethod keeps the usual methods: any text may stand there.
func boundedMethod(method string) string {
	if slices.Contains(strings.Fields("GET HEAD POST PUT PATCH DELETE OPTIONS"), method) {
		return method
	}
	return "other"
}
