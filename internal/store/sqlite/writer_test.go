package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"lingke/internal/store"
)

// openTest opens a store in a folder of the test's own.
func openTest(t testing.TB, opts ...Option) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests close it themselves
	return s
}

// queueTogether makes the writer wait until all requests are queued, so that it takes them as one batch, and returns their outcomes.
func queueTogether(t *testing.T, s *Store, runs ...func(*tx) error) []error {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	go func() { _ = s.do(context.Background(), func(*tx) error { close(begun); <-release; return nil }) }()
	<-begun
	requests := make([]*request, len(runs))
	for i, run := range runs {
		requests[i] = &request{run: run, done: make(chan struct{})}
		if err := s.queue.add(requests[i]); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	errs := make([]error, len(runs))
	for i, r := range requests {
		<-r.done
		errs[i] = r.err
	}
	return errs
}

// set writes a cursor and returns err after it.
func set(name string, err error) func(*tx) error {
	return func(t *tx) error {
		_, failed := t.exec(`INSERT INTO cursors (name, cursor) VALUES (?, 'set')`, name)
		return errors.Join(failed, err)
	}
}

func wantCursors(t *testing.T, s *Store, want map[string]string) {
	t.Helper()
	for name, cursor := range want {
		if got, err := s.Cursor(t.Context(), name); err != nil || got != cursor {
			t.Errorf("cursor %s = %q, %v; want %q", name, got, err, cursor)
		}
	}
}

func TestFailingRequestLeavesItsNeighboursAlone(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name string
		bad  func(*tx) error
		want error
	}{
		{"it refuses before it writes", func(*tx) error { return store.ErrConflict }, store.ErrConflict},
		{"it fails after it wrote", set("bad", boom), boom},
		{"its statement fails", func(t *tx) error {
			_, err := t.exec(`INSERT INTO cursors VALUES (NULL, NULL)`)
			return fmt.Errorf("%w: %w", boom, err)
		}, boom},
		{"its statement is none", func(t *tx) error { _, err := t.exec(`NO SQL`); return fmt.Errorf("%w: %w", boom, err) }, boom},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openTest(t)
			errs := queueTogether(t, s, set("before", nil), c.bad, set("after", nil))
			if errs[0] != nil || !errors.Is(errs[1], c.want) || errs[2] != nil {
				t.Fatalf("outcomes: %v", errs)
			}
			wantCursors(t, s, map[string]string{"before": "set", "bad": "", "after": "set"})
		})
	}
}

func TestStatementThatChangesNothingCostsItsNeighboursNothing(t *testing.T) {
	s := openTest(t)
	runs := 0
	count := func(t *tx) error { runs++; return set("before", nil)(t) }
	refuse := func(t *tx) error {
		n, err := t.exec(`UPDATE cursors SET cursor = 'x' WHERE name = 'none'`)
		return held(n, err, "cursor", "none")
	}
	errs := queueTogether(t, s, count, refuse)
	if errs[0] != nil || !errors.Is(errs[1], store.ErrLeaseLost) || runs != 1 {
		t.Fatalf("outcomes: %v; the neighbour ran %d times, want 1", errs, runs)
	}
	wantCursors(t, s, map[string]string{"before": "set"})
}

func TestFailingCommitFailsAllOfItsRequests(t *testing.T) {
	s := openTest(t)
	orphan := func(t *tx) error { // a constraint that SQLite checks at the commit
		_, err := t.exec(`CREATE TABLE child (parent TEXT REFERENCES cursors (name) DEFERRABLE INITIALLY DEFERRED)`)
		if err == nil {
			_, err = t.exec(`INSERT INTO child VALUES ('nobody')`)
		}
		return err
	}
	for i, err := range queueTogether(t, s, set("one", nil), orphan, set("two", nil)) {
		if err == nil {
			t.Errorf("request %d was acknowledged", i)
		}
	}
	wantCursors(t, s, map[string]string{"one": "", "two": ""})
	if err := s.SetCursor(t.Context(), "later", "works"); err != nil {
		t.Fatal(err)
	}
}

func TestCallerWhoGaveUpIsNotServed(t *testing.T) {
	s := openTest(t)
	begun, release, given := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() { _ = s.do(context.Background(), func(*tx) error { close(begun); <-release; return nil }) }()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	go func() { given <- s.SetCursor(ctx, "given up", "set") }()
	for s.queue.waiting() == 0 { // until it waits
		runtime.Gosched()
	}
	cancel()
	if err := <-given; !errors.Is(err, context.Canceled) {
		t.Fatalf("SetCursor = %v", err)
	}
	close(release)
	if err := s.SetCursor(t.Context(), "next", "set"); err != nil {
		t.Fatal(err)
	}
	wantCursors(t, s, map[string]string{"given up": "", "next": "set"})
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lingke.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make(chan error, 50)
	for i := range cap(outcomes) {
		r := &request{run: set(fmt.Sprint(i), nil), press: i%2 == 0, done: make(chan struct{})}
		if err := s.queue.add(r); err != nil {
			t.Fatal(err)
		}
		go func() { <-r.done; outcomes <- r.err }()
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range cap(outcomes) {
		if err := <-outcomes; err != nil {
			t.Error(err)
		}
	}
	if err := s.SetCursor(t.Context(), "late", "x"); !errors.Is(err, ErrClosed) {
		t.Errorf("SetCursor after Close = %v", err)
	}
	again, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	wantCursors(t, again, map[string]string{"0": "set", "49": "set", "late": ""})
}

// TestBulkGivesWayToWhatPresses: an event that comes while a hundred writes run is committed before the rest of them, and each of them is done once.
func TestBulkGivesWayToWhatPresses(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	const n, comes = 100, 20
	ran, before := make([]int, n), -1
	event := &request{press: true, done: make(chan struct{})}
	event.run = func(*tx) error {
		before = 0
		for _, times := range ran {
			before += times
		}
		return nil
	}
	outcomes, err := s.doEach(t.Context(), n, func(tx *tx, i int) error {
		ran[i]++
		if i == comes {
			if err := s.queue.add(event); err != nil {
				return err
			}
		}
		return set(fmt.Sprint(i), nil)(tx)
	})
	<-event.done
	if err := errors.Join(append(outcomes, err, event.err)...); err != nil {
		t.Fatal(err)
	}
	if before != comes+1 {
		t.Errorf("%d writes ran before the event, want those up to the one that it came with", before)
	}
	for i, times := range ran {
		if times != 1 {
			t.Errorf("write %d ran %d times", i, times)
		}
	}
	wantCursors(t, s, map[string]string{"0": "set", "20": "set", "21": "set", "99": "set"})
}

// TestBulkWithFailuresIsDoneButForThem: those that fail after they wrote are found among thousands, and change nothing.
func TestBulkWithFailuresIsDoneButForThem(t *testing.T) {
	t.Parallel()
	s := openTest(t)
	boom, want := errors.New("boom"), map[string]string{"0": "set", "1": "set", "2999": "set"}
	outcomes, err := s.doEach(t.Context(), 3000, func(tx *tx, i int) error {
		if i%1000 == 500 {
			return set(fmt.Sprint(i), boom)(tx)
		}
		return set(fmt.Sprint(i), nil)(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range outcomes {
		if bad := i%1000 == 500; errors.Is(err, boom) != bad || err != nil && !bad {
			t.Errorf("write %d: %v", i, err)
		}
	}
	want["500"], want["1500"], want["499"] = "", "", "set"
	wantCursors(t, s, want)
}
