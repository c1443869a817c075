package e2e_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/store/sqlite"
)

// BenchmarkClaim lets 64 goroutines claim for 200 people. Each customer is tried four times, so three of four attempts find it taken.
func BenchmarkClaim(b *testing.B) {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "claims.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	people, all := claimers(b, 200)
	rules := dataRules(b)
	svc := assign.New(s, people, func() assign.Pools { return rules.Pools }, time.UTC, func() time.Time { return orderStart })
	_ = concurrently(b, (b.N+3)/4, func(_, i int) error { return s.PutCustomer(b.Context(), waiting(i)) })
	var won atomic.Int64
	b.ResetTimer()
	took := concurrently(b, b.N, func(_, i int) error {
		_, err := svc.Claim(b.Context(), waiting(i/4).ID, all[i*7919%len(all)], "dingtalk")
		if err == nil {
			won.Add(1)
		}
		if errors.Is(err, assign.ErrTaken) {
			return nil
		}
		return err
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
	b.ReportMetric(float64(won.Load())/b.Elapsed().Seconds(), "won/s")
	took.report(b, "")
	if int(won.Load()) != (b.N+3)/4 {
		b.Errorf("%d of %d customers were won", won.Load(), (b.N+3)/4)
	}
}

func claimers(b *testing.B, n int) (*access.Directory, []access.Person) {
	b.Helper()
	all := make([]access.Person, n)
	for i := range all {
		id := fmt.Sprintf("rep%03d", i)
		all[i] = access.Person{ID: id, Name: id, Role: access.RoleRep, Team: "高级销售", DingTalk: id, Daily: 1 << 30, Holding: 1 << 30}
	}
	people, err := access.NewDirectory(all)
	if err != nil {
		b.Fatal(err)
	}
	return people, all
}

// waiting is a customer that anybody of the team may claim.
func waiting(i int) customer.Customer {
	ref := customer.NewRef("kingdee", fmt.Sprint(100000+i))
	return customer.Customer{
		ID: customer.IDOf(ref), Stage: customer.Lead, Name: fmt.Sprintf("第%d精密制造有限公司", i), Pool: "高价值线索", Tier: "A",
		Records: []customer.Record{{Ref: ref, At: orderStart}}, Since: orderStart, Updated: orderStart,
	}
}
