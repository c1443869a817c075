package sqlite

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

// callers is how many goroutines call at once, as many as a busy gateway has requests.
const callers = 64

// BenchmarkStore measures what a gateway does most. "one transaction each" is the floor that group commit is compared with.
func BenchmarkStore(b *testing.B) {
	b.Run("event/one transaction each", func(b *testing.B) { benchEvents(b, withBatch(1)) })
	b.Run("event/committed together", func(b *testing.B) { benchEvents(b) })
	b.Run("claim/one transaction each", func(b *testing.B) { benchClaims(b, withBatch(1)) })
	b.Run("claim/committed together", func(b *testing.B) { benchClaims(b) })
	b.Run("read one", benchRead)
	b.Run("stream 50,000", benchStream)
}

// concurrently runs b.N calls from 64 goroutines and reports calls a second and the 99th percentile of their time.
func concurrently(b *testing.B, call func(i int) error) {
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.N; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := call(i); err != nil {
					b.Error(err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
}

func benchEvents(b *testing.B, opts ...Option) {
	s := openTest(b, opts...)
	body := make([]byte, 1000)
	concurrently(b, func(i int) error {
		e := inbox.Event{ID: fmt.Sprintf("%x-%d", i*2654435761%(1<<32), i), Source: "hook:website", Body: body, State: inbox.Due, Received: crashDay, Due: crashDay}
		_, err := s.AddEvent(context.Background(), e)
		return err
	})
}

// benchCustomer is a customer of about 1 kB.
func benchCustomer(i int) customer.Customer {
	id := fmt.Sprintf("c%07d", i)
	c := customer.Customer{ID: id, Stage: customer.Lead, Name: "精密机械有限公司" + id, Tier: "A", Pool: "高价值线索", Fields: map[string]customer.Field{}}
	for _, name := range []string{"industry", "employees", "city", "contact", "phone", "source", "need", "budget"} {
		c.Fields[name] = customer.Field{Value: "value of " + name, Source: "kingdee", At: crashDay}
	}
	c.Records = []customer.Record{{Ref: customer.NewRef("kingdee", id), At: crashDay}}
	c.Score.Total = float64(i*7919%100_000) / 1000
	return c
}

func benchFill(b *testing.B, s *Store, n int) {
	b.Helper()
	var all sync.WaitGroup
	for worker := range callers {
		all.Go(func() {
			for i := worker; i < n; i += callers {
				if err := s.PutCustomer(context.Background(), benchCustomer(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func benchClaims(b *testing.B, opts ...Option) {
	s := openTest(b, opts...)
	benchFill(b, s, b.N)
	concurrently(b, func(i int) error {
		c := benchCustomer(i)
		person := fmt.Sprint("person", i%200)
		c.Rev, c.Owner, c.Pool = 1, person, ""
		return s.Claim(context.Background(), c, store.Allowance{Person: person, Day: "2026-03-02", Daily: 1 << 30, Holding: 1 << 30})
	})
}

func benchRead(b *testing.B) {
	s := openTest(b)
	benchFill(b, s, 10_000)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Customer(context.Background(), fmt.Sprintf("c%07d", i*7919%10_000)); err != nil {
			b.Fatal(err)
		}
	}
}

func benchStream(b *testing.B) {
	s := openTest(b)
	benchFill(b, s, 50_000)
	b.ResetTimer()
	for b.Loop() {
		n := 0
		if err := s.EachCustomer(context.Background(), func(customer.Customer) error { n++; return nil }); err != nil || n != 50_000 {
			b.Fatal(n, err)
		}
	}
}
