package wecom

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"time"
)

// tokens are the access tokens of the app and the addresses that guessed its secret too often.
type tokens struct {
	current string
	expires map[string]time.Time
	wrong   map[string]int       // by address
	blocked map[string]time.Time // until when, by address
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	a := s.getToken(r)
	s.mu.Unlock()
	s.reply(w, r, a)
}

// getToken checks corpsecret before corpid, as the platform does.
func (s *Server) getToken(r *http.Request) answer {
	q, ip, now := r.URL.Query(), remoteIP(r), s.world.Now()
	switch {
	case now.Before(s.tokens.blocked[ip]):
		return fail(45009, "api freq out of limit")
	case q.Get("corpsecret") == "":
		return fail(41004, "corpsecret missing")
	case q.Get("corpid") == "":
		return fail(41002, "corpid missing")
	case q.Get("corpid") != s.opts.CorpID:
		return fail(40013, "invalid corpid")
	case q.Get("corpsecret") != s.opts.Secret:
		s.wrongSecret(ip, now)
		return fail(40001, "invalid credential")
	}
	token := s.token(now)
	left := s.tokens.expires[token].Sub(now)
	return ok(map[string]any{"access_token": token, "expires_in": int(left / time.Second)})
}

func (s *Server) wrongSecret(ip string, now time.Time) {
	if s.tokens.wrong == nil {
		s.tokens.wrong, s.tokens.blocked = map[string]int{}, map[string]time.Time{}
	}
	if s.tokens.wrong[ip]++; s.opts.BadSecrets > 0 && s.tokens.wrong[ip] >= s.opts.BadSecrets {
		s.tokens.wrong[ip], s.tokens.blocked[ip] = 0, now.Add(time.Hour)
	}
}

// token gives the valid token, or a new one.
func (s *Server) token(now time.Time) string {
	t := &s.tokens
	if end, live := t.expires[t.current]; live && now.Before(end) && !s.opts.NewTokens {
		return t.current
	}
	if t.expires == nil {
		t.expires = map[string]time.Time{}
	}
	for value, end := range t.expires {
		if now.Sub(end) > 24*time.Hour { // until then the answer is "expired", later "invalid"
			delete(t.expires, value)
		}
	}
	t.current = secretText()
	t.expires[t.current] = now.Add(s.opts.TokenLife)
	return t.current
}

func (s *Server) checkToken(token string) answer {
	end, known := s.tokens.expires[token]
	switch {
	case token == "":
		return fail(41001, "access_token missing")
	case !known:
		return fail(40014, "invalid access_token")
	case !s.world.Now().Before(end):
		return fail(42001, "access_token expired")
	}
	return answer{}
}

// RevokeTokens makes every token invalid before its time: the next call gets 40014.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens.expires)
}

// ExpireTokens ends the life of every token: the next call gets 42001.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.tokens.expires {
		s.tokens.expires[token] = s.world.Now()
	}
}

// secretText is 32 random bytes in URL-safe letters.
func secretText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // it never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
