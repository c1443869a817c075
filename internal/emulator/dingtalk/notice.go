package dingtalk

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"strconv"
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

// loose is a number that the platform also takes as a text, which is how its official client of this host writes all of them.
type loose int64

func (n *loose) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(text), `"`), 10, 64)
	*n = loose(v)
	return err
}

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
		AgentID loose                      `json:"agent_id"`
		Users   string                     `json:"userid_list"`
		Msg     map[string]json.RawMessage `json:"msg"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	raw, _ := json.Marshal(req.Msg)
	ids := strings.Split(req.Users, ",")
	switch {
	case req.AgentID == 0 || s.opt.AgentID != 0 && int64(req.AgentID) != s.opt.AgentID:
		return nil, &failure{errcode: 400002, text: "不合法的agent_id"}
	case req.Users == "" || len(ids) > noticePeople:
		return nil, &failure{errcode: 33010, text: "接收者的用户userid列表不合法"}
	case len(raw) > noticeBytes:
		return nil, &failure{errcode: 40035, text: "消息体过长"}
	}
	m, f := s.noticeMessage(req.Msg)
	if f != nil {
		return nil, f
	}
	return beside{"task_id": s.notify(ids, m)}, nil
}

// noticeMessage is what people see of a notice: of its kinds some are those of the webhooks, an action card is written in another way, and files were uploaded before.
func (s *Server) noticeMessage(msg map[string]json.RawMessage) (m world.Message, f *failure) {
	var kind string
	_ = json.Unmarshal(msg["msgtype"], &kind) // what is none is refused below
	var part map[string]any
	_ = json.Unmarshal(msg[kind], &part)
	switch kind {
	case "image", "file":
		id := str(part, "media_id")
		medium, ok := s.media.find(id)
		if !ok {
			return m, &failure{errcode: 40035, text: "不合法的参数 media_id"}
		}
		if kind == "image" {
			return world.Message{Image: mediaPath + id}, nil
		}
		return world.Message{File: medium.name, Link: mediaPath + id}, nil
	case "action_card":
		m.Text = noticeCard(part)
		if m.Text == "" {
			return m, &failure{errcode: 40035, text: "缺少参数 action_card 的内容"}
		}
		return m, nil
	}
	m.Text, f = webhookText(msg)
	return m, f
}

func noticeCard(part map[string]any) string {
	lines := []string{str(part, "markdown")}
	if t := str(part, "single_title"); t != "" {
		lines = append(lines, link(t, str(part, "single_url"), ""))
	}
	for _, b := range objects(part["btn_json_list"]) {
		lines = append(lines, link(str(b, "title"), str(b, "action_url"), ""))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func (s *Server) notify(ids []string, m world.Message) int64 {
	known, unknown := s.split(ids)
	now := s.world.Now()
	n := &notice{key: serial(), at: now, invalid: unknown, forbidden: map[string]int{}}
	ns := &s.notices
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if day := now.In(shanghai).Format(time.DateOnly); day != ns.day {
		ns.day, ns.count, ns.seen = day, map[string]int{}, map[string]bool{}
	}
	hash := sha256.Sum256([]byte(m.Text + m.Image + m.Link))
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
			one := m
			one.ID = n.key
			s.world.Post(platform, user, "", one)
		}
	}
	ns.next++
	ns.list[ns.next] = n
	return ns.next
}

// task finds what a request asks for; the platform forgets after 24 hours.
func (s *Server) task(r *http.Request) (*notice, *failure) {
	var req struct {
		TaskID    loose `json:"task_id"`
		MsgTaskID loose `json:"msg_task_id"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	n, ok := s.notices.list[int64(max(req.TaskID, req.MsgTaskID))]
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
