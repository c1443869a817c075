package kingdee_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

// TestChangesBetweenPagesLoseNothing changes customers that were read and customers that were not, before every page.
func TestChangesBetweenPagesLoseNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for n := 1; n <= 100; n++ {
		s.customer(t, n, fmt.Sprintf("2026-02-01T10:%02d:00", n%60))
	}
	s.before = func(query int) {
		if query < 12 {
			s.Pass(time.Second)
			for _, n := range []int{query, query + 40, 101 - query} {
				s.put(t, "BD_Customer", map[string]any{"FCUSTID": n, "FName": fmt.Sprintf("改名%d", query)})
			}
		}
	}
	got, next, _ := pull(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 10 }), "")
	s.before = nil
	if len(got) != 100 {
		t.Errorf("%d customers, want 100", len(got))
	}
	later, _, _ := pull(t, s.open(t, nil), next)
	fresh, _, _ := pull(t, s.open(t, nil), "")
	for id, r := range later {
		got[id] = r
	}
	if diff := cmp.Diff(fresh, got); diff != "" {
		t.Errorf("after the next pull: %s", diff)
	}
}

// TestMassImportInOneSecond has far more documents in one second than a page takes, orders of several lines among them.
func TestMassImportInOneSecond(t *testing.T) {
	t.Parallel()
	for _, fractions := range []bool{false, true} {
		s := newSite(t, func(o *emulator.Options) { o.Fractions = fractions })
		at := func(n int) string {
			if fractions {
				return fmt.Sprintf("2026-02-01T10:00:00.%03d", 999-n)
			}
			return "2026-02-01T10:00:00"
		}
		for n := 1; n <= 50; n++ {
			s.customer(t, n, at(n))
			s.order(t, 1000+n, n, n%5+1, at(n))
		}
		s.customer(t, 60, "2026-02-01T10:00:01")
		got, _, emitted := pull(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 7 }), "")
		if len(got) != 101 || emitted != 101 {
			t.Errorf("fractions %v: %d records, emitted %d times, want 101 each", fractions, len(got), emitted)
		}
		for n := 1; n <= 50; n++ {
			if lines := strings.Count(got[fmt.Sprintf("order %d", 1000+n)].Fields["product"], "、") + 1; lines != n%5+1 {
				t.Errorf("order %d has %d products, want %d", n, lines, n%5+1)
			}
		}
	}
}

func TestAnOrderWithMoreLinesThanAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "")
	s.order(t, 1, 1, 2, "2026-02-01T10:00:00")
	s.order(t, 2, 1, 23, "2026-02-01T10:00:00")
	s.order(t, 3, 1, 2, "2026-02-01T10:00:00")
	got, _, _ := pull(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 5 }), "")
	for id, lines := range map[string]int{"order 1": 2, "order 2": 23, "order 3": 2} {
		if n := strings.Count(got[id].Fields["product"], "M"); n != lines {
			t.Errorf("%s has %d products, want %d", id, n, lines)
		}
	}
}

// TestAKilledBackFillResumes stops every pull after a few records and counts that little is read twice.
func TestAKilledBackFillResumes(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for n := 1; n <= 60; n++ {
		s.customer(t, n, "2026-01-01T10:00:00") // a mass import
	}
	for n := 61; n <= 120; n++ {
		s.customer(t, n, fmt.Sprintf("2026-01-02T10:%02d:00", n%60))
	}
	stop := errors.New("killed")
	got, emitted, pulls := map[string]bool{}, 0, 0
	var since connectors.Cursor
	for ; pulls < 100; pulls++ {
		n := 0
		next, err := s.open(t, func(c *kingdee.Config) { c.PageSize = 5 }).Pull(t.Context(), since, func(r connectors.Record) error {
			if n == 9 {
				return stop
			}
			n++
			emitted++
			got[r.ID] = true
			return nil
		})
		since = next
		if err == nil {
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	if len(got) != 120 || emitted > 150 {
		t.Errorf("%d customers in %d pulls, emitted %d times", len(got), pulls, emitted)
	}
}

// TestABrokenAnswerIsNeverTheEnd breaks one answer after the other and goes on from the cursor each time.
func TestABrokenAnswerIsNeverTheEnd(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"<html>维护中</html>", "response_error:timeout", `[["1",`, " ", "null", `{"Result":{}}`, `[[{"x":1}]]`,
		`[[{"Result":{"ResponseStatus":{"IsSuccess":false,"MsgCode":6,"Errors":[{"Message":"数据库超时"}]}}}]]`} {
		s := newSite(t, nil)
		for n := 1; n <= 20; n++ {
			s.customer(t, n, fmt.Sprintf("2026-02-01T10:%02d:00", n))
		}
		s.order(t, 1, 1, 1, "")
		got, since, failures := map[string]bool{}, connectors.Cursor(""), 0
		for bad := 1; bad <= 9; bad++ {
			s.count, s.instead = 0, func(query int) string { return map[bool]string{query == bad: broken}[true] }
			next, err := s.open(t, func(c *kingdee.Config) { c.PageSize = 4 }).Pull(t.Context(), since, func(r connectors.Record) error {
				got[string(r.Kind)+r.ID] = true
				return nil
			})
			if err != nil {
				failures++
			} else if len(got) != 21 {
				t.Fatalf("%q: the pull succeeded with %d of 21 records", broken, len(got))
			}
			since = next
		}
		if failures == 0 || len(got) != 21 {
			t.Errorf("%q: %d failures, %d of 21 records", broken, failures, len(got))
		}
	}
}

func TestASiteThatIgnoresTheOrderIsAnError(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	cells := strings.Repeat(`,""`, 11)
	s.instead = func(int) string {
		return `[[2,"2026-02-01T10:00:05"` + cells + `],[1,"2026-02-01T10:00:00"` + cells + `]]`
	}
	_, err := s.open(t, nil).Pull(t.Context(), "", func(connectors.Record) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "order") {
		t.Errorf("Pull = %v", err)
	}
}
