package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lingke/internal/inbox"
)

// TestTheLogIsCopiedBackBesideTheWriterAndStaysShort while others write and read all the time, and nothing that was written is missing.
func TestTheLogIsCopiedBackBesideTheWriterAndStaysShort(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 1400 // ten times logPages, if the log never began anew
	path := filepath.Join(t.TempDir(), "lingke.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var reading, writing sync.WaitGroup
	reading.Go(func() {
		for ctx.Err() == nil {
			if _, err := s.Events(ctx, inbox.Due, 10); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	body := bytes.Repeat([]byte("x"), 24<<10)
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				at := time.Unix(int64(i), 0)
				if _, err := s.AddEvent(t.Context(), inbox.Event{ID: fmt.Sprint(w, "-", i), Source: "hook", Body: body, Received: at, Due: at, State: inbox.Due}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
	stop()
	reading.Wait()
	log, err := os.Stat(path + "-wal")
	if most := int64(5 * logPages * 4096); err != nil || log.Size() > most {
		t.Errorf("the log has %d MB, %v, want %d at most", log.Size()>>20, err, most>>20)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the log is still there: %v", err)
	}
	if s, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n := 0
	if err := s.row(t.Context(), []any{&n}, "SELECT count(*) FROM events"); err != nil || n != writers*each {
		t.Errorf("%d events, %v, want %d", n, err, writers*each)
	}
}
