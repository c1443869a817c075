package httpapi

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"lingke/internal/connections"
)

// connectorMetrics asks the store at each scrape what waits that could not be taken in. Where it does not answer in time, that is missing from the scrape.
type connectorMetrics struct {
	connections func(context.Context) ([]connections.Status, error)
	refused     *prometheus.Desc
}

// WatchConnectors adds how many things of each connector's source could not be taken in and wait until they can.
func (m *Metrics) WatchConnectors(all func(context.Context) ([]connections.Status, error)) {
	m.registry.MustRegister(&connectorMetrics{all, prometheus.NewDesc("lingke_connector_refused",
		"Things of the source that could not be taken in and wait for a change there or of the mapping, by connector.", []string{"connector"}, nil)})
}

// Describe is prometheus.Collector's.
func (c *connectorMetrics) Describe(out chan<- *prometheus.Desc) { out <- c.refused }

// Collect is prometheus.Collector's.
func (c *connectorMetrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
	defer cancel()
	all, err := c.connections(ctx)
	if err != nil {
		return
	}
	for _, s := range all { // names from the config, so they are few
		out <- prometheus.MustNewConstMetric(c.refused, prometheus.GaugeValue, float64(s.Refused), s.Name)
	}
}
