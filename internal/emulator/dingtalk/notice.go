package dingtalk

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// Limits of work notices (工作通知).
const (
	noticePeople = 100
	noticeBytes  = 2048
	noticePerDay = 500 // to one person
)

// notice is one task of work notices.
type notice struct {
	key       string
	at        time.Time
	users     []string
	invalid   []string
	forbidden map[string]int // by user, why
	recalled  bool
}

// notices are the tasks by id, and what each person got today.
type notices struct {
	mu    sync.Mutex
	next  int64
	list  map[int64]*notice
	day   string
	count map[string]int
	seen  map[string]bool // user and content
}

// noticeSend takes a task; what becomes of it is asked for afterwards. The same content to one person twice in a day is left out with 143105, the 501st notice with 143106.
func (s *Server) noticeSend(r *http.Request) (any, *failure) {
	var req struct {
		AgentID int64                      `json:"agent_id"`
		Users   string                     `json:"userid_list"`
		Msg     map[string]json.RawMessage `json:"msg"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	raw, _ := json.Marshal(req.Msg)
	ids := strings.Split(req.Users, ",")
	switch {
	case req.AgentID == 0 || s.opt.AgentID != 0 && req.AgentID != s.opt.AgentID:
		return nil, &failure{errcode: 400002, text: "不合法的agent_id"}
	case req.Users == "" || len(ids) > noticePeople:
		return nil, &failure{errcode: 33010, text: "接收者的用户userid列表不合法"}
	case len(raw) > noticeBytes:
		return nil, &failure{errcode: 40035, text: "消息体过长"}
	}
	text, f := webhookText(req.Msg)
	if f != nil {
		return nil, f
	}
	return beside{"task_id": s.notify(ids, text)}, nil
}

func (s *Server) notify(ids []string, text string) int64 {
	known, unknown := s.split(ids)
	now := s.world.Now()
	n := &notice{key: serial(), at: now, invalid: unknown, forbidden: map[string]int{}}
	ns := &s.notices
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if day := now.In(shanghai).Format(time.DateOnly); day != ns.day {
		ns.day, ns.count, ns.seen = day, map[string]int{}, map[string]bool{}
	}
	hash := sha256.Sum256([]byte(text))
	for _, user := range known {
		same := user + string(hash[:])
		switch {
		case ns.seen[same]:
			n.forbidden[user] = 143105
		case ns.count[user] >= noticePerDay:
			n.forbidden[user] = 143106
		default:
			ns.seen[same], ns.count[user] = true, ns.count[user]+1
			n.users = append(n.users, user)
			s.world.Post(platform, user, "", world.Message{ID: n.key, Text: text})
		}
	}
	ns.next++
	ns.list[ns.next] = n
	return ns.next
}

// task finds what a request asks for; the platform forgets after 24 hours.
func (s *Server) task(r *http.Request) (*notice, *failure) {
	var req struct {
		TaskID    int64 `json:"task_id"`
		MsgTaskID int64 `json:"msg_task_id"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	n, ok := s.notices.list[max(req.TaskID, req.MsgTaskID)]
	if !ok || s.world.Now().Sub(n.at) > sendLife {
		return nil, &failure{errcode: 400002, text: "不合法的task_id"}
	}
	return n, nil
}

func (s *Server) noticeProgress(r *http.Request) (any, *failure) {
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	if _, f := s.task(r); f != nil {
		return nil, f
	}
	return beside{"progress": map[string]int{"progress_in_percent": 100, "status": 2}}, nil
}

// noticeResult leaves empty lists out, as the platform may.
func (s *Server) noticeResult(r *http.Request) (any, *failure) {
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	n, f := s.task(r)
	if f != nil {
		return nil, f
	}
	out := map[string]any{}
	add := func(name, id string) {
		list, _ := out[name].([]string)
		out[name] = append(list, id)
	}
	for _, id := range n.invalid {
		add("invalid_user_id_list", id)
	}
	var why []map[string]any
	for id, code := range n.forbidden {
		add("forbidden_user_id_list", id)
		why = append(why, map[string]any{"code": code, "count": 1, "userid": id})
	}
	if why != nil {
		out["forbidden_list"] = why
	}
	for _, id := range n.users {
		add(map[string]string{"READ": "read_user_id_list", "UNREAD": "unread_user_id_list"}[s.sends.read(id, n.at)], id)
	}
	return beside{"send_result": out}, nil
}

func (s *Server) noticeRecall(r *http.Request) (any, *failure) {
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	n, f := s.task(r)
	if f != nil {
		return nil, f
	}
	n.recalled = true
	for _, u := range n.users {
		s.world.Recall(platform, u, n.key)
	}
	return beside{}, nil
}
