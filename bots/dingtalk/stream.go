package dingtalk

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"lingke/bots"
)

// StreamConfig is the timing of Listen; zero fields take the defaults named here.
type StreamConfig struct {
	Dial      time.Duration // 10 s: to ask for a ticket and to connect
	KeepAlive time.Duration // 20 s without a frame: the SDK pings; no pong within 5 s ends the link; at least 3 s
	// Silence (90 s) without any frame, the platform's own pings included, replaces a link: a link can answer pings
	// and still get no frames.
	Silence  time.Duration
	Poll     time.Duration // 200 ms: how often a link is looked at
	Retry    time.Duration // 500 ms: first pause after a failure; doubles with jitter
	RetryMax time.Duration // 30 s: longest pause
	Handover time.Duration // 8 s for a replaced link to finish its frames; the platform closes it after 10 s
	Answer   time.Duration // 1.8 s until a click is acknowledged although its handler still works; the platform waits 2 s
	Handler  time.Duration // 20 s: the handler's context ends
	Queue    time.Duration // 1 s that a frame waits for its turn before it is refused with 500
	InFlight int           // 64 handlers at once
}

func (s StreamConfig) withDefaults() StreamConfig {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&s.Dial, 10 * time.Second}, {&s.KeepAlive, 20 * time.Second}, {&s.Silence, 90 * time.Second},
		{&s.Poll, 200 * time.Millisecond}, {&s.Retry, 500 * time.Millisecond}, {&s.RetryMax, 30 * time.Second},
		{&s.Handover, 8 * time.Second}, {&s.Answer, 1800 * time.Millisecond}, {&s.Handler, 20 * time.Second},
		{&s.Queue, time.Second},
	} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if s.InFlight <= 0 {
		s.InFlight = 64
	}
	return s
}

// supervisor keeps one link up, for ever, and replaces it by a new one.
type supervisor struct {
	bot   *Bot
	cfg   StreamConfig
	take  bots.Handler
	slots chan struct{}   // bounds the handlers at once, over all links
	work  context.Context // of the handlers: outlives Listen's own until they are done
	busy  sync.WaitGroup  // handlers and links on their way out
}

// Listen hands each message and click to h over the stream until ctx ends, and returns ctx.Err(). Before it returns it
// lets running handlers finish, for at most the handler time and the handover time. Several Listens, in one process or
// in several, share the load: the platform gives each frame to one of them.
func (b *Bot) Listen(ctx context.Context, h bots.Handler) error {
	routeSDKLog(b.log, b.api.clean)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	s := &supervisor{bot: b, cfg: b.stream, take: h, work: work, slots: make(chan struct{}, b.stream.InFlight)}
	s.busy.Add(1) // until drain: so no frame is the first that is counted, which may not happen beside Wait
	s.run(ctx)
	s.drain()
	return ctx.Err()
}

func (s *supervisor) run(ctx context.Context) {
	pause := backoff{first: s.cfg.Retry, max: s.cfg.RetryMax}
	var old *link
	for ctx.Err() == nil {
		l, err := s.connect(ctx)
		if err != nil {
			s.bot.log.WarnContext(ctx, "stream connection failed", "err", s.describe(err))
			sleep(ctx, pause.next())
			continue
		}
		s.retire(old)
		why := l.watch(ctx)
		s.bot.log.InfoContext(ctx, "stream connection ends", "why", why, "lived", time.Since(l.born), "frames", l.frames.Load())
		if l.proved() {
			pause.reset()
		}
		if old = nil; why == whyAsked || why == whySilent {
			old = l // it may still carry frames: the new one comes first
		} else {
			s.retire(l)
		}
		if why == whyLost || !l.proved() {
			sleep(ctx, pause.next())
		}
	}
	s.retire(old)
}

// describe is err without what may stand in it: the address of the connection carries its ticket.
func (s *supervisor) describe(err error) string {
	return s.bot.api.clean(ticket.ReplaceAllString(withoutURL(err).Error(), "ticket=[secret]"))
}

// retire lets l finish what it holds and closes it, in its own time.
func (s *supervisor) retire(l *link) {
	if l == nil {
		return
	}
	s.busy.Go(func() { l.close(s.cfg.Handover) })
}

// drain waits for handlers and links, bounded by the times that each of them has anyway.
func (s *supervisor) drain() {
	s.busy.Done()
	done := make(chan struct{})
	go func() {
		s.busy.Wait()
		close(done)
	}()
	timer := time.NewTimer(s.cfg.Handler + s.cfg.Handover)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		s.bot.log.Error("a stream handler ignores its deadline")
	}
}

// backoff is the pause before the next try: doubling, and with jitter so that replicas do not return all at once.
type backoff struct {
	first, max time.Duration
	last       time.Duration
}

func (b *backoff) next() time.Duration {
	b.last = min(max(b.last*2, b.first), b.max)
	return b.last/2 + rand.N(b.last/2+1) //nolint:gosec // jitter, not a secret
}

func (b *backoff) reset() { b.last = 0 }

// sleep waits for d, or less where ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
