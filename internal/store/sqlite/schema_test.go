package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"lingke/internal/store"
)

func TestFileOfANewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lingke.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	err = s.do(t.Context(), func(t *tx) error {
		_, err := t.exec(fmt.Sprintf("PRAGMA user_version = %d", len(migrations)+1))
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrNewer) {
		t.Fatalf("Open = %v, want ErrNewer", err)
	}
}

func TestFileThatIsNoDatabaseIsRefusedAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	letter := strings.Repeat("尊敬的客户：\n", 500)
	if err := os.WriteFile(path, []byte(letter), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil {
		t.Fatal("Open took a text for a database")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != letter {
		t.Fatalf("the file changed: %v", err)
	}
}

func TestNamesThatAreNoFileAreRefused(t *testing.T) {
	for _, path := range []string{"", ":memory:", t.TempDir()} {
		if s, err := Open(t.Context(), path); err == nil {
			t.Errorf("Open(%q) succeeded", path)
			_ = s.Close()
		}
	}
}

func TestFileAndFolderAreTheUsersOwn(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	s, err := Open(t.Context(), filepath.Join(folder, "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for path, want := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, "lingke.db"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestConnectionsHaveTheirPragmas(t *testing.T) {
	s := openTest(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var reads, writes string
		err := s.do(t.Context(), func(t *tx) error { return t.row([]any{&writes}, "PRAGMA "+pragma) })
		if err := errors.Join(err, s.row(t.Context(), []any{&reads}, "PRAGMA "+pragma)); err != nil || reads != want || writes != want {
			t.Errorf("%s is %q for reads, %q for writes, want %q: %v", pragma, reads, writes, want, err)
		}
	}
	if err := s.row(t.Context(), nil, "DELETE FROM cursors RETURNING name"); err == nil || errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a connection for reading wrote: %v", err)
	}
}

func TestTwoProcessesMayShareTheFile(t *testing.T) {
	one := openTest(t)
	var path string
	if err := one.row(t.Context(), []any{&path}, "SELECT file FROM pragma_database_list"); err != nil {
		t.Fatal(err)
	}
	two, err := Open(t.Context(), path) // another connection is to SQLite what another process is
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	failed := make(chan error, 2)
	for _, s := range []*Store{one, two} {
		go func() {
			var err error
			for i := 0; i < 100 && err == nil; i++ {
				err = s.SetCursor(t.Context(), fmt.Sprintf("%p %d", s, i), "set")
			}
			failed <- err
		}()
	}
	if err := errors.Join(<-failed, <-failed); err != nil {
		t.Fatal(err)
	}
	wantCursors(t, one, map[string]string{fmt.Sprintf("%p 99", one): "set", fmt.Sprintf("%p 99", two): "set"})
}

func TestPagesAreReadInIndexOrder(t *testing.T) {
	s := openTest(t)
	for _, q := range []store.CustomerQuery{
		{}, {After: "c5"}, {Pool: "p"}, {Tier: "A"}, {Stage: "lead"}, {Unowned: true}, {Unowned: true, Pool: "p"},
		{ByScore: true}, {ByScore: true, After: "-5 c5"}, {ByScore: true, Owner: "o"}, {ByScore: true, Pool: "p", Tier: "A"},
		{ByScore: true, Tier: "A", After: "-5 c5"}, {ByScore: true, Stage: "lead"}, {ByScore: true, Unowned: true},
	} {
		query, args, err := customerQuery(q, 10)
		if err != nil {
			t.Fatal(err)
		}
		if plan := explain(t, s, query, args); !strings.Contains(plan, "USING") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%+v sorts:\n%s\n%s", q, query, plan)
		}
	}
}

func explain(t *testing.T, s *Store, query string, args []any) string {
	t.Helper()
	var plan strings.Builder
	err := s.rows(t.Context(), func(rows *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := rows.Scan(&id, &parent, &unused, &detail)
		plan.WriteString(detail + "\n")
		return err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

func TestStatementsWithLimitsAreParsedOnce(t *testing.T) {
	db, err := openPool(dsn(filepath.Join(t.TempDir(), "lingke.db"), "immediate", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(raw any) error {
		return executeOften(raw.(driver.Conn).Raw(), `SELECT name FROM sqlite_schema ORDER BY name LIMIT ?`)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// executeOften binds different numbers to a statement, as the workers do, and fails if SQLite parsed it again.
func executeOften(c *sqlite3.Conn, query string) error {
	stmt, _, err := c.Prepare(query)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for i := range int64(5) {
		if err := errors.Join(stmt.BindInt64(1, i), stmt.Exec(), stmt.ClearBindings()); err != nil {
			return err
		}
	}
	if n := stmt.Status(sqlite3.STMTSTATUS_REPREPARE, false); n != 0 {
		return fmt.Errorf("%q was parsed %d times more", query, n)
	}
	return nil
}

func FuzzCursor(f *testing.F) {
	f.Add("-82.125 c1")
	f.Add("")
	f.Add("NaN x")
	f.Fuzz(func(t *testing.T, after string) {
		q := store.CustomerQuery{ByScore: true, After: after}
		if _, _, err := customerQuery(q, 1); err != nil && !errors.Is(err, store.ErrCursor) {
			t.Errorf("cursor %q: %v", after, err)
		}
	})
}
