package sqlite

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheCacheIsLargeWhileBulkLasts and small again after enough commits of a few pages.
func TestTheCacheIsLargeWhileBulkLasts(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	n := 0
	write := func(pages int) {
		n++ // what is written again is not written
		err := s.do(t.Context(), func(tx *tx) error {
			_, err := tx.exec(`INSERT INTO cursors (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`, fmt.Sprint(pages), strings.Repeat(string(rune('a'+n%2)), pages*4096))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(mb int) {
		t.Helper()
		var size int
		err := s.do(t.Context(), func(tx *tx) error { return tx.row([]any{&size}, "PRAGMA cache_size") })
		if err != nil || size != -mb<<10 {
			t.Errorf("cache_size is %d, %v, want %d MB", size, err, mb)
		}
	}
	want(smallCache)
	write(bulkPages / 2)
	want(smallCache)
	write(bulkPages)
	want(largeCache)
	for range bulkEnds - 10 {
		write(1)
	}
	want(largeCache)
	write(bulkPages) // it goes on
	for range bulkEnds - 10 {
		write(1)
	}
	want(largeCache)
	for range 10 {
		write(1)
	}
	want(smallCache)
}
