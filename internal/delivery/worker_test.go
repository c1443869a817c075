package delivery_test

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

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store/sqlite"
)

// sendFunc is a bot that only sends.
type sendFunc func(ctx context.Context, m bots.Outgoing) error

func (f sendFunc) Platform() bots.Platform { return bots.WeCom }

func (f sendFunc) Send(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	return bots.Receipt{Handle: bots.Handle{Message: m.ID}}, f(ctx, m)
}

// post is a running sender over a real store, in a bubble with a clock of its own.
type post struct {
	t      *testing.T
	store  *sqlite.Store
	sender *delivery.Sender
	stop   func() // and wait
}

func startPost(t *testing.T, parallel int, send sendFunc) *post {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	var tokens int
	token := func() string { tokens++; return fmt.Sprint("t", tokens) } // only Run asks for tokens
	p := &post{t: t, store: s}
	p.sender = delivery.NewSender(s, send, time.Now, token, parallel, func(delivery.Delivery, time.Duration) {}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.sender.Run(ctx) })
	p.stop = func() { cancel(); running.Wait() }
	t.Cleanup(func() { p.stop(); must(t, s.Close()) })
	return p
}

// add stores a text that is due after some time.
func (p *post) add(id string, after time.Duration) { p.t.Helper(); p.addTried(id, after, 0) }

// addTried is add for one that has failed so many times before.
func (p *post) addTried(id string, after time.Duration, attempts int) {
	p.t.Helper()
	at := time.Now().Add(after).UTC().Truncate(time.Millisecond)
	d := delivery.Delivery{ID: id, Platform: bots.WeCom, Kind: "text", To: []string{"x"}, Text: "x", Rev: 1, State: delivery.Due, Due: at, Created: at, Attempts: attempts}
	_, err := p.store.Show(context.Background(), d)
	must(p.t, err)
	if after == 0 {
		p.sender.Wake()
	}
}

func (p *post) get(id string) delivery.Delivery {
	p.t.Helper()
	d, err := p.store.Delivery(context.Background(), id)
	must(p.t, err)
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// log keeps who was sent to and when, counted from the bubble's start.
type sentLog struct {
	mu    sync.Mutex
	start time.Time
	ids   []string
	at    []time.Duration
}

func newSentLog() *sentLog { return &sentLog{start: time.Now()} }

func (l *sentLog) add(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids, l.at = append(l.ids, id), append(l.at, time.Since(l.start))
}

// order is who was sent to, one after the other.
func (l *sentLog) order() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ids)
}

func (l *sentLog) times(id string) []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []time.Duration
	for i := range l.ids {
		if l.ids[i] == id {
			out = append(out, l.at[i])
		}
	}
	return out
}

func TestSenderSendsAtOnceWhenWokenAndOtherwiseWhenDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := newSentLog()
		p := startPost(t, 2, func(_ context.Context, m bots.Outgoing) error { sent.add(m.ID); return nil })
		p.add("now", 0)
		p.add("later", 90*time.Second)
		time.Sleep(2 * time.Minute)
		if at := sent.times("now"); len(at) != 1 || at[0] > 0 {
			t.Errorf("woken for: sent after %v", at)
		}
		if at := sent.times("later"); len(at) != 1 || at[0] < 90*time.Second || at[0] > 92*time.Second {
			t.Errorf("due after 90s: sent after %v", at)
		}
		if d := p.get("later"); d.State != delivery.Done || d.Shown != 1 || d.Handle.Message != "later" {
			t.Errorf("%+v", d)
		}
	})
}

func TestSenderMakesSoManyAttemptsAtOnceAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			now += n
			most = max(most, now)
		}
		p := startPost(t, 3, func(context.Context, bots.Outgoing) error {
			count(1)
			time.Sleep(time.Second)
			count(-1)
			return nil
		})
		for i := range 10 {
			p.add(fmt.Sprint("d", i), 0)
		}
		time.Sleep(10 * time.Second)
		for i := range 10 {
			if d := p.get(fmt.Sprint("d", i)); d.State != delivery.Done {
				t.Errorf("%s is %s", d.ID, d.State)
			}
		}
		if most != 3 {
			t.Errorf("%d attempts at once, want 3", most)
		}
	})
}

func TestSenderTakesTheEarliestDueFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := newSentLog()
		gate := make(chan struct{})
		p := startPost(t, 1, func(_ context.Context, m bots.Outgoing) error { <-gate; sent.add(m.ID); return nil })
		p.add("first", 0)
		synctest.Wait() // it is under way while the others come
		for i, after := range []time.Duration{3, 1, 2} {
			p.add(fmt.Sprint("d", i), after*time.Millisecond)
		}
		time.Sleep(time.Second)
		close(gate)
		time.Sleep(5 * time.Second)
		if want := []string{"first", "d1", "d2", "d0"}; !slices.Equal(sent.order(), want) {
			t.Errorf("sent %v, want %v", sent.order(), want)
		}
	})
}

