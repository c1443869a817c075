package e2e_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/store"
)

var rescoreCustomers = flag.Int("rescore.customers", 2_000, "customers that the rescoring benchmark scores; each has two orders and three activities")

// BenchmarkRescore scores a whole store anew, in SQLite and, where there is a server, in MongoDB over the wire, as the night does, where nothing came out differently; beside it a bare pass that reads and decodes
// the customers alone (x-scan), and one that also reads their orders and activities, which scores follow from, in the same pages (x-read). The latter two are
// one goroutine's work. Ratios with -cpu compare the processor's time, which other work on the machine changes less. peak-MB is how much more heap than
// before was in use at most; rss-MB, where the system tells it, the most memory that the whole process held during the three passes.
func BenchmarkRescore(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchRescore(b, "sqlite://"+filepath.Join(b.TempDir(), "rescore.db")) })
	b.Run("mongo", func(b *testing.B) { benchRescore(b, onMongo(b)) })
}

func benchRescore(b *testing.B, uri string) {
	b.Helper()
	a := rescoreApp(b, uri, *rescoreCustomers)
	if _, err := a.Rescore(b.Context(), nil); err != nil { // the models in force, and the first ranks
		b.Fatal(err)
	}
	for b.Loop() {
		forgetPeak() // memory that is given back costs time to get again: before the first pass, not between them
		scan := measured(b, func() error {
			return a.Store().EachCustomer(b.Context(), func(customer.Customer) error { return nil })
		})
		read := measured(b, func() error { return readEverything(b.Context(), a.Store()) })
		before := heap()
		peak := before
		rescore := measured(b, func() error {
			n, err := a.Rescore(b.Context(), func(done int) {
				if done%(1<<13) < 256 {
					peak = max(peak, heap())
				}
			})
			if err == nil && n != *rescoreCustomers {
				err = fmt.Errorf("%d customers", n)
			}
			return err
		})
		b.ReportMetric(float64(*rescoreCustomers)/rescore.wall.Seconds(), "customers/s")
		b.ReportMetric(rescore.wall.Seconds()/scan.wall.Seconds(), "x-scan")
		b.ReportMetric(rescore.wall.Seconds()/read.wall.Seconds(), "x-read")
		b.ReportMetric(rescore.cpu.Seconds()/scan.cpu.Seconds(), "x-scan-cpu")
		b.ReportMetric(rescore.cpu.Seconds()/read.cpu.Seconds(), "x-read-cpu")
		b.ReportMetric(float64(peak-before)/(1<<20), "peak-MB")
		if mb, ok := peakMemory(); ok {
			b.ReportMetric(mb, "rss-MB")
		}
	}
}

type cost struct{ wall, cpu time.Duration }

func measured(b *testing.B, do func() error) cost {
	b.Helper()
	cpu, began := cpuTime(b), time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return cost{time.Since(began), cpuTime(b) - cpu}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// forgetPeak lets Linux count the most memory that the process held anew, see proc_pid_clear_refs(5). The garbage of what was before goes first.
func forgetPeak() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // peakMemory then tells more, or nothing
}

// peakMemory is the most that the process held since, in MB.
func peakMemory() (mb float64, ok bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / (1 << 10), true
		}
	}
	return 0, false
}

// readEverything decodes all customers, orders and activities, some hundred customers at a time.
func readEverything(ctx context.Context, s store.Store) error {
	for after := ""; ; {
		page, next, err := s.Customers(ctx, store.CustomerQuery{After: after, Limit: 256})
		if err != nil {
			return err
		}
		var refs []customer.Ref
		for _, c := range page {
			refs = append(refs, c.Refs()...)
		}
		_, err = s.Orders(ctx, refs)
		if _, more := s.Activities(ctx, refs, time.Time{}); err != nil || more != nil {
			return errors.Join(err, more)
		}
		if after = next; next == "" {
			return nil
		}
	}
}

// rescoreApp is a gateway that does not run, over a store with n customers.
func rescoreApp(b *testing.B, uri string, n int) *app.App {
	b.Helper()
	return filledApp(b, fmt.Sprintf("store: {uri: %q}\n", uri), n, func() time.Time { return orderStart }, func(*customer.Customer) {})
}

// filledApp is rescoreApp with a config and a clock of its own, and with customers as alter makes them.
func filledApp(b *testing.B, text string, n int, now func() time.Time, alter func(*customer.Customer)) *app.App {
	b.Helper()
	cfg, err := configs.Parse("lingke.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.New(b.Context(), cfg, app.WithClock(now))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := a.Close(); err != nil {
			b.Error(err)
		}
	})
	rules := dataRules(b)
	rules.Pools = nil
	s := ingest.New(a.Store(), func() *ingest.Rules { return rules }, func() time.Time { return orderStart }, func(string) {}, slog.New(slog.DiscardHandler))
	first := min(n, rescoreSample)
	if err := s.ApplyAll(b.Context(), "kingdee", rescoreBatch(0, first)); err != nil {
		b.Fatal(err)
	}
	multiply(b, a.Store(), n, alter)
	return a
}

