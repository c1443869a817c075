package e2e_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"lingke/internal/customer"
)

var backfillCustomers = flag.Int("backfill.customers", 800, "customers of the test of back-fills, which have twice as many orders of two or three rows; the documentation's figures are of 100000")

// TestABackfillIsResumedAndComplete is an ERP's whole way into a store by the real program, which the emulated ERP, a process too, is asked by: all of it at once; all of it with the program
// killed in the middle and the ERP's sessions ending under the one that goes on; then a hundredth of the customers changed and as many orders new. Both stores hold the same
// in the end, which is what the ERP has, and the program's memory is that of a tenth of the data. It tells the rows a second beside those of the bare write of what is stored
// then; see BenchmarkBackfill, which compares more exactly.
func TestABackfillIsResumedAndComplete(t *testing.T) {
	n, page := *backfillCustomers, 2000
	if n < 10_000 {
		page = 100
	}
	tenth := emulate(t, n/10, n/5).world(t, page).sync(nil, "--full")

	erp := emulate(t, n, 2*n)
	whole, parted := erp.world(t, page), erp.world(t, page)
	first := whole.sync(nil, "--full")
	if first.taken != 3*n {
		t.Fatalf("%d taken in, not %d", first.taken, 3*n)
	}
	if !underRace && first.rss > tenth.rss*3/2+64<<20 {
		t.Errorf("peak of %d MB at a tenth of the data, %d MB at all", tenth.rss>>20, first.rss>>20)
	}
	rows := whole.compareWithBare(first)
	t.Logf("peak memory %d MB, at a tenth of the data %d MB", first.rss>>20, tenth.rss>>20)

	erp.killAndResume(t, parted, n)

	began := time.Now()
	changed := max(1, n/100)
	for i := range changed {
		erp.control(t, "records", map[string]any{"system": "kingdee", "form": "BD_Customer", "fields": map[string]any{"FCUSTID": 100001 + i, "FADDRESS": fmt.Sprintf("新址%d号", i)}})
		erp.control(t, "records", map[string]any{"system": "kingdee", "form": "SAL_SaleOrder", "fields": map[string]any{
			"FBillNo": fmt.Sprintf("XSNEW%06d", i), "FCustId": fmt.Sprintf("KH%06d", i+1), "FDate": time.Now().Format(time.DateOnly), "FBillAllAmount": 1000,
		}})
	}
	t.Logf("%d customers changed and as many orders were made in %.1f s", changed, time.Since(began).Seconds())
	for _, w := range []*syncWorld{whole, parted} {
		again := w.sync(nil)
		t.Logf("incremental: %d taken in within %.2f s", again.taken, again.took.Seconds())
		if again.taken < 2*changed || again.taken > 3*n/2 {
			t.Errorf("%d taken in after %d customers and as many orders changed", again.taken, changed)
		}
	}
	a, b := whole.told(), parted.told()
	if len(a.customers) != n || len(a.orders) != 2*n+changed || a.rows < rows {
		t.Errorf("%d customers, %d orders, %d raw rows are stored", len(a.customers), len(a.orders), a.rows)
	}
	compareTold(t, a, b)
}

// killAndResume syncs all with one program that is killed, and one that goes on while the ERP's clock jumps by half an hour at each of its lines, which ends every session.
func (e *emulated) killAndResume(t *testing.T, w *syncWorld, n int) {
	t.Helper()
	if n < 10_000 {
		e.control(t, "faults", map[string]any{"match": "POST *ExecuteBillQuery*", "delay_ms": 30})
	}
	killed := w.sync(func(taken int) bool { return taken > n }, "--full") // in the middle of the orders
	if !killed.killed {
		t.Fatal("the sync ended before it could be killed")
	}
	now, ended := time.Now(), 0
	resumed := w.sync(func(int) bool {
		ended++
		e.control(t, "clock", map[string]any{"now": now.Add(time.Duration(ended) * 30 * time.Minute).Format(time.RFC3339)})
		return false
	})
	e.control(t, "clock", map[string]any{"now": time.Now().Format(time.RFC3339)})
	t.Logf("killed after %.1f s; the next took in %d of %d records in %.1f s, its session ended %d times", killed.took.Seconds(), resumed.taken, 3*n, resumed.took.Seconds(), ended)
	if resumed.taken >= 3*n || resumed.taken < n || ended == 0 {
		t.Errorf("%d of %d records were taken in after the kill, with %d sessions ended", resumed.taken, 3*n, ended)
	}
}

// compareWithBare tells what a sync took beside the bare write of what it has stored, and returns how many rows that were.
func (w *syncWorld) compareWithBare(s synced) (rows int) {
	w.t.Helper()
	all := w.told()
	defer debug.SetGCPercent(debug.SetGCPercent(300))
	cpu := cpuTime(w.t)
	bare := all.write(w.t)
	cpu = cpuTime(w.t) - cpu
	perSecond := func(d time.Duration) int { return int(math.Round(float64(all.rows) / d.Seconds())) }
	w.t.Logf("%d customers, %d orders, %d rows: sync %.1f s, %d rows/s, cpu %.1f s; bare write %.1f s, %d rows/s, cpu %.1f s; x-wall %.2f, x-cpu %.2f", len(all.customers), len(all.orders), all.rows,
		s.took.Seconds(), perSecond(s.took), s.cpu.Seconds(), bare.Seconds(), perSecond(bare), cpu.Seconds(), s.took.Seconds()/bare.Seconds(), s.cpu.Seconds()/cpu.Seconds())
	return all.rows
}

// told is what is stored.
func (w *syncWorld) told() stored {
	w.t.Helper()
	a := w.open()
	defer func() { _ = a.Close() }()
	return readStored(w.t, a.Store())
}

// compareTold compares what the source told: what follows from it depends on the hour.
func compareTold(t *testing.T, a, b stored) {
	t.Helper()
	if !slices.Equal(a.orders, b.orders) {
		t.Errorf("the orders differ: %d and %d", len(a.orders), len(b.orders))
	}
	records := func(all []customer.Customer) string {
		slices.SortFunc(all, func(x, y customer.Customer) int { return cmp.Compare(x.ID, y.ID) })
		told := make(map[string][]customer.Record, len(all))
		for _, c := range all {
			told[c.ID] = c.Records
		}
		text, err := json.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if records(a.customers) != records(b.customers) {
		t.Errorf("the customers differ: %d and %d", len(a.customers), len(b.customers))
	}
}