func TestAPanicAndAHangAreFailuresThatEnd(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]sendFunc{
		"panic": func(context.Context, bots.Outgoing) error { panic("nil map") },
		"hang":  func(ctx context.Context, _ bots.Outgoing) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := startPost(t, 2, func(ctx context.Context, m bots.Outgoing) error {
					if m.ID == "good" {
						return nil
					}
					return send(ctx, m)
				})
				p.addTried("bad", 0, 10)
				p.add("good", 0)
				time.Sleep(10 * time.Minute)
				if d := p.get("bad"); d.State != delivery.Dead || d.Why == "" || d.Attempts != 12 {
					t.Errorf("state %s after %d attempts: %q", d.State, d.Attempts, d.Why)
				}
				if d := p.get("good"); d.State != delivery.Done {
					t.Errorf("the other is %s", d.State)
				}
			})
		})
	}
}

func TestAPlatformsLimitPausesEverythingForAMomentAndTheRefusedOneAsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		wait  time.Duration
		pause time.Duration
	}{
		{"a second where nothing is said", 0, time.Second},
		{"as told", 1500 * time.Millisecond, 1500 * time.Millisecond},
		{"a long wait is the refused one's alone", time.Minute, 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := newSentLog()
				p := startPost(t, 4, func(_ context.Context, m bots.Outgoing) error {
					sent.add(m.ID)
					if m.ID == "limited" && len(sent.times(m.ID)) == 1 {
						return failure(bots.ErrRateLimited, tt.wait)
					}
					return nil
				})
				p.add("limited", 0)
				synctest.Wait()
				time.Sleep(time.Millisecond)
				p.add("other", 0)
				time.Sleep(tt.wait + time.Minute)
				if at := sent.times("other"); len(at) != 1 || at[0] != tt.pause {
					t.Errorf("the other was sent after %v, want %s", at, tt.pause)
				}
				at := sent.times("limited")
				if len(at) != 2 || at[1] < max(tt.wait, time.Second) || p.get("limited").State != delivery.Done {
					t.Errorf("the refused one was tried after %v", at)
				}
			})
		})
	}
}

func TestStoppingLetsAnAttemptUnderWayFinish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := startPost(t, 2, func(ctx context.Context, m bots.Outgoing) error {
			if m.ID == "quick" {
				time.Sleep(2 * time.Second)
				return ctx.Err()
			}
			<-ctx.Done()
			return ctx.Err()
		})
		p.add("quick", 0)
		p.add("hung", 0)
		synctest.Wait()
		before := time.Now()
		p.stop()
		if took := time.Since(before); took != 5*time.Second {
			t.Errorf("stopping took %s", took)
		}
		if d := p.get("quick"); d.State != delivery.Done {
			t.Errorf("what the platform has shown is %s", d.State)
		}
		if d := p.get("hung"); d.State != delivery.Due || d.Attempts != 0 {
			t.Errorf("what was cut off is %s after %d attempts", d.State, d.Attempts)
		}
	})
}

func TestALostLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p *post
		p = startPost(t, 1, func(context.Context, bots.Outgoing) error {
			until := time.Now().Add(3 * time.Hour)
			taken, err := p.store.LeaseDeliveries(context.Background(), "wecom", time.Now().Add(time.Hour), until, "another", 1)
			if err != nil || len(taken) != 1 {
				t.Errorf("leased %d, %v", len(taken), err)
			}
			return errors.New("late")
		})
		p.add("d", 0)
		synctest.Wait()
		time.Sleep(time.Minute)
		if d := p.get("d"); d.State != delivery.Due || d.Attempts != 0 || d.Why != "" {
			t.Errorf("%+v", d)
		}
	})
}

func TestAWishThatChangesDuringAnAttemptIsSentNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var p *post
		sent := newSentLog()
		p = startPost(t, 1, func(_ context.Context, m bots.Outgoing) error {
			sent.add(m.Text)
			if m.Text == "x" {
				d := p.get("d")
				d.Text, d.Rev = "newer", 2
				_, err := p.store.Show(context.Background(), d)
				must(t, err)
			}
			return nil
		})
		p.add("d", 0)
		time.Sleep(time.Minute)
		if d := p.get("d"); d.State != delivery.Done || d.Shown != 2 || !slices.Equal(sent.order(), []string{"x", "newer"}) {
			t.Errorf("%+v, sent %v", d, sent.order())
		}
	})
}
