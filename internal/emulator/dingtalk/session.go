package dingtalk

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// session is where a sessionWebhook leads.
type session struct {
	user, conversation string // conversation "" is the single chat
	expires            time.Time
}

// sessions holds the living sessionWebhooks.
type sessions struct {
	mu   sync.Mutex
	list map[string]session
}

// attach returns a copy of a bot message with a session of its own, and forgets the expired ones.
func (s *sessions) attach(body map[string]any, base string, now time.Time) map[string]any {
	to := session{expires: now.Add(sessionLife)}
	to.user, _ = body["senderStaffId"].(string)
	if body["conversationType"] == "2" {
		to.conversation, _ = body["conversationId"].(string)
	}
	id := serial()
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, x := range s.list {
		if !now.Before(x.expires) {
			delete(s.list, old)
		}
	}
	s.list[id] = to
	out := maps.Clone(body)
	out["sessionWebhook"] = base + "/robot/sendBySession?session=" + url.QueryEscape(id)
	out["sessionWebhookExpiredTime"] = to.expires.UnixMilli()
	return out
}

func (s *sessions) find(id string, now time.Time) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.list[id]
	return x, ok && now.Before(x.expires)
}

// sendBySession is the reply to a bot message; it needs no token.
func (s *Server) sendBySession(w http.ResponseWriter, r *http.Request) {
	to, ok := s.sessions.find(r.URL.Query().Get("session"), s.world.Now())
	if !ok {
		writeOapi(w, nil, &failure{errcode: 300001, text: "session 不存在"})
		return
	}
	text, f := robotText(r)
	if f == nil && text != "" {
		s.world.Post(platform, to.user, to.conversation, world.Message{Text: text})
	}
	writeOapi(w, nil, f)
}

// robotText reads a message of the webhook form; "" is the type empty, which shows nothing.
func robotText(r *http.Request) (string, *failure) {
	var body map[string]json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return "", &failure{errcode: 40035, text: "缺少参数 json"}
	}
	return webhookText(body)
}
