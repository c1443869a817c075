package delivery

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"lingke/bots"
	"lingke/internal/delivery/budget"
)

// queue is the part of the store that sending works from.
type queue interface {
	LeaseDeliveries(ctx context.Context, platform string, now, until time.Time, token string, limit int) ([]Delivery, error)
	FinishDelivery(ctx context.Context, d Delivery, token string) error
	MoveDelivery(ctx context.Context, d Delivery, token string) error
}

// Sender sends the due deliveries of one platform.
type Sender struct {
	queue    queue
	bot      bots.Bot
	now      func() time.Time
	token    func() string // a new lease token at every call
	parallel int
	observe  func(Delivery, time.Duration)
	stages   []Stage
	other    func(Delivery) (Delivery, bool)
	route    func(context.Context, Delivery) (Delivery, bool)
	log      *slog.Logger
	wake     chan struct{}
	seal     *Seal
	notices  map[string]bool // kinds
	pause    atomic.Int64    // until when nothing is sent, in Unix nanoseconds of now
}

// Lease bounds how long one attempt may take before somebody else may make it too. It outlives every bot's own timeouts.
const Lease = 2 * time.Minute

// poll is how often a sender looks for deliveries that became due by themselves or were left by others.
const poll = time.Second

// grace is how long an attempt under way may still take when the sender stops: a text that was sent and not recorded would be shown twice.
const grace = 5 * time.Second

// longestPause bounds how long one refusal for a platform's limit keeps everything else waiting: the limit may be that of one call or one person only.
const longestPause = 2 * time.Second

// NewSender returns a Sender that makes up to parallel attempts at once. observe is told every attempt and how long it took. What is leased passes the stages in
// their order before it is sent.
func NewSender(q queue, bot bots.Bot, now func() time.Time, token func() string, parallel int, observe func(Delivery, time.Duration), log *slog.Logger, stages ...Stage) *Sender {
	return &Sender{
		stages: stages,
		queue:  q, bot: bot, now: now, token: token, parallel: max(1, parallel), observe: observe,
		log: log.With("platform", bot.Platform()), wake: make(chan struct{}, 1),
	}
}

// Sealed makes the sender seal the buttons of cards. It returns s; call it before Run.
func (s *Sender) Sealed(seal *Seal) *Sender {
	s.seal = seal
	return s
}

// AsNotices makes the sender send kinds of messages in the platform's own way to tell people something; see bots.Outgoing.Notice. It returns s; call it before Run.
func (s *Sender) AsNotices(kinds ...string) *Sender {
	s.notices = make(map[string]bool)
	for _, k := range kinds {
		s.notices[k] = true
	}
	return s
}

// Wake makes the sender look for due deliveries at once.
func (s *Sender) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Run sends until ctx ends, then waits for the attempts under way.
func (s *Sender) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, s.parallel)
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		more := s.paused() <= 0 && s.round(ctx, free, &running)
		if ctx.Err() != nil {
			return
		}
		if more {
			continue
		}
		if !s.rest(ctx, ticker.C) {
			return
		}
	}
}

// rest waits until there may be something to do, and reports whether to go on.
func (s *Sender) rest(ctx context.Context, tick <-chan time.Time) bool {
	wake, over := s.wake, (<-chan time.Time)(nil)
	if left := s.paused(); left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		wake, tick, over = nil, nil, timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-tick:
	case <-over:
	}
	return true
}

// paused is how long nothing is to be sent yet.
func (s *Sender) paused() time.Duration { return time.Duration(s.pause.Load() - s.now().UnixNano()) }

// hold pauses the sender where a platform's limit was the reason of a failure: what is sent before it has room again is refused as well, and may count.
func (s *Sender) hold(err error) {
	if errors.Is(err, bots.ErrRateLimited) && !ours(err) {
		s.pause.Store(s.now().Add(min(wait(err, time.Second), longestPause)).UnixNano())
	}
}

// ours reports whether it was not the platform that refused, but a budget of it that we keep.
func ours(err error) bool {
	var e *bots.Error
	return errors.As(err, &e) && e.Code == budget.CodeSpent
}

