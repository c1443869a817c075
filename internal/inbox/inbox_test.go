package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"lingke/internal/inbox"
	"lingke/internal/store/sqlite"
)

// box is a running inbox over a real store, in a bubble with a clock of its own.
type box struct {
	*inbox.Inbox
	t     *testing.T
	store *sqlite.Store
	stop  func() // and wait
}

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// start runs an inbox whose handler of the source "test" is h.
func start(t *testing.T, s *sqlite.Store, parallel int, h inbox.Handler) *box {
	t.Helper()
	var mu sync.Mutex
	tokens := 0
	token := func() string { mu.Lock(); defer mu.Unlock(); tokens++; return fmt.Sprintf("%p-%d", &tokens, tokens) }
	b := &box{t: t, store: s, Inbox: inbox.New(s, map[string]inbox.Handler{"test": h}, time.Now, token, parallel, slog.New(slog.DiscardHandler))}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { b.Run(ctx) })
	b.stop = func() { cancel(); running.Wait() }
	t.Cleanup(b.stop)
	return b
}

func (b *box) accept(id string) bool {
	b.t.Helper()
	fresh, err := b.Accept(context.Background(), id, "test:x", []byte(id))
	must(b.t, err)
	return fresh
}

// in returns the event that is in that state.
func (b *box) in(state inbox.State, id string) (inbox.Event, bool) {
	b.t.Helper()
	events, err := b.store.Events(context.Background(), state, 100)
	must(b.t, err)
	i := slices.IndexFunc(events, func(e inbox.Event) bool { return e.ID == id })
	if i < 0 {
		return inbox.Event{}, false
	}
	return events[i], true
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnEventIsWorkedOnOnceHoweverOftenItArrives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		worked := make(chan string, 10)
		b := start(t, openStore(t), 2, func(_ context.Context, e inbox.Event) error { worked <- string(e.Body); return nil })
		if !b.accept("e1") || b.accept("e1") {
			t.Error("only the first arrival is fresh")
		}
		time.Sleep(time.Minute)
		if b.accept("e1") {
			t.Error("fresh after it was done")
		}
		time.Sleep(time.Minute)
		if e, done := b.in(inbox.Done, "e1"); !done || len(worked) != 1 || e.Attempts != 1 || <-worked != "e1" {
			t.Errorf("%+v, done %v", e, done)
		}
	})
}

func TestWhatBecomesOfAFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		source   string
		h        inbox.Handler
		state    inbox.State
		before   int // attempts that failed before
		attempts int
		longer   time.Duration // until then it is not at its end
	}{
		{"a permanent one ends at once", "test", func(context.Context, inbox.Event) error { return inbox.Permanent(errors.New("no")) }, inbox.Dead, 0, 1, 0},
		{"wrapped too", "test", func(context.Context, inbox.Event) error {
			return fmt.Errorf("work: %w", inbox.Permanent(errors.New("no")))
		}, inbox.Dead, 0, 1, 0},
		{"any other ends after many attempts", "test", func(context.Context, inbox.Event) error { return errors.New("down") }, inbox.Dead, 13, 15, 4 * time.Minute},
		{"a panic is one", "test", func(context.Context, inbox.Event) error { panic("nil map") }, inbox.Dead, 13, 15, 4 * time.Minute},
		{"a hang is one", "test", func(ctx context.Context, _ inbox.Event) error { <-ctx.Done(); return ctx.Err() }, inbox.Dead, 13, 15, 6 * time.Minute},
		{"nobody handles it", "other:x", nil, inbox.Dead, 0, 1, 0},
		{"it goes away", "test", func(_ context.Context, e inbox.Event) error {
			if e.Attempts < 3 {
				return errors.New("down")
			}
			return nil
		}, inbox.Done, 0, 4, 3 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, openStore(t), 1, tt.h)
				at := time.Now().UTC()
				_, err := b.store.AddEvent(t.Context(), inbox.Event{ID: "e1", Source: tt.source, Received: at, State: inbox.Due, Due: at, Attempts: tt.before})
				must(t, err)
				b.Wake()
				time.Sleep(tt.longer)
				if tt.longer > 0 {
					if _, ended := b.in(tt.state, "e1"); ended {
						t.Errorf("at its end within %s", tt.longer)
					}
				}
				time.Sleep(5 * time.Minute)
				e, ended := b.in(tt.state, "e1")
				if !ended || e.Attempts != tt.attempts || (e.Why == "") != (tt.state == inbox.Done) {
					t.Errorf("%+v, ended %v", e, ended)
				}
			})
		})
	}
}

func TestASlowEventDoesNotKeepOthersWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, openStore(t), 2, func(_ context.Context, e inbox.Event) error {
			if e.ID == "slow" {
				time.Sleep(50 * time.Second)
			}
			return nil
		})
		b.accept("slow")
		synctest.Wait()
		for i := range 5 {
			b.accept(fmt.Sprint("e", i))
		}
		time.Sleep(3 * time.Second)
		for i := range 5 {
			if _, done := b.in(inbox.Done, fmt.Sprint("e", i)); !done {
				t.Errorf("e%d waits for the slow one", i)
			}
		}
	})
}

func TestNoMoreThanSoManyAreWorkedOnAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		b := start(t, openStore(t), 3, func(context.Context, inbox.Event) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return nil
		})
		for i := range 20 {
			b.accept(fmt.Sprint(i))
		}
		time.Sleep(10 * time.Second)
		if done, err := b.store.Events(context.Background(), inbox.Done, 100); err != nil || len(done) != 20 || most != 3 {
			t.Errorf("%d done, %d at once, %v", len(done), most, err)
		}
	})
}

func TestWorkInlineIsDoneOnceAndKnownAfterwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, openStore(t), 2, func(context.Context, inbox.Event) error { t.Error("the worker took it"); return nil })
		calls := 0
		work := func() (<-chan struct{}, bool) {
			done, fresh, err := b.Work(t.Context(), "e1", "test", nil, func(context.Context, inbox.Event) error { calls++; return nil })
			must(t, err)
			return done, fresh
		}
		done, fresh := work()
		<-done
		again, known := work()
		<-again
		if !fresh || known || calls != 1 {
			t.Errorf("fresh %v then %v, %d calls", fresh, known, calls)
		}
		time.Sleep(5 * time.Minute)
		if _, done := b.in(inbox.Done, "e1"); !done {
			t.Error("not done")
		}
	})
}

func TestWorkThatFailsInlineIsLeftToTheWorker(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]inbox.Handler{
		"error": func(context.Context, inbox.Event) error { return errors.New("down") },
		"panic": func(context.Context, inbox.Event) error { panic("nil map") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := start(t, openStore(t), 2, func(context.Context, inbox.Event) error { return nil })
				done, _, err := b.Work(t.Context(), "e1", "test", nil, h)
				must(t, err)
				<-done
				time.Sleep(5 * time.Second)
				if e, done := b.in(inbox.Done, "e1"); !done || e.Attempts != 2 {
					t.Errorf("%+v, done %v", e, done)
				}
			})
		})
	}
}

func TestTheCallersEndDoesNotEndTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, openStore(t), 2, nil)
		ctx, leave := context.WithCancel(t.Context())
		done, _, err := b.Work(ctx, "e1", "test", nil, func(ctx context.Context, _ inbox.Event) error {
			time.Sleep(time.Second)
			return ctx.Err()
		})
		must(t, err)
		leave()
		<-done
		synctest.Wait()
		if _, ok := b.in(inbox.Done, "e1"); !ok {
			t.Error("not done")
		}
	})
}

func TestWhatACrashLeftIsTakenOverWhenItsLeaseEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t)
		at := time.Now().UTC()
		crashed := inbox.Event{ID: "e1", Source: "test", Received: at, State: inbox.Due, Due: at}
		_, err := s.TakeEvent(context.Background(), crashed, at.Add(2*time.Minute), "gone")
		must(t, err)
		worked := make(chan time.Duration, 5)
		b := start(t, s, 1, func(context.Context, inbox.Event) error { worked <- time.Since(at); return nil })
		time.Sleep(5 * time.Minute)
		if _, done := b.in(inbox.Done, "e1"); !done || len(worked) != 1 {
			t.Fatalf("worked on %d times", len(worked))
		}
		if after := <-worked; after < 2*time.Minute || after > 2*time.Minute+2*time.Second {
			t.Errorf("taken over after %s", after)
		}
	})
}

func TestStoppingFinishesWhatIsUnderWayAndBeginsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, openStore(t), 1, func(ctx context.Context, _ inbox.Event) error { time.Sleep(10 * time.Second); return ctx.Err() })
		b.accept("first")
		synctest.Wait()
		b.accept("second")
		_, _, err := b.Work(t.Context(), "inline", "test", nil, func(context.Context, inbox.Event) error { time.Sleep(5 * time.Second); return nil })
		must(t, err)
		b.stop()
		for id, want := range map[string]bool{"first": true, "inline": true, "second": false} {
			if _, done := b.in(inbox.Done, id); done != want {
				t.Errorf("%s done: %v", id, done)
			}
		}
	})
}
