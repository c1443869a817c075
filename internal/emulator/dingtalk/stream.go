package dingtalk

import (
	"math/rand/v2"
	"sync"
	"time"
)

// ticketLife is how long a ticket of the open call may wait for its connection.
const ticketLife = 90 * time.Second

// stream holds the app's tickets and live connections.
type stream struct {
	mu      sync.Mutex
	tickets map[string]ticket
	conns   map[*conn]struct{}
}

// ticket permits one connection.
type ticket struct {
	expires time.Time
	topics  map[string]bool // the CALLBACK and EVENT topics that the connection wants
}

func newStream() *stream {
	return &stream{tickets: map[string]ticket{}, conns: map[*conn]struct{}{}}
}

// issue makes a ticket and forgets the expired ones. Official clients put tickets into URLs as they are, so the text
// needs no escaping.
func (s *stream) issue(topics map[string]bool, now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.tickets {
		if !now.Before(t.expires) {
			delete(s.tickets, id)
		}
	}
	id := serial()
	s.tickets[id] = ticket{now.Add(ticketLife), topics}
	return id
}

// redeem uses a ticket up.
func (s *stream) redeem(id string, now time.Time) (ticket, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.tickets[id]
	delete(s.tickets, id)
	return t, ok && now.Before(t.expires)
}

func (s *stream) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c] = struct{}{}
}

// remove ends deliveries to c.
func (s *stream) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// pick chooses one connection at random among those that registered the topic.
func (s *stream) pick(topic string) (*conn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fit []*conn
	for c := range s.conns {
		if c.topics[topic] {
			fit = append(fit, c)
		}
	}
	if len(fit) == 0 {
		return nil, false
	}
	return fit[rand.IntN(len(fit))], true
}

func (s *stream) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

func (s *stream) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		out = append(out, c)
	}
	return out
}

// cut drops every connection without a word.
func (s *stream) cut() int {
	list := s.all()
	for _, c := range list {
		c.cut()
	}
	return len(list)
}

// Cut drops all stream connections without a word, as a broken network does, and returns how many there were.
func (s *Server) Cut() int { return s.stream.cut() }

// Disconnect retires all stream connections as the platform does for load balance: a disconnect frame, silence, and the
// close some seconds later. It returns how many there were.
func (s *Server) Disconnect() int {
	list := s.stream.all()
	for _, c := range list {
		s.stream.remove(c)
		_ = c.write(system("disconnect", "", `{"reason":"connection is expired"}`)) // it is being dropped anyway
		s.spawn(func() { c.closeAfter(s.live, s.opt.Retire) })
	}
	return len(list)
}
