package mongo_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"lingke/internal/store"
	"lingke/internal/store/mongo"
	"lingke/internal/store/storetest"
)

// The server of these tests: LINGKE_TEST_MONGODB_URI (without a path) if that is set, else a FerretDB that is built and started here. With
// LINGKE_TEST_MONGODB_ATOMIC=1 the server is trusted to change a document atomically, and the races run too.
const (
	envURI    = "LINGKE_TEST_MONGODB_URI"
	envAtomic = "LINGKE_TEST_MONGODB_ATOMIC"
)

func atomicServer() bool { return os.Getenv(envURI) != "" && os.Getenv(envAtomic) == "1" }

// needAtomic skips what FerretDB v1 cannot do.
func needAtomic(t *testing.T) {
	t.Helper()
	if !atomicServer() {
		t.Skipf("FerretDB v1 changes documents without atomicity: set %s to another server and %s=1", envURI, envAtomic)
	}
}

// freshURI names a database of the test's own.
func freshURI(t *testing.T) string {
	t.Helper()
	base, query, _ := strings.Cut(serverURI(t), "?")
	uri := strings.TrimRight(base, "/") + "/test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if query != "" {
		uri += "?" + query
	}
	return uri
}

// open opens a store in a database of the test's own.
func open(t *testing.T) store.Store {
	t.Helper()
	return openAt(t, freshURI(t))
}

func openAt(t *testing.T, uri string, opts ...mongo.Option) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), uri, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		drop(t, uri)
	})
	return s
}

// slowOnFerret are cases of 700 guarded writes: FerretDB v1 reads the whole collection for each of them, two minutes in all. The streaming
// itself is tested there by TestStoreLarge.
const slowOnFerret = "streaming_gives_every_customer_once,_in_id_order,_and_lets_the_function_write"

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		if strings.HasSuffix(t.Name(), slowOnFerret) && os.Getenv(envURI) == "" {
			t.Skip("FerretDB v1 reads the whole collection for each guarded write")
		}
		return open(t)
	})
}

func TestStoreRaces(t *testing.T) {
	needAtomic(t)
	storetest.RunRaces(t, open)
}

// TestStoreLarge is small on FerretDB v1, which reads the whole collection for each page.
func TestStoreLarge(t *testing.T) {
	n := 20_000
	switch {
	case !atomicServer():
		n = 600
	case testing.Short() || raceDetector:
		n = 5_000
	}
	storetest.RunLarge(t, open, n)
}
