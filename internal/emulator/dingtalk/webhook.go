package dingtalk

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// Webhook is a custom robot of a group (自定义机器人): one direction only.
type Webhook struct {
	Token        string
	Secret       string   // SEC…; empty: no signature wanted
	Keywords     []string // one must occur in the text; empty: any text
	Conversation string   // the group that it posts to
}

// Limits of a custom robot.
const (
	hookPerMinute = 20
	hookPenalty   = 10 * time.Minute
	hookMaxBody   = 20000
)

// robots are the custom robots with their recent use.
type robots struct {
	hooks map[string]Webhook

	mu      sync.Mutex
	recent  map[string][]time.Time
	blocked map[string]time.Time
	seen    map[string]bool // token and msgUuid
}

func newRobots(hooks []Webhook) *robots {
	r := &robots{
		hooks: map[string]Webhook{}, recent: map[string][]time.Time{},
		blocked: map[string]time.Time{}, seen: map[string]bool{},
	}
	for _, h := range hooks {
		r.hooks[h.Token] = h
	}
	return r
}

// allow counts a message; the 21st within a minute is refused, and so is everything for ten minutes after it.
func (r *robots) allow(token string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.blocked[token]) {
		return false
	}
	kept := r.recent[token][:0]
	for _, t := range r.recent[token] {
		if now.Sub(t) < time.Minute {
			kept = append(kept, t)
		}
	}
	r.recent[token] = append(kept, now)
	if len(kept) < hookPerMinute {
		return true
	}
	r.blocked[token] = now.Add(hookPenalty)
	return false
}

// first reports whether an idempotency key is new; the empty one always is.
func (r *robots) first(token, uuid string) bool {
	if uuid == "" {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := token + " " + uuid
	if r.seen[key] {
		return false
	}
	r.seen[key] = true
	return true
}

// robotSend is a custom robot's webhook.
func (s *Server) robotSend(w http.ResponseWriter, r *http.Request) {
	writeOapi(w, nil, s.hook(r))
}

func (s *Server) hook(r *http.Request) *failure {
	q := r.URL.Query()
	hook, ok := s.robots.hooks[q.Get("access_token")]
	now := s.world.Now()
	switch {
	case q.Get("access_token") == "":
		return &failure{errcode: 400101, text: "access_token 缺失"}
	case !ok:
		return &failure{errcode: 300001, text: "token is not exist"}
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
		return &failure{errcode: 43004, text: "无效的HTTP HEADER Content-Type"}
	}
	if f := checkSign(hook.Secret, q.Get("timestamp"), q.Get("sign"), now); f != nil {
		return f
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, hookMaxBody+1))
	if err != nil || len(raw) > hookMaxBody {
		return &failure{errcode: 460101, text: "message too long, exceed 20000 bytes"}
	}
	return s.post(r, hook, raw, now)
}

func (s *Server) post(r *http.Request, hook Webhook, raw []byte, now time.Time) *failure {
	var id struct{ MsgUUID string }
	r.Body = io.NopCloser(bytes.NewReader(raw))
	text, f := robotText(r)
	if f != nil {
		return f
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if f := decode(r, &id); f != nil {
		return f
	}
	if !contains(text, hook.Keywords) {
		return &failure{errcode: 310000, text: "keywords not in content"}
	}
	if !s.robots.allow(hook.Token, now) {
		return &failure{errcode: 130101, text: "send too fast, exceed 20 times per minute"}
	}
	if s.robots.first(hook.Token, id.MsgUUID) {
		s.world.Post(platform, "", hook.Conversation, world.Message{Text: text})
	}
	return nil
}

func contains(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return len(words) == 0
}

// checkSign checks timestamp (ms, at most an hour off) and sign where the robot has a secret.
func checkSign(secret, timestamp, sign string, now time.Time) *failure {
	if secret == "" {
		return nil
	}
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(ms)).Abs() > time.Hour {
		return &failure{errcode: 310000, text: "invalid timestamp"}
	}
	if !hmac.Equal([]byte(sign), []byte(signature(secret, timestamp))) {
		return &failure{errcode: 310000, text: "sign not match"}
	}
	return nil
}

func signature(secret, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "\n" + secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
