package dingtalk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lingke/bots"
)

func taken(context.Context, bots.Incoming) (bots.Answer, error) { return bots.Answer{}, nil }

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	card := claimedCard()
	badTopic := frame("/v1.0/unknown", "m", "{}")
	for _, c := range []struct {
		name  string
		frame string
		h     bots.Handler
		code  int
		data  string // part of it
	}{
		{"a stored message", messageFrame("m", "今日"), taken, 200, `{"response":null}`},
		{"a message that is not stored comes again", messageFrame("m", "今日"), fails, 500, ""},
		{"a click", clickFrame("m", "card"), taken, 200, `{"response":{}}`},
		{"a click with the card's new state", clickFrame("m", "card"), func(context.Context, bots.Incoming) (bots.Answer, error) {
			return bots.Answer{Card: &card, Toast: "已由你领取"}, nil
		}, 200, `"userPrivateData":{"cardParamMap":{"toast":"已由你领取"}}`},
		{"a click that is not stored", clickFrame("m", "card"), fails, 500, ""},
		{"a handler that panics", clickFrame("m", "card"), func(context.Context, bots.Incoming) (bots.Answer, error) { panic("boom") }, 500, ""},
		{"content that cannot be read", frame("/v1.0/card/instances/callback", "m", "{"), taken, 400, ""},
		{"a message without its text, the month being spent", frame("/v1.0/im/bot/messages/get", "m", `{"errorCode":20001}`), taken, 200, ""},
		{"a topic we did not ask for", badTopic, taken, 404, ""},
		{"a ping", pingFrame("m"), taken, 200, `{"opaque":"m"}`},
	} {
		got := make(chan ackFrame, 1)
		g := newGateway(t, func(s *session) {
			s.send(c.frame)
			a, _ := s.ack("m", 5*time.Second)
			select {
			case got <- a:
			default:
			}
			<-s.ctx.Done()
		})
		stop := g.listen(t, fastStream(), c.h)
		if a := <-got; a.Code != c.code || !strings.Contains(a.Data, c.data) {
			t.Errorf("%s: %+v", c.name, a)
		}
		stop()
	}
}

func fails(context.Context, bots.Incoming) (bots.Answer, error) {
	return bots.Answer{}, errors.New("the store is away")
}

func TestSlowClickIsAcknowledgedInTimeAndFinished(t *testing.T) {
	t.Parallel()
	got, release, finished := make(chan ackFrame, 1), make(chan struct{}), make(chan error, 1)
	g := newGateway(t, func(s *session) {
		s.send(clickFrame("m", "card"))
		a, _ := s.ack("m", 5*time.Second)
		got <- a
		<-s.ctx.Done()
	})
	cfg := fastStream()
	cfg.Answer = 20 * time.Millisecond
	stop := g.listen(t, cfg, func(ctx context.Context, _ bots.Incoming) (bots.Answer, error) {
		<-release
		finished <- ctx.Err()
		return bots.Answer{}, nil
	})
	if a := <-got; a.Code != 200 || a.Data != `{"response":{}}` {
		t.Errorf("got %+v", a)
	}
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(release)
	if err := <-finished; err != nil {
		t.Errorf("the handler's context ended: %v", err)
	}
	<-stopped
}

func TestHandoverOpensTheNewLinkBeforeTheOldOneEnds(t *testing.T) {
	t.Parallel()
	release, second, oldAck := make(chan struct{}), make(chan struct{}), make(chan ackFrame, 1)
	closedByUs := make(chan bool, 1)
	g := newGateway(t, func(s *session) {
		if s.n > 1 {
			close(second)
			<-s.ctx.Done()
			return
		}
		s.send(clickFrame("m", "card"))
		s.send(disconnectFrame)
		a, _ := s.ack("m", 5*time.Second)
		oldAck <- a
		select {
		case <-s.ctx.Done():
			closedByUs <- true
		case <-time.After(5 * time.Second):
			closedByUs <- false
		}
	})
	stop := g.listen(t, fastStream(), func(context.Context, bots.Incoming) (bots.Answer, error) {
		<-release
		return bots.Answer{}, nil
	})
	<-second // while the handler of the first connection's click still works
	close(release)
	if a := <-oldAck; a.Code != 200 {
		t.Errorf("the click on the old connection was answered %+v", a)
	}
	if !<-closedByUs {
		t.Error("the old connection stays open")
	}
	stop()
}

