package assign_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
)

// rotating is a store and who hands out the customers of its pool "rotate", which has ten members.
func rotating(b *testing.B) (*sqlite.Store, *assign.Service) {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "lingke.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	var people []access.Person
	for i := range 10 {
		people = append(people, monthly(fmt.Sprintf("p%d", i), 100_000*(i+1)))
	}
	directory, err := access.NewDirectory(people)
	if err != nil {
		b.Fatal(err)
	}
	pools := assign.Pools{{Name: "rotate", Team: "a", Strategy: assign.Rotate}}
	now := func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }
	return s, assign.New(s, directory, func() assign.Pools { return pools }, shanghai, now)
}

// BenchmarkHandOutAll hands 10,000 waiting customers of a pool with ten members out in one run of the job, over the embedded store, and claims as many without any choice
// by as many goroutines: the floor. Its metrics are for one customer.
func BenchmarkHandOutAll(b *testing.B) {
	const n = 10_000
	s, svc := rotating(b)
	fill := func(prefix, pool string) (all []customer.Customer) {
		for i := range n {
			all = append(all, customer.Customer{ID: fmt.Sprint(prefix, i), Pool: pool})
		}
		if _, err := s.PutCustomers(b.Context(), all); err != nil {
			b.Fatal(err)
		}
		return all
	}
	var floor, ours time.Duration
	for round := range b.N {
		bare := fill(fmt.Sprint("bare", round), "bare")
		started := time.Now()
		var claims errgroup.Group
		claims.SetLimit(16)
		for i, c := range bare {
			claims.Go(func() error {
				c.Rev, c.Owner = 1, fmt.Sprint("q", i%10)
				return s.Claim(b.Context(), c, store.Allowance{Person: c.Owner, Day: "2026-03-02", Daily: 1e9, Holding: 1e9})
			})
		}
		if err := claims.Wait(); err != nil {
			b.Fatal(err)
		}
		floor += time.Since(started)
		fill(fmt.Sprint("handed", round), "rotate")
		started = time.Now()
		got, err := svc.Retry(b.Context(), func(customer.Customer) error { return nil })
		if err != nil || got != n {
			b.Fatalf("%d handed out: %v", got, err)
		}
		ours += time.Since(started)
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(n*b.N) }
	b.ReportMetric(each(ours), "µs/customer")
	b.ReportMetric(each(floor), "µs/bare-claim")
	b.ReportMetric(float64(ours)/float64(floor), "x-floor")
}

// BenchmarkHandOut hands out customers of a pool with ten members one after the other over the embedded store; ns/op is for one customer.
func BenchmarkHandOut(b *testing.B) {
	s, svc := rotating(b)
	all := make([]customer.Customer, b.N)
	for i := range all {
		all[i] = customer.Customer{ID: fmt.Sprint(i), Pool: "rotate"}
	}
	if _, err := s.PutCustomers(b.Context(), all); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		if c, err := svc.HandOut(b.Context(), fmt.Sprint(i)); err != nil || c.Owner == "" {
			b.Fatalf("owner %q, %v", c.Owner, err)
		}
	}
}
