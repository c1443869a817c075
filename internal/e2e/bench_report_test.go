package e2e_test

import (
	"flag"
	"io"
	"path/filepath"
	"testing"
	"time"

	"lingke/internal/report"
)

var reportCustomers = flag.Int("report.customers", 2_000, "customers that the report benchmark reads; each has two orders and three activities")

// BenchmarkReport makes the effect report of a quarter of a year; beside it the pass that only reads and decodes the same customers, orders and activities, one page after the other (x-read).
// peak-MB is how much more heap than before was in use when it was done. usual-x is what all the usual reports together take, in one pass, of what that one takes; kept-us is an answer from them.
func BenchmarkReport(b *testing.B) {
	a := rescoreApp(b, "sqlite://"+filepath.Join(b.TempDir(), "report.db"), *reportCustomers)
	p := report.Period{From: orderStart.AddDate(0, 0, -90), To: orderStart}
	for b.Loop() {
		read := measured(b, func() error { return readEverything(b.Context(), a.Store()) })
		before := heap()
		made := measured(b, func() error {
			e, err := a.Effects(b.Context(), p)
			if err == nil && e.Customers != *reportCustomers {
				b.Fatalf("%d customers", e.Customers)
			}
			return err
		})
		b.ReportMetric(float64(max(heap(), before)-before)/(1<<20), "peak-MB")
		usual := measured(b, func() error { return a.RunJob(b.Context(), "figures", io.Discard) })
		kept := measured(b, func() error {
			_, found, err := a.KeptEffects(b.Context(), "", orderStart)
			if many := *reportCustomers >= 10_000; err == nil && found != many {
				b.Fatalf("kept: %v", found)
			}
			return err
		})
		b.ReportMetric(float64(*reportCustomers)/made.wall.Seconds(), "customers/s")
		b.ReportMetric(made.wall.Seconds()/read.wall.Seconds(), "x-read")
		b.ReportMetric(made.cpu.Seconds()/read.cpu.Seconds(), "x-read-cpu")
		b.ReportMetric(float64(made.wall)/float64(time.Millisecond), "ms")
		b.ReportMetric(usual.wall.Seconds()/made.wall.Seconds(), "usual-x")
		b.ReportMetric(float64(kept.wall)/float64(time.Microsecond), "kept-us")
	}
}