func TestFrameWithoutRoomIsRefusedAloud(t *testing.T) {
	t.Parallel()
	release, got := make(chan struct{}), make(chan ackFrame, 1)
	var handled atomic.Int32
	g := newGateway(t, func(s *session) {
		s.send(messageFrame("m1", "a"))
		for handled.Load() == 0 && s.ctx.Err() == nil {
			s.send(pingFrame("p"))
			s.ack("p", time.Second)
		}
		s.send(messageFrame("m2", "b"))
		a, _ := s.ack("m2", 5*time.Second)
		got <- a
		close(release)
		<-s.ctx.Done()
	})
	cfg := fastStream()
	cfg.InFlight, cfg.Queue = 1, 10*time.Millisecond
	stop := g.listen(t, cfg, func(context.Context, bots.Incoming) (bots.Answer, error) {
		handled.Add(1)
		<-release
		return bots.Answer{}, nil
	})
	if a := <-got; a.Code != 500 {
		t.Errorf("the frame without room was answered %+v", a)
	}
	stop()
}

func TestStopLetsTheRunningHandlerBeAcknowledged(t *testing.T) {
	t.Parallel()
	started, release, got := make(chan struct{}), make(chan struct{}), make(chan ackFrame, 1)
	g := newGateway(t, func(s *session) {
		s.send(messageFrame("m", "a"))
		a, _ := s.ack("m", 5*time.Second)
		got <- a
	})
	stop := g.listen(t, fastStream(), func(ctx context.Context, _ bots.Incoming) (bots.Answer, error) {
		close(started)
		<-release
		return bots.Answer{}, ctx.Err()
	})
	<-started
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(release)
	if a := <-got; a.Code != 200 {
		t.Errorf("got %+v", a)
	}
	<-stopped
}

func TestSilentLinkIsReplaced(t *testing.T) {
	t.Parallel()
	second := make(chan struct{})
	g := newGateway(t, func(s *session) {
		if s.n == 2 {
			close(second)
		}
		<-s.ctx.Done()
	})
	cfg := fastStream()
	cfg.Silence = 20 * time.Millisecond
	stop := g.listen(t, cfg, taken)
	<-second
	stop()
}

func TestListenTriesForEverAndTellsNoSecret(t *testing.T) {
	t.Parallel()
	var log logBuffer
	var tries atomic.Int32
	enough := make(chan struct{})
	g := newGateway(t, func(s *session) { <-s.ctx.Done() })
	g.openFault = func(w http.ResponseWriter, _ *http.Request) bool {
		switch n := tries.Add(1); {
		case n == 20:
			close(enough)
			fallthrough
		case n%2 == 0:
			http.Error(w, `{"code":"authFailed","message":"`+testSecret+`"}`, http.StatusUnauthorized)
		default: // an address that cannot be dialled; the error of that quotes it
			_, _ = w.Write([]byte(`{"endpoint":"wss://127.0.0.1:bad/connect","ticket":"ticket-secret"}`))
		}
		return true
	}
	stop := g.listen(t, fastStream(), taken, WithLogger(log.logger()))
	<-enough
	stop()
	if text := log.String(); strings.Contains(text, testSecret) || strings.Contains(text, "ticket-secret") || !strings.Contains(text, "authFailed") {
		t.Errorf("logged %s", text)
	}
}

func TestStopDoesNotWaitForAHangingGateway(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 10)
	g := newGateway(t, nil)
	g.openFault = func(_ http.ResponseWriter, r *http.Request) bool {
		arrived <- struct{}{}
		<-r.Context().Done()
		return true
	}
	cfg := fastStream()
	cfg.Dial = time.Minute
	stop := g.listen(t, cfg, taken)
	<-arrived
	stop()
}

func TestBackoffGrowsWithJitterAndStartsAnew(t *testing.T) {
	t.Parallel()
	b := backoff{first: 500 * time.Millisecond, max: 30 * time.Second}
	for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
		if got := b.next(); got < want/2 || got > want {
			t.Errorf("pause %v, want %v to %v", got, want/2, want)
		}
	}
	b.reset()
	if got := b.next(); got > 500*time.Millisecond {
		t.Errorf("after a good link the pause is %v", got)
	}
}
