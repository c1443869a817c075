package httpapi

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
)

// queueMetrics asks the store at each scrape how the deliveries and the budgets stand: that is the same on every replica. Where it does not answer in time, they are
// missing from that scrape.
type queueMetrics struct {
	depths  func(ctx context.Context, now time.Time) ([]delivery.Depth, error)
	budgets func(ctx context.Context) ([]budget.Standing, error)
	now     func() time.Time

	depth, oldest, used, limit, forecast *prometheus.Desc
}

// scrapeTime bounds what a scrape asks the store.
const scrapeTime = 5 * time.Second

// WatchQueue adds how many deliveries wait and were given up, and how the platforms' budgets stand.
func (m *Metrics) WatchQueue(depths func(context.Context, time.Time) ([]delivery.Depth, error), budgets func(context.Context) ([]budget.Standing, error), now func() time.Time) {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	m.registry.MustRegister(&queueMetrics{
		depths: depths, budgets: budgets, now: now,
		depth:    desc("lingke_deliveries", "Deliveries by state: due, dead.", "platform", "state"),
		oldest:   desc("lingke_delivery_oldest_seconds", "Age of the oldest delivery that is due and not sent.", "platform"),
		used:     desc("lingke_budget_used", "What is used of a platform's budget.", "budget"),
		limit:    desc("lingke_budget_limit", "A platform's budget.", "budget"),
		forecast: desc("lingke_budget_forecast", "What will have been used of a month's budget at its end.", "budget"),
	})
}

// Describe is prometheus.Collector's.
func (q *queueMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{q.depth, q.oldest, q.used, q.limit, q.forecast} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (q *queueMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	if depths, err := q.depths(ctx, q.now()); err == nil {
		for _, d := range depths {
			gauge(q.depth, float64(d.N), string(d.Platform), string(d.State))
			if !d.Oldest.IsZero() {
				gauge(q.oldest, q.now().Sub(d.Oldest).Seconds(), string(d.Platform))
			}
		}
	}
	budgets, err := q.budgets(ctx)
	if err != nil {
		return
	}
	for _, b := range budgets {
		gauge(q.used, float64(b.Used), b.Name)
		gauge(q.limit, float64(b.Max), b.Name)
		if !b.Resets.IsZero() {
			gauge(q.forecast, float64(b.Forecast), b.Name)
		}
	}
}
