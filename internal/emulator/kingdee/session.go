package kingdee

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// session is one login. Its lock makes the requests of one session run one after another, as on the real server.
type session struct {
	id   string
	last time.Time // guarded by sessions.mu
	turn sync.Mutex
}

type sessions struct {
	mu    sync.Mutex
	idle  time.Duration
	live  map[string]*session
	swept time.Time
}

// open starts a session. Now and then it forgets those that have expired: a client that signs each request and ignores the
// session of the answer opens one per call.
func (t *sessions) open(now time.Time) *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		t.live = map[string]*session{}
	}
	if now.Sub(t.swept).Abs() >= t.idle/4 {
		t.sweep(now)
	}
	s := &session{id: randomID(), last: now}
	t.live[s.id] = s
	return s
}

func (t *sessions) sweep(now time.Time) {
	t.swept = now
	for id, s := range t.live {
		if now.Sub(s.last) >= t.idle {
			delete(t.live, id)
		}
	}
}

// touch finds a live session and moves its expiry.
func (t *sessions) touch(id string, now time.Time) (*session, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.live[id]
	if !ok {
		return nil, false
	}
	if now.Sub(s.last) >= t.idle {
		delete(t.live, id)
		return nil, false
	}
	s.last = now
	return s, true
}

// EndSessions makes the server forget every session, as a restart of the real one does.
func (s *Server) EndSessions() {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	clear(s.sessions.live)
}

// sessionID finds the session in the three places where clients put it.
func sessionID(r *http.Request) string {
	if id := r.Header.Get("kdservice-sessionid"); id != "" {
		return id
	}
	if id := r.Header.Get("SID"); id != "" {
		return id
	}
	for _, c := range r.Cookies() {
		if strings.EqualFold(c.Name, "kdservice-sessionid") {
			return c.Value
		}
	}
	return ""
}

func setSession(w http.ResponseWriter, id, aspID string) {
	for name, value := range map[string]string{"kdservice-sessionid": id, "ASP.NET_SessionId": aspID} {
		if value != "" {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true})
		}
	}
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// throttle allows a number of calls in each window of time.
type throttle struct {
	mu     sync.Mutex
	calls  int
	window time.Duration
	start  time.Time
	used   int
}

func (t *throttle) allow(now time.Time) bool {
	if t.calls <= 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if past := now.Sub(t.start); past < 0 || past >= t.window {
		t.start, t.used = now, 0
	}
	t.used++
	return t.used <= t.calls
}
