package kingdee_test

import (
	"fmt"
	"testing"
	"time"

	"lingke/internal/emulator/kingdee"
)

// BenchmarkPage reads one page of 2,000 out of 100,000 customers, as an incremental sync does, while records change.
func BenchmarkPage(b *testing.B) {
	now := time.Unix(1767225600, 0)
	s := kingdee.New(kingdee.Options{}, func() time.Time { return now })
	for i := range 100000 {
		if err := s.PutRecord("BD_Customer", map[string]any{"FName": fmt.Sprintf("客户%d", i), "FModifyDate": now.Add(-time.Duration(i*7919%100000) * time.Minute)}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		now = now.Add(time.Second)
		if err := s.PutRecord("BD_Customer", map[string]any{"FNumber": "CUST100500", "FTEL": "1"}); err != nil {
			b.Fatal(err)
		}
		if got := s.Page("FModifyDate >= '2025-12-01 00:00:00'", "FModifyDate ASC,FCUSTID ASC", 2000, 2000); got != 2000 {
			b.Fatalf("%d rows", got)
		}
	}
}
