package dingtalk

import (
	"net/http"
	"sync"
	"time"
)

// sendLife is how far back messages can be asked for and taken back.
const sendLife = 24 * time.Hour

// sends remembers the robot's messages by processQueryKey, and when each person last did something.
type sends struct {
	mu   sync.Mutex
	list map[string]*sent
	seen map[string]time.Time
	said map[string]bool // day, person and words
}

// fresh are the people who did not get these words today; all of them where that does not matter.
func (s *sends) fresh(once bool, users []string, words string, now time.Time) []string {
	if !once {
		return users
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said == nil {
		s.said = map[string]bool{}
	}
	var fresh []string
	for _, u := range users {
		key := now.In(shanghai).Format("2006-01-02") + "\x00" + u + "\x00" + words
		if !s.said[key] {
			s.said[key] = true
			fresh = append(fresh, u)
		}
	}
	return fresh
}

type sent struct {
	group    string
	users    []string
	at       time.Time
	recalled bool
}

func (s *sends) remember(key, group string, users []string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for old, x := range s.list {
		if now.Sub(x.at) > sendLife {
			delete(s.list, old)
		}
	}
	s.list[key] = &sent{group: group, users: users, at: now}
}

// active notes that a person looked at the chat: whoever writes or clicks has read what stood there.
func (s *sends) active(user string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]time.Time{}
	}
	s.seen[user] = now
}

func (s *sends) find(key string, now time.Time) (sent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.list[key]
	if !ok || now.Sub(x.at) > sendLife {
		return sent{}, false
	}
	return *x, true
}

func (s *sends) read(user string, since time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.seen[user]; ok && !last.Before(since) {
		return "READ"
	}
	return "UNREAD"
}

// take marks a message as recalled; only the first call for it gets it.
func (s *sends) take(key string, now time.Time) (sent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.list[key]
	if !ok || x.recalled || now.Sub(x.at) > sendLife {
		return sent{}, false
	}
	x.recalled = true
	return *x, true
}

// readStatus tells who has read a message to people.
func (s *Server) readStatus(r *http.Request) (any, *failure) {
	if r.URL.Query().Get("robotCode") != s.opt.RobotCode {
		return nil, bad("invalidParameter.robotCode.notExsit")
	}
	x, ok := s.sends.find(r.URL.Query().Get("processQueryKey"), s.world.Now())
	if !ok {
		return nil, bad("invalid.processQueryKey")
	}
	status := "SUCCESS"
	if x.recalled {
		status = "RECALLED"
	}
	return map[string]any{"sendStatus": status, "messageReadInfoList": s.readers(x)}, nil
}

// groupQuery tells who has read a message to a group.
func (s *Server) groupQuery(r *http.Request) (any, *failure) {
	var req struct {
		Key   string `json:"processQueryKey"`
		Group string `json:"openConversationId"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	x, ok := s.sends.find(req.Key, s.world.Now())
	if !ok || x.group != req.Group {
		return nil, bad("invalid.processQueryKey")
	}
	return map[string]any{"sendStatus": "SUCCESS", "messageReadInfoList": s.readers(x)}, nil
}

func (s *Server) readers(x sent) []map[string]string {
	out := []map[string]string{}
	for _, u := range x.users {
		p, _ := s.world.ByDingTalk(u)
		out = append(out, map[string]string{"name": p.Name, "userId": u, "readStatus": s.sends.read(u, x.at)})
	}
	return out
}

// recall takes messages back, of people and of groups alike.
func (s *Server) recall(r *http.Request) (any, *failure) {
	var req struct {
		RobotCode string   `json:"robotCode"`
		Keys      []string `json:"processQueryKeys"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if req.RobotCode != s.opt.RobotCode {
		return nil, bad("invalidParameter.robotCode.notExsit")
	}
	if len(req.Keys) == 0 || len(req.Keys) > maxReceivers {
		return nil, bad("invalidParameter.param.invalid")
	}
	done, failed := []string{}, map[string]string{}
	for _, key := range req.Keys {
		x, ok := s.sends.take(key, s.world.Now())
		if !ok {
			failed[key] = "invalid.processQueryKey"
			continue
		}
		for _, u := range x.users {
			s.world.Recall(platform, u, key)
		}
		done = append(done, key)
	}
	return map[string]any{"successResult": done, "failedResult": failed}, nil
}
