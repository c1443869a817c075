package connections_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/internal/connections"
)

type memory map[string][]byte

func (m memory) Document(_ context.Context, name string) ([]byte, error) { return m[name], nil }

func (m memory) PutDocument(_ context.Context, name string, text []byte) error {
	m[name] = text
	return nil
}

func TestWhatCameOfRunsIsKept(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	l := connections.NewLedger(memory{}, func() time.Time { return at })
	run := func(records, refused int, fails error) {
		t.Helper()
		_, err := l.Track(t.Context(), "erp", func() (int, int, error) {
			at = at.Add(3 * time.Second)
			return records, refused, fails
		})
		if !errors.Is(err, fails) {
			t.Fatal(err)
		}
	}
	run(10, 1, nil)
	good := at.Add(-3 * time.Second)
	at = at.Add(time.Hour)
	down := errors.New("down")
	for range 7 {
		run(0, 0, fmt.Errorf("pull: %w", down))
	}
	s, err := l.Status(t.Context(), "erp")
	if err != nil {
		t.Fatal(err)
	}
	if s.Failed != 7 || len(s.Failures) != 5 || s.Last.Error != "pull: down" || s.Last.Took != 3*time.Second || !s.Good.Equal(good) || s.Lag(at) != at.Sub(good) {
		t.Errorf("%+v", s)
	}
	run(4, 0, nil)
	s, _ = l.Status(t.Context(), "erp")
	if s.Failed != 0 || len(s.Failures) != 5 || s.Lag(at) != 3*time.Second {
		t.Errorf("after a good run %+v", s)
	}
	if d := cmp.Diff(connections.Run{Began: at.Add(-3 * time.Second), Took: 3 * time.Second, Records: 4}, s.Last); d != "" {
		t.Error(d)
	}
	if s, err := l.Status(t.Context(), "other"); err != nil || s.Lag(at) != 0 || !s.Last.Began.IsZero() {
		t.Errorf("one that never ran %+v, %v", s, err)
	}
}
