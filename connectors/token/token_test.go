package token_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/connectors/token"
)

var errRefused = errors.New("refused")

func isRefused(err error) bool { return errors.Is(err, errRefused) }

func TestATokenIsFetchedOnceWhileItLives(t *testing.T) {
	t.Parallel()
	now, fetched := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), 0
	s := token.New(func() time.Time { return now }, func(context.Context) (string, time.Duration, error) {
		fetched++
		return fmt.Sprint("t", fetched), time.Hour, nil
	})
	use := func() (text string) {
		if err := s.With(t.Context(), func(with string) error { text = with; return nil }, isRefused); err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "t1"}, {53 * time.Minute, "t1"}, {time.Minute, "t2"}, {53 * time.Minute, "t2"}} {
		now = now.Add(step.after)
		if got := use(); got != step.want {
			t.Errorf("at %s: %s, want %s", now.Format("15:04"), got, step.want)
		}
	}
}

func TestARefusedTokenIsReplacedOnceForAllWhoLostIt(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	fetched := 0
	s := token.New(time.Now, func(context.Context) (string, time.Duration, error) {
		mu.Lock()
		defer mu.Unlock()
		fetched++
		return fmt.Sprint("t", fetched), time.Hour, nil
	})
	var lost, all sync.WaitGroup
	lost.Add(8)
	for range 8 {
		all.Go(func() {
			err := s.With(t.Context(), func(text string) error {
				if text == "t1" {
					lost.Done()
					lost.Wait() // all hold the token when it is refused
					return errRefused
				}
				return nil
			}, isRefused)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if fetched != 2 {
		t.Errorf("fetched %d times", fetched)
	}
	calls := 0
	if err := s.With(t.Context(), func(string) error { calls++; return errRefused }, isRefused); !errors.Is(err, errRefused) || calls != 2 {
		t.Errorf("refused for ever: %v after %d calls", err, calls)
	}
}

func TestWhatIsNoTokenIsAnError(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	for _, tt := range []struct {
		text string
		life time.Duration
		err  error
		says string
	}{{"", time.Hour, nil, "no token"}, {"t", 0, nil, "no token"}, {"", 0, down, "down"}} {
		s := token.New(time.Now, func(context.Context) (string, time.Duration, error) { return tt.text, tt.life, tt.err })
		err := s.With(t.Context(), func(string) error { t.Error("called without a token"); return nil }, isRefused)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestWaitingForATokenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	fetching, release := make(chan struct{}), make(chan struct{})
	s := token.New(time.Now, func(context.Context) (string, time.Duration, error) {
		close(fetching)
		<-release
		return "t", time.Hour, nil
	})
	var first sync.WaitGroup
	first.Go(func() {
		if err := s.With(context.Background(), func(string) error { return nil }, isRefused); err != nil {
			t.Error(err)
		}
	})
	<-fetching
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.With(ctx, func(string) error { return nil }, isRefused); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(release)
	first.Wait()
}
