package storetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// heapRoom is how much more memory than before a pass over all customers may hold, whatever their number.
const heapRoom = 64 << 20

// RunLarge fills a store with n customers and checks that paging, streaming and searching stay correct and that a pass over all of them
// needs no more than a bounded amount of memory.
func RunLarge(t *testing.T, open func(t *testing.T) store.Store, n int) {
	s := open(t)
	fill(t, s, n)
	t.Run("streaming gives every customer once in bounded memory", func(t *testing.T) {
		checkPass(t, n, func(see func(customer.Customer)) error {
			return s.EachCustomer(t.Context(), func(c customer.Customer) error { see(c); return nil })
		})
	})
	t.Run("pages by id hold every customer once", func(t *testing.T) {
		checkPass(t, n, func(see func(customer.Customer)) error { return eachPage(t, s, store.CustomerQuery{Limit: 1000}, see) })
	})
	t.Run("pages by score hold every customer once", func(t *testing.T) {
		last := 1000.0
		checkPass(t, n, func(see func(customer.Customer)) error {
			return eachPage(t, s, store.CustomerQuery{Limit: 1000, ByScore: true}, func(c customer.Customer) {
				if c.Score.Total > last {
					t.Fatalf("%s with %v comes after %v", c.ID, c.Score.Total, last)
				}
				last = c.Score.Total
				see(c)
			})
		})
	})
	t.Run("streaming gives every order of a source once", func(t *testing.T) {
		if n < largeOrders {
			t.Skip("so few customers mean a server that takes a minute for as many orders as fill several pages")
		}
		testManyPagesOfOrders(t, s)
	})
	t.Run("a name is found among all", func(t *testing.T) {
		want := largeID(n - 1)
		same(t, ids(ok(s.SearchCustomers(t.Context(), want, 5))(t)), []string{want})
		same(t, len(ok(s.SearchCustomers(t.Context(), "有限公司", 5))(t)), 5)
	})
}

// largeOrders is more orders than a backend reads at once.
const largeOrders = 1_000

func testManyPagesOfOrders(t *testing.T, s store.Store) {
	want := make([]customer.Order, largeOrders)
	for i := range want {
		want[i] = order(fmt.Sprintf("o%04d", i), "1", noon, after(1))
	}
	_, err := s.PutOrders(t.Context(), want)
	must(t, err)
	var got []customer.Order
	must(t, s.EachOrder(t.Context(), "kingdee", func(o customer.Order) error {
		got = append(got, o)
		return nil
	}))
	same(t, got, want)
}

func largeID(i int) string { return fmt.Sprintf("c%07d", i) }

// fill writes from many goroutines, as an import does.
func fill(t *testing.T, s store.Store, n int) {
	t.Helper()
	var all sync.WaitGroup
	errs := make(chan error, 64)
	for worker := range 64 {
		all.Go(func() {
			for i := worker; i < n; i += 64 {
				c := lead(largeID(i))
				c.Score = sampleScore(float64(i*7919%100_000) / 1000)
				if err := s.PutCustomer(t.Context(), c); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Fatal(err)
	}
}

// checkPass counts what pass sees and samples the heap on the way.
func checkPass(t *testing.T, n int, pass func(see func(customer.Customer)) error) {
	t.Helper()
	seen := make(map[string]bool, n)
	before, most, count := heap(), uint64(0), 0
	must(t, pass(func(c customer.Customer) {
		if seen[c.ID] {
			t.Fatalf("%s was seen twice", c.ID)
		}
		seen[c.ID] = true
		if count++; count%(n/5+1) == 0 {
			most = max(most, heap())
		}
	}))
	if count != n {
		t.Fatalf("saw %d of %d customers", count, n)
	}
	if most > before+heapRoom {
		t.Fatalf("the heap grew from %d to %d MB", before>>20, most>>20)
	}
}

// heap is the live heap in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func eachPage(t *testing.T, s store.Store, q store.CustomerQuery, see func(customer.Customer)) error {
	for {
		page, next, err := s.Customers(t.Context(), q)
		if err != nil {
			return err
		}
		for _, c := range page {
			see(c)
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}
