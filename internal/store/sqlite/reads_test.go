package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lingke/internal/access"
)

// TestWhatSomebodyDoesToTheFileIsNoticed changes the file behind the store's back, as somebody would who has the file and SQLite, and looks whether the check names the
// place.
func TestWhatSomebodyDoesToTheFileIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, do string
		want     []string
	}{
		{"nothing", `SELECT 1`, nil},
		{"a line is removed", `DELETE FROM reads WHERE n = 7`, []string{"第 7 行：被删除"}},
		{"several lines are removed", `DELETE FROM reads WHERE n BETWEEN 3 AND 5`, []string{"第 3–5 行：被删除"}},
		{"the first line is removed", `DELETE FROM reads WHERE n = 1`, []string{"第 1 行：被删除"}},
		{"the last lines are removed", `DELETE FROM reads WHERE n > 8`, []string{"第 9–10 行：被删除"}},
		{"everything is removed", `DELETE FROM reads`, []string{"第 1–10 行：被删除"}},
		{"a line is changed", `UPDATE reads SET doc = replace(doc, '"person":"p4"', '"person":"p9"') WHERE n = 4`, []string{"第 4 行：被改动"}},
		{"a line is unreadable", `UPDATE reads SET doc = 'x' WHERE n = 4`, []string{"第 4 行：", "第 5 行：与前一行不衔接"}},
		{"two lines change places", `UPDATE reads SET n = -1 WHERE n = 2; UPDATE reads SET n = 2 WHERE n = 3; UPDATE reads SET n = 3 WHERE n = -1`, []string{"第 2 行：", "第 3 行："}},
		{"two lines change places, numbers and all", `
			CREATE TABLE x AS SELECT n, doc FROM reads WHERE n IN (2, 3);
			UPDATE reads SET doc = replace((SELECT doc FROM x WHERE n = 3), '"n":3', '"n":2') WHERE n = 2;
			UPDATE reads SET doc = replace((SELECT doc FROM x WHERE n = 2), '"n":2', '"n":3') WHERE n = 3`, []string{"第 2 行：", "第 3 行："}},
		{"the end is cut off and its memory put back", `DELETE FROM reads WHERE n > 8; UPDATE reads_last SET n = 8, doc = (SELECT doc FROM reads WHERE n = 8)`, []string{"第 9–10 行：被删除（另处记有更新的行）"}},
		{"the old end is cut off as if it were purged", `DELETE FROM reads WHERE n < 4; INSERT INTO documents VALUES ('reads.anchor', '{"n":3,"seal":"' || (SELECT json_extract(doc, '$.prev') FROM reads WHERE n = 4) || '"}')`, []string{"第 1–3 行：清理记录被改动"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "lingke.db")
			s, err := Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			l, head := filled(t, s)
			behind(t, path, c.do)
			found, err := l.Check(t.Context(), head)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range found.Damage {
				got = append(got, d.String())
			}
			text := strings.Join(got, "\n")
			if c.want == nil && text != "" {
				t.Errorf("found %s", text)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("found %s, want %s", text, want)
				}
			}
		})
	}
}

// filled is a log of ten lines, and its head.
func filled(t *testing.T, s *Store) (*access.Log, string) {
	t.Helper()
	keys, err := access.Derive("reads", "a secret that the file does not hold")
	if err != nil {
		t.Fatal(err)
	}
	l := access.NewLog(s, keys, time.Now)
	for i := range 10 {
		r := access.Read{ID: fmt.Sprint("r", i+1), Person: fmt.Sprint("p", i+1), Platform: "dingtalk", Place: "private", Command: "查", Layers: "tier"}.Saw("c1")
		if err := l.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	found, err := l.Check(t.Context())
	if err != nil || !found.Whole() || found.Lines != 10 {
		t.Fatalf("%+v, %v", found, err)
	}
	return l, found.Head()
}

// behind opens the file once more and does something to it.
func behind(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(path)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkReadLog is what a line costs somebody who waits for an answer, alone and with others.
func BenchmarkReadLog(b *testing.B) {
	for _, waiting := range []int{1, 32} {
		b.Run(fmt.Sprintf("%d at once", waiting), func(b *testing.B) {
			s, err := Open(b.Context(), filepath.Join(b.TempDir(), "lingke.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			keys, err := access.Derive("reads", "a secret for the benchmark")
			if err != nil {
				b.Fatal(err)
			}
			l := access.NewLog(s, keys, time.Now)
			b.SetParallelism(waiting)
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := access.Read{ID: fmt.Sprint("r", n.Add(1)), Person: "p", Platform: "dingtalk", Place: "private", Command: "查", Layers: "tier basis"}.Saw("c1")
					if err := l.Add(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
