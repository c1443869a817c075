package dingtalk

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// tokenLife is how long an access token lives after it was last asked for.
const tokenLife = 7200 * time.Second

// tokens holds the app's one access token, which both hosts accept.
type tokens struct {
	mu      sync.Mutex
	value   string
	expires time.Time
}

// issue returns the living token with its life renewed, or a new one.
func (t *tokens) issue(now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == "" || !now.Before(t.expires) {
		t.value = serial()
	}
	t.expires = now.Add(tokenLife)
	return t.value
}

func (t *tokens) valid(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return token != "" && token == t.value && now.Before(t.expires)
}

// revoke makes the present token invalid, as a change of the app's secret does.
func (t *tokens) revoke() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value = ""
}

// RevokeToken makes the app's access token invalid before its time.
func (s *Server) RevokeToken() { s.tokens.revoke() }

func (s *Server) accessToken(w http.ResponseWriter, r *http.Request) {
	var req struct{ AppKey, AppSecret string }
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		writeFailure(w, &failure{code: "Missingbody", text: "body is mandatory for this action."})
		return
	}
	if !s.known(req.AppKey, req.AppSecret) {
		writeFailure(w, &failure{code: "invalidClientIdOrSecret", text: "无效的clientId或者clientSecret"})
		return
	}
	s.met(r)
	token := s.tokens.issue(s.world.Now())
	writeJSON(w, http.StatusOK, map[string]any{"accessToken": token, "expireIn": int(tokenLife.Seconds())})
}

func (s *Server) getToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !s.known(q.Get("appkey"), q.Get("appsecret")) {
		writeOapi(w, nil, &failure{errcode: 40089, text: "不合法的corpId或corpSecret"})
		return
	}
	token := s.tokens.issue(s.world.Now())
	writeJSON(w, http.StatusOK, map[string]any{
		"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": int(tokenLife.Seconds()),
	})
}

func (s *Server) known(id, secret string) bool {
	return id != "" && id == s.opt.ClientID && secret == s.opt.ClientSecret
}
