package sqlite_test

import (
	"path/filepath"
	"testing"

	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/internal/store/storetest"
)

// open opens a store in a folder of the test's own.
func open(t *testing.T) store.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "data", "领客 #1%20?.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T)      { storetest.Run(t, open) }
func TestStoreRaces(t *testing.T) { storetest.RunRaces(t, open) }

func TestStoreLarge(t *testing.T) {
	n := 50_000
	if testing.Short() || raceDetector {
		n = 1_000
	}
	storetest.RunLarge(t, open, n)
}
