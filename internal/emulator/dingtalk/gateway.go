package dingtalk

import (
	"encoding/json"
	"net/http"

	"github.com/coder/websocket"
)

// open answers where to connect and with which ticket.
func (s *Server) open(w http.ResponseWriter, r *http.Request) {
	var req struct {
		ClientID      string `json:"clientId"`
		ClientSecret  string `json:"clientSecret"`
		Subscriptions []struct{ Type, Topic string }
	}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		writeFailure(w, &failure{code: "Missingbody", text: "body is mandatory for this action."})
		return
	}
	if !s.known(req.ClientID, req.ClientSecret) {
		writeFailure(w, &failure{status: http.StatusUnauthorized, code: "authFailed", text: "鉴权失败"})
		return
	}
	topics := map[string]bool{}
	for _, sub := range req.Subscriptions {
		if sub.Type == "CALLBACK" || sub.Type == "EVENT" {
			topics[sub.Topic] = true
		}
	}
	writeJSON(w, http.StatusOK, map[string]string{
		"endpoint": scheme(r, "ws") + "://" + r.Host + "/connect",
		"ticket":   s.stream.issue(topics, s.world.Now()),
	})
}

// scheme returns "http" or "ws", with the s of a TLS connection.
func scheme(r *http.Request, plain string) string {
	if r.TLS != nil {
		return plain + "s"
	}
	return plain
}

// connect is the stream connection's whole life.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	t, ok := s.stream.redeem(r.URL.Query().Get("ticket"), s.world.Now())
	if !ok {
		http.Error(w, "ticket invalid", http.StatusUnauthorized)
		return
	}
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return // Accept has answered
	}
	socket.SetReadLimit(256 << 10)
	c := newConn(socket, t.topics, scheme(r, "http")+"://"+r.Host)
	if !s.begin() {
		c.cut()
		return
	}
	defer s.work.Done()
	s.stream.add(c)
	defer s.stream.remove(c)
	if s.live.Err() != nil { // Close may have cut the others just before
		c.cut()
	}
	if s.opt.PingEvery > 0 {
		s.spawn(func() { c.keepAlive(s.opt.PingEvery) })
	}
	s.log.Info("stream connected", "connection", c.id)
	c.read()
	s.log.Info("stream ended", "connection", c.id)
}
