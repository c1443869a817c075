package emulator

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// What the log of requests keeps.
const (
	keepRequests = 20000
	keepBody     = 4 << 10
)

// Request is one request that arrived at a platform.
type Request struct {
	Time   time.Time `json:"time"` // emulator clock
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"` // 0: no answer, the connection was cut
	Body   string    `json:"body,omitempty"`
}

// requests is a ring of the last requests.
type requests struct {
	mu   sync.Mutex
	ring []Request
	next int // where the next one goes once the ring is full
}

func (s *requests) add(r Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.ring) < keepRequests {
		s.ring = append(s.ring, r)
		return
	}
	s.ring[s.next] = r
	s.next = (s.next + 1) % keepRequests
}

// matching returns the requests that a pattern of fits fits, oldest first; the empty pattern fits all.
func (s *requests) matching(pattern string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Request{}
	for i := range s.ring {
		r := s.ring[(s.next+i)%len(s.ring)]
		if pattern == "" || fits(pattern, r.Method, r.Path) {
			out = append(out, r)
		}
	}
	return out
}

func (s *requests) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring, s.next = nil, 0
}

// record writes every request down: when its answer begins, or when it ended without one.
func (e *Emulator) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &recorded{from: http.MaxBytesReader(w, r.Body, maxBody)}
		r.Body = body
		once := sync.Once{}
		note := func(status int) {
			once.Do(func() {
				_, _ = io.CopyN(io.Discard, body, keepBody) // what a refusal left unread is written down too
				e.requests.add(Request{e.world.Now(), r.Method, r.URL.Path, r.URL.RawQuery, status, body.text()})
			})
		}
		defer note(0)
		next.ServeHTTP(&watched{ResponseWriter: w, note: note}, r)
		note(http.StatusOK)
	})
}

// recorded keeps the beginning of a body while it is being read.
type recorded struct {
	from io.ReadCloser
	mu   sync.Mutex
	kept bytes.Buffer
}

func (b *recorded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept.Write(p[:min(n, keepBody-b.kept.Len())])
	return n, err
}

func (b *recorded) Close() error { return b.from.Close() }

func (b *recorded) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept.String()
}

// watched tells the status when the answer begins.
type watched struct {
	http.ResponseWriter
	note func(status int)
}

func (w *watched) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController and the WebSocket library reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
