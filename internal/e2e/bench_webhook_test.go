package e2e_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/inbox"
	"lingke/internal/store/sqlite"
)

// webhookBody is a push of one customer, about 1 kB.
var webhookBody = []byte(`{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00+08:00","data":{"id":"bench-1","name":"苏州华东精密制造有限公司",` +
	`"industry":"制造业","headcount":820,"region":"华东","contact":"王建国","contact_role":"总经理","phone":"13800000000","annual_revenue":300000000,` +
	`"potential_acv":600000,"nps":9,"address":"江苏省苏州市工业园区星湖街328号","description":"` + strings.Repeat("需要报价。", 36) + `"}}`)

// BenchmarkWebhookAccepted is a push's whole way to its 200 over 64 connections: signature, decoding, the durable row of the inbox. Nobody works on the
// rows meanwhile. The floor writes the same row from as many goroutines with one transaction each.
func BenchmarkWebhookAccepted(b *testing.B) {
	b.Run("http", benchWebhookHTTP)
	b.Run("floor/one transaction each", func(b *testing.B) {
		var one sync.Mutex
		benchEventRows(b, &one)
	})
	b.Run("ceiling/rows committed together", func(b *testing.B) { benchEventRows(b, new(noLock)) })
}

func benchWebhookHTTP(b *testing.B) {
	a := idleApp(b)
	addr := serveHandler(b, a.Handler())
	clients := make([]*rawClient, loadClients)
	for i := range clients {
		clients[i] = dialRaw(b, addr)
	}
	heads := signedHeads(b.N, fmt.Sprintf("accepted-%d", b.N), time.Now(), webhookBody)
	b.ReportAllocs()
	b.ResetTimer()
	took := concurrently(b, b.N, func(worker, i int) error { return clients[worker].post(heads[i], webhookBody) })
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	took.report(b, "")
	stored, err := a.Store().Events(b.Context(), inbox.Due, b.N+1)
	if err != nil || len(stored) != b.N {
		b.Errorf("%d of %d pushes are stored: %v", len(stored), b.N, err)
	}
}

// idleApp is a gateway that accepts and does not work.
func idleApp(b *testing.B) *app.App {
	b.Helper()
	text := fmt.Sprintf(dataConfig, b.TempDir(), "127.0.0.1:1", "http://127.0.0.1:1", dataSecret)
	cfg, err := configs.Parse("bench.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.New(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	return a
}

type noLock struct{}

func (*noLock) Lock()   {}
func (*noLock) Unlock() {}

// benchEventRows writes the inbox row alone. Behind a lock no two writes wait together, so each has a transaction of its own.
func benchEventRows(b *testing.B, one sync.Locker) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "floor.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	now := time.Now()
	b.ResetTimer()
	took := concurrently(b, b.N, func(_, i int) error {
		one.Lock()
		defer one.Unlock()
		e := inbox.Event{ID: fmt.Sprintf("hook:crm:floor-%d", i), Source: "hook:crm", Body: webhookBody, State: inbox.Due, Received: now, Due: now}
		_, err := s.AddEvent(context.Background(), e)
		return err
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
	took.report(b, "")
}
