package e2e_test

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"lingke/internal/emulator"
	"lingke/internal/emulator/sample"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// BenchmarkSync pulls -load.rows customers and twice as many orders of one to four rows from the emulated Kingdee, pages, signatures and all, until each is
// merged, scored, routed and stored; beside the bare write of the same documents one by one from 64 goroutines (x-bare), and in parts of 500 from four
// (x-parts). x-bare-cpu compares the processor's time, which other work on the machine changes less; that of the sync includes the emulated ERP and the cards
// of new leads. Then a hundredth of the customers change: that is the incremental pull.
func BenchmarkSync(b *testing.B) {
	for b.Loop() {
		g := newDataGateway(b, time.Now(), func(erp emulator.Records) error { return seedERP(erp, *loadRows) }, nil)
		cpu := cpuTime(b)
		took := syncAll(b, g, true, 3**loadRows)
		cpuSync := cpuTime(b) - cpu
		all := readStored(b, g.app.Store())
		cpu = cpuTime(b)
		bare := bareWrites(b, all)
		cpuBare := cpuTime(b) - cpu
		cpu = cpuTime(b)
		parts := all.write(b)
		cpuParts := cpuTime(b) - cpu
		change(b, g, *loadRows/100)
		again := syncAll(b, g, false, *loadRows/100)
		b.ReportMetric(float64(3**loadRows)/took.Seconds(), "records/s")
		b.ReportMetric(float64(3**loadRows)/bare.Seconds(), "bare-records/s")
		b.ReportMetric(took.Seconds()/bare.Seconds(), "x-bare")
		b.ReportMetric(cpuSync.Seconds()/cpuBare.Seconds(), "x-bare-cpu")
		b.ReportMetric(took.Seconds()/parts.Seconds(), "x-parts")
		b.ReportMetric(cpuSync.Seconds()/cpuParts.Seconds(), "x-parts-cpu")
		b.ReportMetric(again.Seconds(), "incremental-s")
	}
}

// cpuTime is what this process has used of the processors.
func cpuTime(b testing.TB) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// seedERP fills the emulated ERP with n customers and 2n orders, which have 2.5 rows each.
func seedERP(erp emulator.Records, n int) error {
	return sample.Fill(erp.PutRecord, time.Now().Add(-48*time.Hour), n, 2*n, 20260302)
}

// syncAll pulls and returns how long it took; at least so many records have to be taken in.
func syncAll(b *testing.B, g *dataGateway, full bool, least int) time.Duration {
	b.Helper()
	began := time.Now()
	report, err := g.app.Pull(b.Context(), "kingdee", full, nil)
	if err != nil || report.Records < least || report.Bad > 0 {
		b.Fatalf("%+v, %v; expected %d", report, err, least)
	}
	return time.Since(began)
}

// change makes new versions of the first n customers.
func change(b *testing.B, g *dataGateway, n int) {
	b.Helper()
	for i := range n {
		if err := g.em.Kingdee().PutRecord("BD_Customer", map[string]any{"FCUSTID": 100001 + i, "F_LK_HEADCOUNT": 5000 + i}); err != nil {
			b.Fatal(err)
		}
	}
}

// bareWrites stores what is finished already, each by itself.
func bareWrites(b *testing.B, all stored) time.Duration {
	return bareStore(b, func(ctx context.Context, s store.Store) {
		_ = concurrently(b, len(all.orders), func(_, i int) error {
			_, err := s.PutOrder(ctx, all.orders[i])
			return err
		})
		_ = concurrently(b, len(all.customers), func(_, i int) error { return s.PutCustomer(ctx, all.customers[i]) })
	})
}

func bareStore(b testing.TB, write func(context.Context, store.Store)) time.Duration {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	began := time.Now()
	write(b.Context(), s)
	return time.Since(began)
}
