package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Target makes one attempt to tell somebody.
type Target interface {
	Send(ctx context.Context, p Post) error
}

// posts is the part of the store that a Sender uses.
type posts interface {
	LeasePosts(ctx context.Context, target string, now, until time.Time, token string, limit int) ([]Post, error)
	FinishPost(ctx context.Context, p Post, token string) error
	Document(ctx context.Context, name string) ([]byte, error)
	PutDocument(ctx context.Context, name string, text []byte) error
}

// Bounds of the work.
const (
	lease    = 3 * time.Minute
	attempt  = time.Minute // of one post
	poll     = 2 * time.Second
	together = 4
	// DisableAfter is how long a target may fail without one success before nothing more is sent to it and the managers are told.
	DisableAfter = 5 * 24 * time.Hour
	// KeepPosts is how long the log goes back.
	KeepPosts = 30 * 24 * time.Hour
)

// delays are the waits between attempts; a post is dead after the last, some three days later.
var delays = []time.Duration{
	5 * time.Second, 30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// Health is how a target does.
type Health struct {
	FailingSince time.Time `json:"failing_since,omitzero"` // since when every attempt failed
	Disabled     time.Time `json:"disabled,omitzero"`      // since when nothing is sent to it
	Why          string    `json:"why,omitempty"`          // the last failure
}

// Sender sends the posts of one target. Several processes may share a store.
type Sender struct {
	Name   string // of the target
	Target Target
	Posts  posts
	Now    func() time.Time
	Token  func() string
	Alert  func(ctx context.Context, s *Sender, h Health) error // tells people that the target was disabled
	Log    *slog.Logger

	once sync.Once
	wake chan struct{}
	mu   sync.Mutex // of changes of the health by this process
}

func (s *Sender) waker() chan struct{} {
	s.once.Do(func() { s.wake = make(chan struct{}, 1) })
	return s.wake
}

// Wake makes the sender look for due posts at once.
func (s *Sender) Wake() {
	select {
	case s.waker() <- struct{}{}:
	default:
	}
}

// Run sends until ctx ends, then waits for what is under way.
func (s *Sender) Run(ctx context.Context) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		if s.Round(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.waker():
		case <-ticker.C:
		}
	}
}

// Round sends what is due and reports whether there may be more.
func (s *Sender) Round(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	h, err := s.Health(ctx)
	if err != nil || !h.Disabled.IsZero() {
		s.complain(ctx, "read a target's health", err)
		return false
	}
	now, token := s.Now(), s.Token()
	due, err := s.Posts.LeasePosts(ctx, s.Name, now, now.Add(lease), token, together)
	if err != nil {
		s.complain(ctx, "lease posts", err)
		return false
	}
	work := context.WithoutCancel(ctx) // a post under way is finished also while stopping
	var running sync.WaitGroup
	for _, p := range due {
		running.Go(func() { s.one(work, p, token) })
	}
	running.Wait()
	return len(due) == together
}

func (s *Sender) complain(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.Log.LogAttrs(ctx, slog.LevelError, what, slog.String("target", s.Name), slog.Any("err", err))
	}
}

func (s *Sender) one(ctx context.Context, p Post, token string) {
	started := s.Now()
	err := s.try(ctx, p)
	p = s.after(p, err)
	s.complain(ctx, "note a target's health", s.record(ctx, err))
	finishErr := s.Posts.FinishPost(ctx, p, token)
	level := slog.LevelDebug
	if p.State != Done || finishErr != nil {
		level = slog.LevelWarn
	}
	s.Log.LogAttrs(ctx, level, "post", slog.String("post", p.ID), slog.String("target", p.Target), slog.String("event", p.Event), slog.String("state", string(p.State)),
		slog.Int("attempts", p.Attempts), slog.Duration("took", s.Now().Sub(started)), slog.String("why", p.Why), slog.Any("err", finishErr))
}

// try is one attempt, with a panic turned into an error.
func (s *Sender) try(ctx context.Context, p Post) (err error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return s.Target.Send(ctx, p)
}

// after is the post after an attempt.
func (s *Sender) after(p Post, err error) Post {
	now := s.Now().UTC().Truncate(time.Millisecond)
	p.Attempts++
	if err == nil {
		p.State, p.Why, p.Ended = Done, "", now
		return p
	}
	p.Why = err.Error()
	if errors.Is(err, ErrPermanent) || errors.Is(err, ErrGone) || p.Attempts > len(delays) {
		p.State, p.Ended = Dead, now
		return p
	}
	wait := delays[p.Attempts-1]
	if later := (*LaterError)(nil); errors.As(err, &later) {
		wait = min(max(wait, later.Wait), delays[len(delays)-1])
	}
	p.Due = now.Add(wait)
	return p
}

func (s *Sender) document() string { return "outbound/" + s.Name }

// Health returns how the target does.
func (s *Sender) Health(ctx context.Context) (h Health, err error) {
	text, err := s.Posts.Document(ctx, s.document())
	if err != nil || text == nil {
		return h, err
	}
	return h, json.Unmarshal(text, &h)
}

func (s *Sender) setHealth(ctx context.Context, h Health) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return s.Posts.PutDocument(ctx, s.document(), text)
}

// record notes an attempt's outcome. A refusal of one post says nothing about the target.
func (s *Sender) record(ctx context.Context, outcome error) error {
	if errors.Is(outcome, ErrPermanent) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.Health(ctx)
	if err != nil {
		return err
	}
	next := s.next(h, outcome)
	if next == h {
		return nil
	}
	if err := s.setHealth(ctx, next); err != nil {
		return err
	}
	if next.Disabled.IsZero() || !h.Disabled.IsZero() {
		return nil
	}
	return s.Alert(ctx, s, next)
}

func (s *Sender) next(h Health, outcome error) Health {
	if outcome == nil {
		return Health{Disabled: h.Disabled}
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	if h.FailingSince.IsZero() {
		h.FailingSince, h.Why = now, outcome.Error()
	}
	if h.Disabled.IsZero() && (errors.Is(outcome, ErrGone) || now.Sub(h.FailingSince) >= DisableAfter) {
		h.Disabled, h.Why = now, outcome.Error()
	}
	return h
}

// Enable sends to a disabled target again, with what has been waiting.
func (s *Sender) Enable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.setHealth(ctx, Health{}); err != nil {
		return fmt.Errorf("enable %s: %w", s.Name, err)
	}
	s.Wake()
	return nil
}
