package kingdee_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

// bill puts or changes receivable n of a customer with what is open in each of its entries; the days are those to its due date.
func (s *site) bill(t testing.TB, n, customer, days int, status string, open ...float64) {
	t.Helper()
	var entries []any
	total := 0.0
	for _, amount := range open {
		total += amount
		entries = append(entries, map[string]any{"FNORECEIVEAMOUNT": amount})
	}
	s.put(t, "AR_receivable", map[string]any{
		"FID": n, "FBillNo": fmt.Sprintf("AR%06d", n), "FDATE": "2026-01-05T00:00:00", "FCUSTOMERID": customer, "FDocumentStatus": "C", "FCancelStatus": "A",
		"FENDDATE_H": s.Now().AddDate(0, 0, days).Format("2006-01-02T00:00:00"), "FALLAMOUNTFOR": total, "FWRITTENOFFSTATUS": status, "FEntityDetail": entries,
	})
}

// owed is what a pull says that a customer owes.
func owed(all map[string]connectors.Record, id string) [3]string {
	f := all["customer "+id].Fields
	return [3]string{f["receivable_amount"], f["overdue_amount"], f["overdue_days"]}
}

func TestReceivablesAddUpByCustomerOnceADay(t *testing.T) {
	t.Parallel()
	for name, hide := range map[string][]string{
		"as documented":                nil,
		"no cancel status, no id":      {"AR_receivable.FCancelStatus", "AR_receivable.FID"},
		"no status of being settled":   {"AR_receivable.FWRITTENOFFSTATUS"},
		"what is open is not an entry": {"AR_receivable.FNORECEIVEAMOUNT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *emulator.Options) { o.Hide = hide })
			for n := 1; n <= 4; n++ {
				s.customer(t, n, "2026-02-01T10:00:00")
			}
			s.bill(t, 1, 1, -10, "A", 100.10, 0.20) // late
			s.bill(t, 2, 1, -3, "B", 50)            // late
			s.bill(t, 3, 1, 0, "A", 7)              // due today is not late
			s.bill(t, 4, 2, 5, "A", 1000)
			s.bill(t, 5, 3, -30, "C", 0) // settled
			conn := s.open(t, func(c *kingdee.Config) { c.Receivables, c.PageSize = true, 2 })
			got, next, _ := pull(t, conn, "")
			want := map[string][3]string{"1": {"157.3", "150.3", "10"}, "2": {"1000", "0", "0"}, "3": {"0", "0", "0"}, "4": {"", "", ""}}
			for id, w := range want {
				if diff := cmp.Diff(w, owed(got, id)); diff != "" {
					t.Errorf("customer %s: %s", id, diff)
				}
			}
			s.bill(t, 4, 2, 5, "C", 0)
			if again, _, _ := pull(t, conn, next); owed(again, "2")[0] != "" {
				t.Errorf("added up twice in a day: %v", owed(again, "2"))
			}
			s.Pass(24 * time.Hour)
			tomorrow, _, _ := pull(t, conn, next)
			if diff := cmp.Diff([3]string{"0", "0", "0"}, owed(tomorrow, "2")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([3]string{"157.3", "157.3", "11"}, owed(tomorrow, "1")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAReceivableWithMoreEntriesThanAPageIsAddedUpWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "2026-02-01T10:00:00")
	s.bill(t, 1, 1, 3, "A", 1, 2, 3, 4, 5, 6, 7)
	s.bill(t, 2, 1, 3, "A", 10, 20)
	s.bill(t, 3, 1, 3, "A", 100)
	got, _, _ := pull(t, s.open(t, func(c *kingdee.Config) { c.Receivables, c.PageSize = true, 3 }), "")
	if owed(got, "1")[0] != "158" {
		t.Errorf("%v", owed(got, "1"))
	}
}

func TestDeliveriesAreActivities(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "2026-02-01T10:00:00")
	put := func(n int, status string) {
		s.put(t, "SAL_OUTSTOCK", map[string]any{
			"FID": n, "FBillNo": fmt.Sprintf("XSCKD%06d", n), "FDate": "2026-02-03T00:00:00", "FCustomerID": 1, "FDocumentStatus": status, "FCancelStatus": "A",
			"FEntity": []any{map[string]any{"FMaterialID": map[string]any{"FNumber": "M1", "FName": "轴承"}}, map[string]any{"FMaterialID": map[string]any{"FNumber": "M2", "FName": "法兰"}}},
		})
	}
	put(1, "C")
	put(2, "B")
	conn := s.open(t, func(c *kingdee.Config) { c.Deliveries, c.PageSize = true, 3 })
	got, next, _ := pull(t, conn, "")
	left := got["activity outstock-1"]
	want := map[string]string{"type": "delivery", "text": "出库 XSCKD000001：轴承、法兰", "number": "XSCKD000001", "product": "轴承、法兰", "date": "2026-02-03T00:00:00+08:00"}
	delete(left.Fields, "product")
	delete(want, "product")
	if diff := cmp.Diff(want, left.Fields); diff != "" || left.Customer != "1" || left.Deleted {
		t.Errorf("%+v %s", left, diff)
	}
	if waiting := got["activity outstock-2"]; !waiting.Deleted {
		t.Errorf("goods that have not left count: %+v", waiting)
	}
	s.Pass(time.Minute)
	put(2, "C")
	if later, _, _ := pull(t, conn, next); later["activity outstock-2"].Deleted || later["activity outstock-2"].ID == "" {
		t.Errorf("goods that left do not count: %+v", later["activity outstock-2"])
	}
}