// round leases as many deliveries as there are free places and starts them; it reports whether there may be more.
func (s *Sender) round(ctx context.Context, free chan struct{}, running *sync.WaitGroup) bool {
	places := 0
	for range s.parallel {
		if !tryTake(free) {
			break
		}
		places++
	}
	if places == 0 { // wait for one
		select {
		case free <- struct{}{}:
			places = 1
		case <-ctx.Done():
			return false
		}
	}
	now, token := s.now(), s.token()
	leased, err := s.queue.LeaseDeliveries(ctx, string(s.bot.Platform()), now, now.Add(Lease), token, places)
	if err != nil {
		if ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "lease deliveries", slog.Any("err", err))
		}
		leased = nil
	}
	for range places - len(leased) {
		<-free
	}
	more := len(leased) == places
	if len(leased) > 0 {
		running.Go(func() { s.batch(ctx, leased, token, free) })
	}
	return more
}

func tryTake(free chan struct{}) bool {
	select {
	case free <- struct{}{}:
		return true
	default:
		return false
	}
}

// batch lets what was leased together pass the stages, and attempts what passes side by side. Each delivery leaves a free place when it is done.
func (s *Sender) batch(ctx context.Context, leased []Delivery, token string, free <-chan struct{}) {
	leased = s.sendOn(ctx, leased, token, free)
	pass, held, then, err := sift(ctx, s.stages, s.now().UTC(), leased)
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "stages of a delivery", slog.Any("err", err))
	}
	var each, holding sync.WaitGroup
	for _, d := range held {
		holding.Go(func() {
			defer func() { <-free }()
			s.record(ctx, d, token, 0, false)
		})
	}
	each.Go(func() {
		holding.Wait()
		s.follow(ctx, then)
	})
	for _, d := range pass {
		each.Go(func() {
			defer func() { <-free }()
			s.one(ctx, d, token)
		})
	}
	each.Wait()
}

// sendOn hands on what goes over another platform, and returns the rest.
func (s *Sender) sendOn(ctx context.Context, leased []Delivery, token string, free <-chan struct{}) []Delivery {
	rest := leased[:0]
	for _, d := range leased {
		moved, on := s.rerouted(ctx, d)
		if !on {
			rest = append(rest, d)
			continue
		}
		s.record(ctx, moved, token, 0, true)
		<-free
	}
	return rest
}

// follow does what is to be done once what was held is recorded. What fails is done at the next look: what was held is due still.
func (s *Sender) follow(ctx context.Context, then []func(context.Context) error) {
	for _, do := range then {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "merge deliveries", slog.Any("err", err))
		}
	}
	if len(then) > 0 {
		s.Wake()
	}
}

// one makes one attempt and records it, also while stopping: what the platform has shown must not be forgotten.
func (s *Sender) one(ctx context.Context, d Delivery, token string) {
	started := time.Now()
	tried, failure := s.attempt(ctx, d)
	s.hold(failure)
	tried, moved := s.elsewhere(tried, failure)
	s.record(ctx, tried, token, time.Since(started), moved)
	if tried.Replaced > d.Replaced {
		s.Wake() // the successor is due
	}
}

// record stores what became of a delivery, or that it goes another way.
func (s *Sender) record(ctx context.Context, tried Delivery, token string, took time.Duration, moved bool) {
	tried.Due, tried.Ended = milli(tried.Due), milli(tried.Ended)
	record, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	finish := s.queue.FinishDelivery
	if moved {
		finish = s.queue.MoveDelivery
	}
	err := finish(record, tried, token)
	s.observe(tried, took)
	s.report(ctx, tried, took, err)
}

// attempt makes one attempt, which may take grace longer than ctx and never longer than half the lease.
func (s *Sender) attempt(ctx context.Context, d Delivery) (Delivery, error) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	work, cancelTimeout := context.WithTimeout(work, Lease/2)
	defer cancelTimeout()
	ended := make(chan struct{})
	defer close(ended)
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-ended:
		}
	})()
	wish := d.Card
	d.AsNotice = s.notices[d.Kind]
	d.Card = s.seal.Card(d, wish)
	tried, err := attempt(budget.WithShare(work, d.Rank.share()), s.bot, d, s.now().UTC(), Random)
	tried.Card = wish
	return tried, err
}

func (s *Sender) report(ctx context.Context, d Delivery, took time.Duration, err error) {
	level := slog.LevelDebug
	switch {
	case d.State == Dead, err != nil && !errors.Is(err, context.Canceled):
		level = slog.LevelError
	case d.Why != "":
		level = slog.LevelWarn
	}
	s.log.LogAttrs(ctx, level, "delivery attempt",
		slog.String("delivery", d.ID), slog.String("kind", d.Kind), slog.Int64("rev", d.Rev), slog.String("state", string(d.State)),
		slog.Int("attempts", d.Attempts), slog.Int("refused", len(d.Refused)), slog.String("why", d.Why), slog.Duration("took", took), slog.Any("err", err))
}

func milli(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}
