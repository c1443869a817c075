package kingdee

import (
	"errors"
	"testing"
	"time"

	"lingke/connectors"
)

func TestMark(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	old := now.Add(-30 * 24 * time.Hour)
	for _, c := range []struct {
		name      string
		at, start place
		want      mark
	}{
		{"near now it goes back by the overlap", place{at: now.Add(-time.Hour)}, place{at: old},
			mark{"2026-03-10 10:55:00", ""}},
		{"an old place stays exact, with its id", place{at: old, inside: true, after: "77"}, place{at: beginning},
			mark{"2026-02-08 12:00:00", "77"}},
		{"near now an id says nothing", place{at: now.Add(-time.Minute), inside: true, after: "77"}, place{at: old},
			mark{"2026-03-10 11:54:00", ""}},
		{"the future counts as now", place{at: now.AddDate(70, 0, 0)}, place{at: old}, mark{"2026-03-10 11:55:00", ""}},
		{"it never goes back behind its start", place{at: now.Add(-time.Minute)}, place{at: now.Add(-2 * time.Minute)},
			mark{"2026-03-10 11:58:00", ""}},
	} {
		if got := c.at.mark(c.start, now, 5*time.Minute); got != c.want {
			t.Errorf("%s: mark = %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestReadCursor(t *testing.T) {
	t.Parallel()
	cur, err := readCursor("")
	if err != nil || len(cur.Marks) != 0 {
		t.Fatalf("empty cursor: %+v, %v", cur, err)
	}
	cur.Marks["BD_Customer/FModifyDate"] = mark{"2026-03-10 11:54:00", "7"}
	again, err := readCursor(cur.text())
	if err != nil || again.Marks["BD_Customer/FModifyDate"] != cur.Marks["BD_Customer/FModifyDate"] {
		t.Errorf("read again: %+v, %v", again, err)
	}
	for _, bad := range []connectors.Cursor{"x", "{}", "null", `{"v":2,"marks":{}}`, `{"v":1,"marks":{"BD_Customer/FModifyDate":{"at":"soon"}}}`} {
		if _, err := readCursor(bad); !errors.Is(err, connectors.ErrConfig) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}
