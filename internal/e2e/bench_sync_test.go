package e2e_test

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/emulator"
	"lingke/internal/emulator/sample"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// BenchmarkSync pulls -load.rows customers from the emulated Kingdee, pages, signatures and all, until each is merged, scored, routed and stored, beside
// the bare write of as many customers of that size.
func BenchmarkSync(b *testing.B) {
	for b.Loop() {
		g := newDataGateway(b, time.Now(), func(erp emulator.Records) error { return seedCustomers(erp, *loadRows) }, nil)
		began := time.Now()
		report, err := g.app.Pull(b.Context(), "kingdee", true, nil)
		took := time.Since(began)
		if err != nil || report.Records != *loadRows || report.Bad > 0 {
			b.Fatalf("%+v, %v", report, err)
		}
		bare := bareWrite(b, readCustomers(b, g.app.Store()))
		b.ReportMetric(float64(*loadRows)/took.Seconds(), "rows/s")
		b.ReportMetric(float64(*loadRows)/bare.Seconds(), "bare-rows/s")
		b.ReportMetric(took.Seconds()/bare.Seconds(), "x-bare")
	}
}

func seedCustomers(erp emulator.Records, n int) error {
	rnd := rand.New(rand.NewPCG(20260302, 0))
	start := time.Now().Add(-time.Duration(n) * time.Minute)
	for i := range n {
		if err := erp.PutRecord("BD_Customer", sample.NewLead(rnd, start.Add(time.Duration(i)*time.Minute))); err != nil {
			return err
		}
	}
	return nil
}

func readCustomers(b *testing.B, s store.Store) []customer.Customer {
	b.Helper()
	var all []customer.Customer
	err := s.EachCustomer(b.Context(), func(c customer.Customer) error {
		c.Rev = 0
		all = append(all, c)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// bareWrite stores customers that are finished already, from 64 goroutines.
func bareWrite(b *testing.B, all []customer.Customer) time.Duration {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	began := time.Now()
	_ = concurrently(b, len(all), func(_, i int) error { return s.PutCustomer(b.Context(), all[i]) })
	return time.Since(began)
}
