package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/raw"
	"lingke/internal/store"
)

// BenchmarkBackfill is the first sync of an ERP by the command, without a gateway that carries out what follows meanwhile: -load.rows customers and twice as many orders, which
// are five rows for each customer, beside the bare write of what it leaves behind.
//
// Both sides do the same for the store. The bare write stores the same customers with their effects, the same orders and the same raw records into a new file, in the order in
// which the source told them, in parts of barePart from bareWorkers goroutines, which is where more of either stops to make it faster. It has everything in memory,
// finished: nothing is asked, read back, compared or decided. The sync asks a site over HTTP, page by page, knows each record by what is stored, merges, scores, tiers and routes.
// The emulated ERP is a process of its own, so its work is in neither side's processor time; where it shares the machine's two cores, it is in the wall time of the sync.
//
// x-wall and x-cpu are the sync's time over the bare write's, by the clock and by the processors; on a busy machine only the latter means something. records/s counts customers and
// orders, rows/s the rows that Kingdee answered with. peak-MB is the most that the heap held in the sync. Garbage is collected as the program does.
func BenchmarkBackfill(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(300))
	for b.Loop() {
		erp := emulate(b, *loadRows, 2**loadRows)
		a := erp.gateway(b, b.TempDir())
		runtime.GC()
		peak := watchHeap()
		cpu, began := cpuTime(b), time.Now()
		report, err := a.Pull(b.Context(), "kingdee", true, nil)
		took, cpuSync := time.Since(began), cpuTime(b)-cpu
		if err != nil || report.Records != 3**loadRows || report.Bad > 0 {
			b.Fatalf("%+v, %v", report, err)
		}
		most := peak()
		all := readStored(b, a.Store())
		if err := a.Close(); err != nil {
			b.Fatal(err)
		}
		erp.stop()
		runtime.GC()
		cpu = cpuTime(b)
		bare := all.write(b)
		cpuBare := cpuTime(b) - cpu
		b.ReportMetric(float64(report.Records)/took.Seconds(), "records/s")
		b.ReportMetric(float64(all.rows)/took.Seconds(), "rows/s")
		b.ReportMetric(float64(report.Records)/bare.Seconds(), "bare-records/s")
		b.ReportMetric(took.Seconds()/bare.Seconds(), "x-wall")
		b.ReportMetric(cpuSync.Seconds()/cpuBare.Seconds(), "x-cpu")
		b.ReportMetric(cpuBare.Seconds(), "bare-cpu-s")
		b.ReportMetric(float64(most)/(1<<20), "peak-MB")
	}
}

// How the bare write is spread.
const (
	barePart    = 500
	bareWorkers = 4
)

// stored is what a sync has stored.
type stored struct {
	raws      []raw.Part
	rows      int // that the raw records hold
	orders    []customer.Order
	customers []customer.Customer
}

// readStored reads it back, in the order in which the source told it.
func readStored(b testing.TB, s store.Store) (all stored) {
	b.Helper()
	err := s.EachRaw(b.Context(), "kingdee", "", func(p raw.Part) error {
		all.raws = append(all.raws, p)
		return p.Each(func(v raw.Version) error {
			var d struct{ Rows []json.RawMessage }
			err := json.Unmarshal(v.Raw, &d)
			all.rows += len(d.Rows)
			return err
		})
	})
	if err == nil {
		err = s.EachOrder(b.Context(), "kingdee", func(o customer.Order) error {
			all.orders = append(all.orders, o)
			return nil
		})
	}
	if err == nil {
		err = s.EachCustomer(b.Context(), func(c customer.Customer) error {
			c.Rev = 0
			all.customers = append(all.customers, c)
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	slices.SortFunc(all.orders, func(x, y customer.Order) int {
		return cmp.Or(x.ModifiedAt.Compare(y.ModifiedAt), cmp.Compare(x.ID, y.ID))
	})
	slices.SortFunc(all.customers, func(x, y customer.Customer) int { return cmp.Or(x.Updated.Compare(y.Updated), cmp.Compare(x.ID, y.ID)) })
	return all
}

// write stores what is finished already.
func (all stored) write(b testing.TB) time.Duration {
	return bareStore(b, func(ctx context.Context, s store.Store) {
		inParts(b, all.raws, 1, bareWorkers, func(p []raw.Part) error { return s.AddRaw(ctx, p[0]) })
		inParts(b, all.orders, barePart, bareWorkers, func(some []customer.Order) error {
			_, err := s.PutOrders(ctx, some)
			return err
		})
		inParts(b, all.customers, barePart, bareWorkers, func(some []customer.Customer) error {
			_, err := s.PutCustomers(ctx, some)
			return err
		})
	})
}

func inParts[T any](b testing.TB, all []T, size, workers int, put func([]T) error) {
	b.Helper()
	parts := make(chan []T)
	ended := make(chan error, workers)
	for range workers {
		go func() {
			var err error
			for some := range parts {
				if e := put(some); e != nil {
					err = e
				}
			}
			ended <- err
		}()
	}
	for from := 0; from < len(all); from += size {
		parts <- all[from:min(from+size, len(all))]
	}
	close(parts)
	for range workers {
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
}

// watchHeap looks at the heap until the returned function is called, which tells the most above what it was.
func watchHeap() (most func() uint64) {
	held := func() uint64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return s[0].Value.Uint64()
	}
	before, peak := held(), uint64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				if now := held(); now > before {
					peak = max(peak, now-before)
				}
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return peak
	}
}
