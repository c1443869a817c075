package dingtalk

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/utils"
)

// Why a link ends.
const (
	whyLost    = "lost"
	whyAsked   = "the platform asked to leave"
	whySilent  = "silent"
	whyStopped = "stopped"
)

// sdkPending is how many frames the SDK may hold at once. What exceeds it the SDK drops without an answer, so it lies
// far above what our own bound lets wait: those that we cannot take we refuse ourselves.
const sdkPending = 4096

// ackLinger is how long a link stays after its last frame was handled: the SDK writes the acknowledgement after the
// handler returned and tells nobody when it is through.
const ackLinger = 100 * time.Millisecond

// link is one connection: a fresh SDK client that does not reconnect.
type link struct {
	cfg    StreamConfig
	sdk    *client.StreamClient
	born   time.Time
	bot    *Bot
	frames atomic.Int64
	last   atomic.Int64 // nanoseconds after born at which the last frame came
	gate   gate

	askOnce   sync.Once
	asked     chan struct{} // closed when the platform announces that it will close
	closeOnce sync.Once
	closed    chan struct{}
}

// connect opens one link. It returns as soon as ctx ends, also where the network hangs; the attempt then ends by itself
// within the dial time.
func (s *supervisor) connect(ctx context.Context) (*link, error) {
	l := &link{cfg: s.cfg, bot: s.bot, born: time.Now(), asked: make(chan struct{}), closed: make(chan struct{})}
	l.sdk = s.newClient(l) //nolint:contextcheck // handlers outlive the dialling
	dial, cancel := context.WithTimeout(ctx, s.cfg.Dial)
	done := make(chan error, 1)
	go func() {
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("the SDK panicked: %v", p)
			}
		}()
		done <- l.sdk.Start(dial)
	}()
	select {
	case err := <-done:
		if err != nil {
			l.sdk.Close()
			return nil, err
		}
		s.bot.links.Add(1)
		return l, nil
	case <-ctx.Done():
		l.sdk.Close() // a Start that still runs notices and lets go of its connection
		return nil, ctx.Err()
	}
}

func (s *supervisor) newClient(l *link) *client.StreamClient {
	c := s.bot.cfg
	return client.NewStreamClient(
		client.WithAppCredential(client.NewAppCredentialConfig(c.ClientID, c.ClientSecret)),
		client.WithOpenApiHost(c.BaseURL),
		client.WithAutoReconnect(false),
		client.WithKeepAlive(s.cfg.KeepAlive),
		client.WithMaxPendingHandlers(sdkPending),
		client.WithSubscription(utils.SubscriptionTypeKSystem, "ping", l.onPing),
		client.WithSubscription(utils.SubscriptionTypeKSystem, "disconnect", l.onDisconnect),
		client.WithSubscription(utils.SubscriptionTypeKCallback, payload.BotMessageCallbackTopic, s.onMessage(l)),
		client.WithSubscription(utils.SubscriptionTypeKCallback, payload.CardInstanceCallbackTopic, s.onClick(l)),
		client.WithSubscription(utils.SubscriptionTypeKEvent, anyEvent, s.onEvent(l)),
	)
}

// watch returns when the link must be replaced, and why.
func (l *link) watch(ctx context.Context) string {
	ticker := time.NewTicker(l.cfg.Poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return whyStopped
		case <-l.asked:
			return whyAsked
		case <-ticker.C:
			if !l.up() { //nolint:contextcheck // it asks with a context of its own on purpose
				return whyLost
			}
			if time.Since(l.born)-time.Duration(l.last.Load()) > l.cfg.Silence {
				return whySilent
			}
		}
	}
}

var endedContext = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// up asks the SDK whether it still has its connection. The SDK tells nobody that one ended, but Start returns nil at
// once while there is one; the ended context keeps it from opening another.
func (l *link) up() bool { return l.sdk.Start(endedContext) == nil }

// seen notes that a frame came.
func (l *link) seen() {
	l.frames.Add(1)
	l.last.Store(int64(time.Since(l.born)))
}

// proved reports whether the link ever carried something, or lived long: its end is then no reason to wait longer
// than the first pause.
func (l *link) proved() bool {
	return l.frames.Load() > 0 || time.Since(l.born) > l.cfg.RetryMax
}

// onPing echoes the platform's ping.
func (l *link) onPing(_ context.Context, df *payload.DataFrame) (*payload.DataFrameResponse, error) {
	l.seen()
	pong := payload.NewDataFrameAckPong(df.GetMessageId())
	pong.Data = df.Data
	return pong, nil
}

// onDisconnect tells the supervisor to open the next link. The SDK closes the connection when this returns, so it stays
// until the frames in flight were acknowledged on it.
func (l *link) onDisconnect(ctx context.Context, _ *payload.DataFrame) (*payload.DataFrameResponse, error) {
	l.askOnce.Do(func() { close(l.asked) })
	timer := time.NewTimer(l.cfg.Handover)
	defer timer.Stop()
	select {
	case <-l.closed:
	case <-ctx.Done():
	case <-timer.C:
	}
	return payload.NewSuccessDataFrameResponse(), nil
}

// close lets the frames in flight be acknowledged, for at most within, and closes the connection.
func (l *link) close(within time.Duration) {
	l.closeOnce.Do(func() {
		timer := time.NewTimer(within)
		defer timer.Stop()
		select {
		case <-l.gate.shut():
		case <-timer.C:
		}
		time.Sleep(ackLinger - l.gate.sinceLast())
		close(l.closed)
		l.sdk.Close()
		l.bot.links.Add(-1)
	})
}

// gate counts the frames in flight and lets none in once it is shut.
type gate struct {
	mu    sync.Mutex
	n     int
	last  time.Time     // when somebody left last
	empty chan struct{} // not nil once shut; closed when nobody is inside
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		return false
	}
	g.n++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n--
	g.last = time.Now()
	if g.n == 0 && g.empty != nil {
		close(g.empty)
	}
}

// sinceLast is how long ago somebody left, or very long.
func (g *gate) sinceLast() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Since(g.last)
}

func (g *gate) shut() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty == nil {
		g.empty = make(chan struct{})
		if g.n == 0 {
			close(g.empty)
		}
	}
	return g.empty
}
