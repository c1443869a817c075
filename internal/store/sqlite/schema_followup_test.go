package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/followup"
)

// TestFileFromBeforeTellsOfItsOpenTasks opens a file with the schema, and the tasks, of versions that knew no Wake.
func TestFileFromBeforeTellsOfItsOpenTasks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lingke.db")
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err := openPool(dsn(abs, "immediate", 64))
	if err != nil {
		t.Fatal(err)
	}
	former := migrations[:slices.Index(migrations, schemaFollowUp)]
	_, err = db.ExecContext(t.Context(), strings.Join(former, ";\n")+fmt.Sprintf(";\nPRAGMA user_version = %d", len(former)))
	due := time.Date(2026, 3, 2, 4, 0, 0, 123e6, time.UTC)
	for _, state := range []string{"open", "done"} {
		const add = `INSERT INTO tasks (id, rev, customer, owner, state, due, doc) VALUES (?1, 1, 'c1', 'lina', ?1, ?2, CAST(?3 AS BLOB))`
		doc := fmt.Sprintf(`{"id":%q,"rev":1,"customer":"c1","owner":"lina","state":%q,"title":"首次跟进","due":"2026-03-02T04:00:00.123Z"}`, state, state)
		_, failed := db.ExecContext(t.Context(), add, state, due.UnixMilli(), doc)
		err = errors.Join(err, failed)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}

	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	page, _, err := s.Tasks(t.Context(), followup.Query{WakeBefore: due})
	if err != nil || len(page) != 1 || page[0].ID != "open" || page[0].Title != "首次跟进" || !page[0].Wake.Equal(due.Add(-15*time.Minute)) {
		t.Errorf("to be told of are %+v, want the open one a quarter of an hour before it is due: %v", page, err)
	}
}
