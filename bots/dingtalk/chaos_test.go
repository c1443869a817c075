package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lingke/bots"
)

// chaos is a gateway that breaks every connection after a few clicks. Clicks that were not acknowledged with 200 come
// again on a later connection, as redelivered frames with the same messageId.
type chaos struct {
	t      *testing.T
	g      *gateway
	limit  int
	mu     sync.Mutex
	rnd    *rand.Rand
	faults map[string]int
	total  int
	made   int             // clicks so far
	open   []string        // clicks not acknowledged yet
	stored map[string]bool // clicks that the handler took
	done   chan struct{}
}

// kinds are the ways a connection ends, by what the client sees.
func (c *chaos) kinds() map[string]func(*session) {
	return map[string]func(*session){
		"cut": func(s *session) { _ = s.raw.Close() },
		"reset": func(s *session) {
			_ = s.raw.(*net.TCPConn).SetLinger(0)
			_ = s.raw.Close()
		},
		"cut with a click on the way": func(s *session) {
			s.send(c.someClick())
			_ = s.raw.Close()
		},
		"stall": func(s *session) { <-s.ctx.Done() },
		"stall with a half frame": func(s *session) {
			_, _ = s.raw.Write([]byte{0x81, 0x7e, 0x01})
			<-s.ctx.Done()
		},
		"garbled frames": func(s *session) {
			_, _ = s.raw.Write([]byte("\xff\xfe\x00HTTP/1.1 200 OK\r\n\r\n"))
			<-s.ctx.Done()
		},
		"garbled text": func(s *session) {
			for _, text := range []string{"", "{", "null", "[]", `"x"`, `{"headers":null}`, `{"headers":{"topic":7}}`,
				`{"type":"SYSTEM","headers":{"topic":"KEEPALIVE"}}`, `{"type":"CALLBACK","headers":{"topic":"/v1.0/card/instances/callback"},"data":"{"}`,
				frame("/v1.0/im/bot/messages/get", "g", "\x00"), strings.Repeat("[", 2000)} {
				s.send(text)
			}
			_ = s.ws.Write(s.ctx, websocket.MessageBinary, []byte{0, 1, 2})
			s.send(pingFrame("after"))
			s.ack("after", time.Second)
			_ = s.raw.Close()
		},
		"polite close": func(s *session) { _ = s.ws.Close(websocket.StatusGoingAway, "bye") },
		"disconnect": func(s *session) {
			s.send(c.someClick())
			s.send(disconnectFrame)
			<-s.ctx.Done()
		},
		"disconnect and cut at once": func(s *session) {
			s.send(disconnectFrame)
			_ = s.raw.Close()
		},
	}
}

// openFault breaks every eighth open call.
func (c *chaos) openFault(w http.ResponseWriter, r *http.Request) bool {
	c.mu.Lock()
	n := c.rnd.IntN(40)
	c.mu.Unlock()
	if n > 4 || !c.count("open call") {
		return false
	}
	switch n {
	case 0:
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case 1:
		_, _ = w.Write([]byte("{garbage"))
	case 2:
		_, _ = fmt.Fprintf(w, `{"endpoint":"ws%s/connect","ticket":"used"}`, strings.TrimPrefix(c.g.URL, "http"))
	case 3:
		_, _ = w.Write([]byte(`{"endpoint":"ws://127.0.0.1:1/connect","ticket":"x"}`))
	default:
		<-r.Context().Done()
	}
	return true
}

// count notes a fault; it reports false where there were enough.
func (c *chaos) count(kind string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total >= c.limit {
		return false
	}
	c.total++
	c.faults[kind]++
	return true
}

// script is one connection: a few clicks, then a fault; once there were enough faults, clicks until none is open.
func (c *chaos) script(s *session) {
	c.newClicks()
	for i := range 3 {
		c.deliver(s, i)
	}
	kinds := c.kinds()
	c.mu.Lock()
	names := slices.Sorted(maps.Keys(kinds)) // in an order that the seed decides on
	name := names[c.rnd.IntN(len(names))]
	c.mu.Unlock()
	if c.count(name) {
		kinds[name](s)
		return
	}
	for c.left() > 0 && s.ctx.Err() == nil {
		c.deliver(s, 0)
	}
	if c.left() == 0 {
		c.mu.Lock()
		select {
		case <-c.done:
		default:
			close(c.done)
		}
		c.mu.Unlock()
	}
	for s.ctx.Err() == nil { // healthy from now on
		s.send(pingFrame("p"))
		s.ack("p", 10*time.Millisecond)
	}
}

func (c *chaos) newClicks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total < c.limit {
		c.made++
		c.open = append(c.open, fmt.Sprintf("click-%d", c.made))
	}
}

func (c *chaos) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

func (c *chaos) pick(i int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i >= len(c.open) {
		return ""
	}
	return c.open[i]
}

func (c *chaos) someClick() string {
	id := c.pick(0)
	return clickFrame(id, id)
}

// deliver sends one open click and strikes it off when it was acknowledged, which may only happen after it was stored.
func (c *chaos) deliver(s *session, i int) {
	id := c.pick(i)
	if id == "" {
		return
	}
	s.send(clickFrame(id, id))
	a, ok := s.ack(id, 200*time.Millisecond)
	if !ok || a.Code != 200 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.stored[id] {
		c.t.Errorf("%s was acknowledged before it was stored", id)
	}
	for j, open := range c.open {
		if open == id {
			c.open = append(c.open[:j], c.open[j+1:]...)
			return
		}
	}
}

// handle stores a click; now and then it fails or panics instead.
func (c *chaos) handle(_ context.Context, in bots.Incoming) (bots.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.rnd.IntN(20) {
	case 0:
		return bots.Answer{}, errors.New("the store is away")
	case 1:
		panic("a bug")
	}
	c.stored[in.Click.Card] = true
	card := claimedCard()
	return bots.Answer{Card: &card}, nil
}

func TestThousandBrokenConnectionsLoseNoClick(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := &chaos{t: t, limit: 250, rnd: rand.New(rand.NewPCG(seed, 1)), faults: map[string]int{},
				stored: map[string]bool{}, done: make(chan struct{})}
			c.g = newGateway(t, c.script)
			c.g.openFault = c.openFault
			cfg := fastStream()
			cfg.Dial, cfg.Silence, cfg.Handover = 100*time.Millisecond, 40*time.Millisecond, 100*time.Millisecond
			stop := c.g.listen(t, cfg, c.handle)
			<-c.done
			stop()
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.total != c.limit || len(c.open) != 0 || len(c.stored) != c.made || c.made < 100 {
				t.Errorf("%d faults, %d clicks, %d stored, %d open", c.total, c.made, len(c.stored), len(c.open))
			}
			t.Logf("%d clicks over %d faults: %v", c.made, c.total, c.faults)
		})
	}
}
