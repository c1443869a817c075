package httpapi

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors/webhook"
)

// BenchmarkPush is the whole way of a push over 64 kept connections: signature, decoding, a durable row, the answer. The sender runs in
// the same process and takes its share of the processor.
func BenchmarkPush(b *testing.B) {
	const connections = 64
	w := newWorld(b, func(d *Deps) { d.Log = slog.New(slog.DiscardHandler) })
	srv := httptest.NewServer(w.h)
	defer srv.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	took := make([][]time.Duration, connections)
	var senders sync.WaitGroup
	b.ResetTimer()
	started := time.Now()
	for c := range connections {
		senders.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				began := time.Now()
				if err := pushOnce(client, srv.URL, n); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(began))
			}
		})
	}
	senders.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(len(all))/time.Since(started).Seconds(), "req/s")
	if len(all) > 0 {
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	}
}

func pushOnce(client *http.Client, base string, n int64) error {
	body := fmt.Appendf(nil, `{"type":"customer.upsert","timestamp":"2026-03-02T10:00:00+08:00","data":`+
		`{"id":"W-%d","name":"华东精密机械","phone":"13812345678","industry":"制造业","headcount":"1200","modified_at":"2026-03-02T09:59:00+08:00"}}`, n)
	r, err := http.NewRequest(http.MethodPost, base+"/hooks/website", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header = webhook.Sign(testSecret, fmt.Sprintf("msg_%d", n), start, body)
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, text)
	}
	return err
}
