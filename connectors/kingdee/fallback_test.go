package kingdee_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

// TestALateAuditIsSeenWithoutModificationTimes: the business date is months back, only the approval is new.
func TestALateAuditIsSeenWithoutModificationTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *emulator.Options) { o.Hide = []string{"SAL_SaleOrder.FModifyDate"} })
	s.customer(t, 1, "")
	for n, date := range []string{"2025-10-01T00:00:00", "2026-03-01T00:00:00"} {
		s.order(t, n+1, 1, 1, "")
		s.put(t, "SAL_SaleOrder", map[string]any{"FID": n + 1, "FDate": date, "FCreateDate": date, "FDocumentStatus": "B"})
	}
	first, next, _ := pull(t, s.open(t, nil), "")
	s.put(t, "SAL_SaleOrder", map[string]any{"FID": 1, "FDocumentStatus": "C", "FApproveDate": "2026-03-02T09:01:00"})
	later, _, _ := pull(t, s.open(t, nil), next)
	before, after := first["order 1"], later["order 1"]
	if before.Fields["status"] != "open" || after.Fields["status"] != "won" || !after.ModifiedAt.After(before.ModifiedAt) {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// TestLateAndFutureTimes: a document that becomes visible minutes after its time is found, and one with a time far in the
// future does not hide those that come after it.
func TestLateAndFutureTimes(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "2026-03-02T08:59:00")
	s.customer(t, 2, "2096-01-01T00:00:00")
	c := s.open(t, nil)
	_, next, _ := pull(t, c, "")
	s.customer(t, 3, "2026-03-02T08:56:30")
	s.Pass(time.Minute)
	s.customer(t, 4, "")
	got, _, _ := pull(t, c, next)
	for _, id := range []string{"customer 3", "customer 4"} {
		if _, ok := got[id]; !ok {
			t.Errorf("%s was missed", id)
		}
	}
}

// TestUnknownFieldsFallBackWithAWarning takes the unverified keys of orders away one after the other.
func TestUnknownFieldsFallBackWithAWarning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		hide []string
		warn string
		id   string
		at   string
	}{
		{"no modification time", []string{"SAL_SaleOrder.FModifyDate"}, `key=FModifyDate time_keys="[FApproveDate FDate]"`, "order 11", "2026-03-01T01:00:00Z"},
		{"no approval time either", []string{"SAL_SaleOrder.FModifyDate", "SAL_SaleOrder.FApproveDate"}, "key=FApproveDate time_keys=[FDate]", "order 11", "2026-03-01T00:00:00Z"},
		{"no internal id", []string{"SAL_SaleOrder.FID"}, "id_key=FBillNo", "order XSDD000011", "2026-03-01T02:00:00Z"},
		{"no optional field", []string{"SAL_SaleOrder.FCloseStatus", "BD_Customer.FSOCIALCRECODE"}, "key=FSOCIALCRECODE", "order 11", "2026-03-01T02:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *emulator.Options) { o.Hide = c.hide })
			s.customer(t, 1, "2026-03-01T10:00:00")
			s.order(t, 11, 1, 2, "")
			s.put(t, "SAL_SaleOrder", map[string]any{"FBillNo": "XSDD000011", "FCreateDate": "2026-03-01T08:00:00",
				"FApproveDate": "2026-03-01T09:00:00", "FModifyDate": "2026-03-01T10:00:00"})
			var log bytes.Buffer
			conn := s.open(t, nil, kingdee.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			got, next, _ := pull(t, conn, "")
			if at := got[c.id].ModifiedAt.Format(time.RFC3339); at != c.at {
				t.Errorf("%s is of %s, want %s (have %v)", c.id, at, c.at, got)
			}
			if !strings.Contains(log.String(), c.warn) {
				t.Errorf("the log does not say %q: %s", c.warn, log.String())
			}
			if _, again, _ := pull(t, s.open(t, nil), next); again != next {
				t.Errorf("cursor %s became %s though nothing has changed", next, again)
			}
		})
	}
}
