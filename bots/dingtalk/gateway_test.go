package dingtalk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lingke/bots"
)

// gateway is a stream gateway for tests: it hands out tickets and gives each connection to script.
type gateway struct {
	*httptest.Server
	script func(*session)
	// openFault may answer the open call itself; it reports whether it did.
	openFault func(w http.ResponseWriter, r *http.Request) bool

	mu      sync.Mutex
	tickets map[string]bool
	n       int
	running gate // sessions: their connections are out of the server's own sight
}

// session is one connection as the gateway sees it.
type session struct {
	ctx  context.Context // ends with the connection
	n    int             // 1 for the first connection
	ws   *websocket.Conn
	raw  net.Conn
	acks chan ackFrame
}

type ackFrame struct {
	Code    int
	Headers map[string]string
	Message string
	Data    string
}

type connKey struct{}

func newGateway(t *testing.T, script func(*session)) *gateway {
	t.Helper()
	g := &gateway{script: script, tickets: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1.0/gateway/connections/open", g.open)
	mux.HandleFunc("GET /connect", g.connect)
	g.Server = httptest.NewUnstartedServer(mux)
	g.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	g.Start()
	t.Cleanup(func() {
		g.Close()
		<-g.running.shut()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections() // the SDK's calls use it
	})
	return g
}

func (g *gateway) open(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // unread, it would keep the request's context from ending with its connection
	if g.openFault != nil && g.openFault(w, r) {
		return
	}
	var in struct{ ClientID, ClientSecret string }
	if err := json.Unmarshal(body, &in); err != nil || in.ClientSecret != testSecret {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"requestid":"r","code":"authFailed","message":"鉴权失败"}`)
		return
	}
	g.mu.Lock()
	g.n++
	ticket := fmt.Sprintf("ticket-%d", g.n)
	g.tickets[ticket] = true
	g.mu.Unlock()
	_, _ = fmt.Fprintf(w, `{"endpoint":"ws%s/connect","ticket":%q}`, strings.TrimPrefix(g.URL, "http"), ticket)
}

func (g *gateway) connect(w http.ResponseWriter, r *http.Request) {
	if !g.running.enter() {
		return
	}
	defer g.running.leave()
	ticket := r.URL.Query().Get("ticket")
	g.mu.Lock()
	known := g.tickets[ticket]
	delete(g.tickets, ticket)
	g.mu.Unlock()
	if !known {
		http.Error(w, "ticket", http.StatusUnauthorized)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	var reader sync.WaitGroup
	defer reader.Wait()
	defer func() { _ = ws.CloseNow() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &session{ctx: ctx, ws: ws, raw: r.Context().Value(connKey{}).(net.Conn), acks: make(chan ackFrame, 1000)}
	_, _ = fmt.Sscanf(ticket, "ticket-%d", &s.n)
	reader.Go(func() { defer cancel(); s.read() })
	g.script(s)
}

func (s *session) read() {
	for {
		_, data, err := s.ws.Read(s.ctx)
		if err != nil {
			return
		}
		var a ackFrame
		if json.Unmarshal(data, &a) == nil {
			select {
			case s.acks <- a:
			case <-s.ctx.Done():
				return
			}
		}
	}
}

func (s *session) send(text string) {
	ctx, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	_ = s.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// ack waits for the acknowledgement of one frame.
func (s *session) ack(messageID string, within time.Duration) (ackFrame, bool) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case a := <-s.acks:
			if a.Headers["messageId"] == messageID {
				return a, true
			}
		case <-timer.C:
			return ackFrame{}, false
		case <-s.ctx.Done():
			return ackFrame{}, false
		}
	}
}

func frame(topic, messageID, data string) string {
	text, err := json.Marshal(map[string]any{"specVersion": "1.0", "type": "CALLBACK", "data": data,
		"headers": map[string]string{"topic": topic, "messageId": messageID, "time": "1700000000000", "contentType": "application/json"}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func clickFrame(messageID, card string) string {
	return frame("/v1.0/card/instances/callback", messageID,
		fmt.Sprintf(`{"outTrackId":%q,"userId":"u1","content":"{\"cardPrivateData\":{\"params\":{\"action\":\"claim\"}}}"}`, card))
}

func messageFrame(messageID, text string) string {
	return frame("/v1.0/im/bot/messages/get", messageID, fmt.Sprintf(`{"msgId":%q,"conversationId":"c","senderStaffId":"u1","text":{"content":%q}}`, messageID, text))
}

const disconnectFrame = `{"type":"SYSTEM","headers":{"topic":"disconnect","contentType":"application/json"},"data":"{\"reason\":\"connection is expired\"}"}`

func pingFrame(id string) string {
	return fmt.Sprintf(`{"type":"SYSTEM","headers":{"topic":"ping","messageId":%q},"data":"{\"opaque\":\"%s\"}"}`, id, id)
}

// fastStream makes every wait short; tests change what they are about.
func fastStream() StreamConfig {
	return StreamConfig{Dial: 500 * time.Millisecond, Silence: 5 * time.Second, Poll: time.Millisecond, Retry: time.Millisecond,
		RetryMax: 4 * time.Millisecond, Handover: 2 * time.Second, Answer: 2 * time.Second, Handler: 5 * time.Second, Queue: time.Second}
}

// listen runs Listen and returns what ends it and waits.
func (g *gateway) listen(t *testing.T, cfg StreamConfig, h bots.Handler, opts ...Option) (stop func()) {
	t.Helper()
	b, err := Open(Config{ClientID: "dingapp", ClientSecret: testSecret, BaseURL: g.URL}, append(opts, WithStream(cfg))...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Listen(ctx, h) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != context.Canceled { //nolint:errorlint // exactly ctx.Err()
				t.Errorf("Listen returned %v", err)
			}
			if b.Connected() {
				t.Error("connected after Listen returned")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}