// rescoreSample is how many customers are taken in and judged; the others are stored as copies of them, since what is measured is no intake.
const rescoreSample = 1_000

// multiply alters the store's customers and stores copies of them, with orders and activities of their own, until there are n.
func multiply(b *testing.B, s store.Store, n int, alter func(*customer.Customer)) {
	b.Helper()
	var sample []customer.Customer
	err := s.EachCustomer(b.Context(), func(c customer.Customer) error {
		alter(&c)
		sample = append(sample, c)
		return nil
	})
	if err == nil {
		_, err = s.PutCustomers(b.Context(), sample)
	}
	if err != nil {
		b.Fatal(err)
	}
	var refs []customer.Ref
	for _, c := range sample {
		refs = append(refs, c.Refs()...)
	}
	orders, err := s.Orders(b.Context(), refs)
	if err != nil {
		b.Fatal(err)
	}
	activities, err := s.Activities(b.Context(), refs, time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	for copied := 1; copied*len(sample) < n; copied++ {
		rest := min(len(sample), n-copied*len(sample))
		if err := copySample(b.Context(), s, copied, sample[:rest], orders, activities); err != nil {
			b.Fatal(err)
		}
	}
}

func copySample(ctx context.Context, s store.Store, copied int, sample []customer.Customer, orders []customer.Order, activities []customer.Activity) error {
	again := func(ref customer.Ref) customer.Ref {
		return customer.NewRef(ref.Source(), fmt.Sprintf("%d-%s", copied, ref.ID()))
	}
	copies, kept := make([]customer.Customer, len(sample)), make(map[customer.Ref]bool)
	for i, c := range sample {
		kept[c.Records[0].Ref] = true
		c.Records = slices.Clone(c.Records)
		c.Records[0].Ref = again(c.Records[0].Ref)
		c.ID, c.Rev, c.Effects = customer.IDOf(c.Records[0].Ref), 0, nil
		copies[i] = c
	}
	if conflicts, err := s.PutCustomers(ctx, copies); err != nil || len(conflicts) > 0 {
		return errors.Join(err, fmt.Errorf("%d customers there already", len(conflicts)))
	}
	var bought []customer.Order
	for _, o := range orders {
		if kept[o.Customer] {
			o.ID, o.Customer = again(o.ID), again(o.Customer)
			bought = append(bought, o)
		}
	}
	var did []customer.Activity
	for _, x := range activities {
		if kept[x.Customer] {
			x.ID, x.Customer = again(x.ID), again(x.Customer)
			did = append(did, x)
		}
	}
	_, err := s.PutOrders(ctx, bought)
	if _, more := s.PutActivities(ctx, did); err != nil || more != nil {
		return errors.Join(err, more)
	}
	return nil
}

// rescoreBatch are customers of all sorts with what they bought and did within two years.
func rescoreBatch(from, to int) []connectors.Record {
	var out []connectors.Record
	at := func(i, k int) string { return orderStart.AddDate(0, 0, -(i*37+k*151)%730).Format(time.RFC3339) }
	for i := from; i < to; i++ {
		id := fmt.Sprint(i)
		out = append(out, connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: orderStart, Fields: map[string]string{
			"name": fmt.Sprintf("第%d精密机械制造有限公司", i), "industry": []string{"制造业", "医药", "零售"}[i%3], "headcount": fmt.Sprint(i * 7 % 3000),
			"annual_revenue": fmt.Sprint(i * 104_729 % 500_000_000), "region": []string{"华东", "华南", "西北"}[i%3], "contact_role": "采购经理", "phone": "13800000000",
		}})
		for k := range 2 {
			out = append(out, connectors.Record{Kind: connectors.Order, ID: fmt.Sprint(i, "-", k), Customer: id, ModifiedAt: orderStart, Fields: map[string]string{
				"amount": fmt.Sprint((i*7919 + k*104_729) % 300_000), "date": at(i, k), "product": fmt.Sprint("产品", k),
			}})
		}
		for k := range 3 {
			out = append(out, connectors.Record{Kind: connectors.Activity, ID: fmt.Sprint(i, "-", k), Customer: id, ModifiedAt: orderStart, Fields: map[string]string{
				"type": []string{"visit", "login", "event"}[(i+k)%3], "date": at(i, k+7), "text": "官网",
			}})
		}
	}
	return out
}
