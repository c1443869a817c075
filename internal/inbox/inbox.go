package inbox

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// events is the part of the store that keeps what arrived.
type events interface {
	AddEvent(ctx context.Context, e Event) (bool, error)
	TakeEvent(ctx context.Context, e Event, until time.Time, token string) (bool, error)
	LeaseEvents(ctx context.Context, now, until time.Time, token string, limit int) ([]Event, error)
	FinishEvent(ctx context.Context, e Event, token string) error
}

// Handler does the work of one event. It may be called again for the same event, after a crash or an error, and must then change nothing more.
// An error is tried again later unless it is wrapped by Permanent.
type Handler func(ctx context.Context, e Event) error

// Bounds of the work.
const (
	lease       = 2 * time.Minute // longer than any handler may take
	poll        = time.Second
	maxAttempts = 15
	firstDelay  = 500 * time.Millisecond
	maxDelay    = 5 * time.Minute
)

// Inbox takes events in and has them worked on. Its methods may be called from several goroutines; several processes may work on one store.
type Inbox struct {
	events   events
	handlers map[string]Handler // by the source's part before ":"
	now      func() time.Time
	token    func() string
	parallel int
	log      *slog.Logger
	wake     chan struct{}
	free     chan struct{} // holds a place for every event that is worked on
	running  atomic.Bool
	inline   sync.WaitGroup
}

// New returns an Inbox that works on up to parallel events at once with the handler of each event's source ("hook:website" has the handler "hook").
func New(e events, handlers map[string]Handler, now func() time.Time, token func() string, parallel int, log *slog.Logger) *Inbox {
	return &Inbox{events: e, handlers: handlers, now: now, token: token, parallel: max(1, parallel), log: log, wake: make(chan struct{}, 1),
		free: make(chan struct{}, max(1, parallel))}
}

// Accept stores an event durably and returns; the work is done afterwards. fresh is false where it was known already.
func (b *Inbox) Accept(ctx context.Context, id, source string, body []byte) (fresh bool, err error) {
	if b.running.Load() && b.place() {
		return b.start(ctx, id, source, body)
	}
	fresh, err = b.events.AddEvent(ctx, b.event(id, source, body))
	if err != nil {
		return false, fmt.Errorf("store event: %w", err)
	}
	if fresh {
		b.Wake()
	}
	return fresh, nil
}

// start is Accept with a place that is free: the event is leased as it is stored, which saves a worker a look into the store.
func (b *Inbox) start(ctx context.Context, id, source string, body []byte) (fresh bool, err error) {
	done, fresh, err := b.Work(ctx, id, source, body, b.handlers[kind(source)])
	b.inline.Go(func() {
		<-done
		<-b.free
	})
	return fresh, err
}

// place takes a free place, if there is one.
func (b *Inbox) place() bool {
	select {
	case b.free <- struct{}{}:
		return true
	default:
		return false
	}
}

// Work stores an event durably and works on it at once, in the background: the returned channel is closed when the work has ended, however. It is closed already
// where the event was known; then fresh is false.
func (b *Inbox) Work(ctx context.Context, id, source string, body []byte, h Handler) (done <-chan struct{}, fresh bool, err error) {
	e, token := b.event(id, source, body), b.token()
	ended := make(chan struct{})
	fresh, err = b.events.TakeEvent(ctx, e, b.now().Add(lease), token)
	if err != nil || !fresh {
		close(ended)
		if err != nil {
			err = fmt.Errorf("store event: %w", err)
		}
		return ended, false, err
	}
	work := context.WithoutCancel(ctx) // it was accepted: the caller's end does not end it
	b.inline.Go(func() {
		outcome := b.try(work, e, h)
		close(ended)
		b.finish(work, outcome, token)
	})
	return ended, true, nil
}

func (b *Inbox) event(id, source string, body []byte) Event {
	now := b.now().UTC().Truncate(time.Millisecond)
	return Event{ID: id, Source: source, Body: body, Received: now, State: Due, Due: now}
}

// Wake makes a worker look for due events at once.
func (b *Inbox) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run works on events until ctx ends, then waits for the work under way.
func (b *Inbox) Run(ctx context.Context) {
	defer b.inline.Wait()
	b.running.Store(true)
	defer b.running.Store(false)
	var running sync.WaitGroup
	defer running.Wait()
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		more := b.round(ctx, &running)
		if ctx.Err() != nil {
			return
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		case <-ticker.C:
		}
	}
}

// round leases as many events as there are free places and starts work on them: a slow one keeps a place, not the others. It reports whether there may be more.
func (b *Inbox) round(ctx context.Context, running *sync.WaitGroup) bool {
	places := b.places(ctx)
	if places == 0 {
		return false
	}
	now, token := b.now(), b.token()
	leased, err := b.events.LeaseEvents(ctx, now, now.Add(lease), token, places)
	if err != nil {
		if ctx.Err() == nil {
			b.log.LogAttrs(ctx, slog.LevelError, "lease events", slog.Any("err", err))
		}
		leased = nil
	}
	for range places - len(leased) {
		<-b.free
	}
	work := context.WithoutCancel(ctx) // an event under way is finished also while stopping
	for _, e := range leased {
		running.Go(func() {
			defer func() { <-b.free }()
			b.finish(work, b.try(work, e, b.handlers[kind(e.Source)]), token)
		})
	}
	return len(leased) == places
}

// places takes every free place; where there is none it waits for one. It returns 0 when ctx ends.
func (b *Inbox) places(ctx context.Context) int {
	select {
	case b.free <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for taken := 1; ; taken++ {
		if !b.place() {
			return taken
		}
	}
}

func kind(source string) string {
	k, _, _ := strings.Cut(source, ":")
	return k
}

// try runs the handler and returns the event as it is to be stored.
func (b *Inbox) try(ctx context.Context, e Event, h Handler) Event {
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	err := call(ctx, e, h)
	e.Attempts++
	switch {
	case err == nil:
		e.State, e.Why = Done, ""
	case isPermanent(err) || e.Attempts >= maxAttempts:
		e.State, e.Why = Dead, err.Error()
	default:
		e.Why, e.Due = err.Error(), b.now().UTC().Add(delay(e.Attempts)).Truncate(time.Millisecond)
	}
	return e
}

func call(ctx context.Context, e Event, h Handler) (err error) {
	if h == nil {
		return Permanent(fmt.Errorf("nobody handles events of %q", e.Source))
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return h(ctx, e)
}

func delay(attempts int) time.Duration {
	d := firstDelay
	for range min(attempts, 20) - 1 {
		d = min(2*d, maxDelay)
	}
	return d
}

func (b *Inbox) finish(ctx context.Context, e Event, token string) {
	err := b.events.FinishEvent(ctx, e, token)
	level := slog.LevelDebug
	if err != nil || e.State == Dead {
		level = slog.LevelError
	} else if e.Why != "" {
		level = slog.LevelWarn
	}
	b.log.LogAttrs(ctx, level, "event", slog.String("event", e.ID), slog.String("source", e.Source), slog.String("state", string(e.State)),
		slog.Int("attempts", e.Attempts), slog.String("why", e.Why), slog.Any("err", err))
}
