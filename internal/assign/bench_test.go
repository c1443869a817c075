package assign_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/store/sqlite"
)

// BenchmarkHandOut hands out customers of a pool with ten members one after the other over the embedded store; ns/op is for one customer.
func BenchmarkHandOut(b *testing.B) {
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
	svc := assign.New(s, directory, func() assign.Pools { return pools }, shanghai, func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) })
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
