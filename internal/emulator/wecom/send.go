package wecom

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/internal/emulator/world"
)

// request is the body of message/send.
type request struct {
	ToUser    string          `json:"touser"`
	ToParty   string          `json:"toparty"`
	ToTag     string          `json:"totag"`
	MsgType   string          `json:"msgtype"`
	AgentID   json.RawMessage `json:"agentid"`
	Duplicate int             `json:"enable_duplicate_check"`
	Interval  int             `json:"duplicate_check_interval"`
	content
}

// send is message/send. Some bad recipients are named beside errcode 0; only when all are bad does it fail.
func (s *Server) send(_ *http.Request, body []byte) answer {
	var req request
	if a, fine := decode(body, &req); !fine {
		return a
	}
	if a := s.checkAgent(req.AgentID); a.code != 0 {
		return a
	}
	to := s.recipients(req)
	if to.failed.code != 0 {
		return to.failed
	}
	msg, a := s.message(req.MsgType, req.content)
	if a.code != 0 {
		return a
	}
	now := s.world.Now()
	sum := sha256.Sum256(body)
	hash := string(sum[:])
	if first, again := s.duplicate(req, hash, now); again {
		s.stats.Duplicates++
		return to.name(ok(map[string]any{"msgid": first}))
	}
	if a := s.taskTaken(msg.card, nil); a.code != 0 {
		return a
	}
	if !s.limits.day.take(now, 24*time.Hour, len(to.people), s.opts.AccountCap*200) {
		return s.limited()
	}
	m := s.show(msg, to.people, now)
	if req.Duplicate == 1 {
		s.store.request(hash, duplicate{m.id, now})
	}
	a = ok(map[string]any{"msgid": m.id})
	if msg.card != nil && msg.card.updatable() {
		a = a.with("response_code", s.store.newCode(m, now))
	}
	return to.name(a)
}

// checkAgent takes the agentid as an integer or as a string.
func (s *Server) checkAgent(raw json.RawMessage) answer {
	text := strings.Trim(string(bytes.TrimSpace(raw)), `"`)
	if text == "" || text == "null" || text == "0" {
		return fail(41011, "missing agentid")
	}
	id, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return fail(40056, "invalid agentid")
	case id != s.opts.AgentID:
		return fail(301002, "not allow operate another agent with this accesstoken")
	}
	return answer{}
}

// audience are the people of a send, and who of those asked for is not there.
type audience struct {
	people               []world.Person
	users, parties, tags []string // invalid ones
	failed               answer
}

// name puts the invalid recipients into an answer; user ids come back in lower case.
func (to audience) name(a answer) answer {
	for member, list := range map[string][]string{"invaliduser": to.users, "invalidparty": to.parties, "invalidtag": to.tags} {
		if len(list) > 0 {
			a = a.with(member, strings.ToLower(strings.Join(list, "|")))
		}
	}
	return a
}

func (to *audience) add(people ...world.Person) {
	for _, p := range people {
		if !slices.ContainsFunc(to.people, func(q world.Person) bool { return q.ID == p.ID }) {
			to.people = append(to.people, p)
		}
	}
}

func (s *Server) recipients(req request) audience {
	var to audience
	users, parties, tags := splitBar(req.ToUser), splitBar(req.ToParty), splitBar(req.ToTag)
	switch {
	case len(users)+len(parties)+len(tags) == 0:
		to.failed = fail(82001, "touser & toparty & totag are all empty")
	case len(users) > 1000:
		to.failed = fail(40032, "too many users")
	case len(parties) > 100:
		to.failed = fail(82002, "too many parties")
	case len(tags) > 100:
		to.failed = fail(82003, "too many tags")
	case slices.Contains(users, "@all"):
		to.add(s.members(1)...)
	default:
		s.resolve(&to, users, parties)
		to.tags = tags // the emulated enterprise has none
	}
	if to.failed.code == 0 && len(to.people) == 0 {
		to.failed = to.name(fail(81013, "user & party & tag all invalid"))
	}
	return to
}

func (s *Server) resolve(to *audience, users, parties []string) {
	for _, id := range users {
		if p, known := s.world.ByWeCom(id); known {
			to.add(p)
		} else {
			to.users = append(to.users, id)
		}
	}
	for _, id := range parties {
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 || n > len(s.depts.names) {
			to.parties = append(to.parties, id)
			continue
		}
		to.add(s.members(n)...)
	}
}

// duplicate tells whether the same request came before inside its interval. What the platform answers then is not
// documented; here it is errcode 0 and the first message's id.
func (s *Server) duplicate(req request, hash string, now time.Time) (string, bool) {
	if req.Duplicate != 1 {
		return "", false
	}
	interval := 1800
	if req.Interval > 0 {
		interval = min(req.Interval, 14400)
	}
	first, known := s.store.requests[hash]
	return first.id, known && now.Sub(first.at) < time.Duration(interval)*time.Second
}

// taskTaken refuses a task_id that another message has used.
func (s *Server) taskTaken(t *template, own *sent) answer {
	if t == nil || t.TaskID == "" || s.opts.RepeatTaskIDs {
		return answer{}
	}
	if m, used := s.store.tasks[t.TaskID]; used && m != own {
		return fail(42014, "invalid task_id")
	}
	return answer{}
}

// show lets each person see the message, except those who got too many: theirs is dropped without a word.
func (s *Server) show(msg drawn, people []world.Person, now time.Time) *sent {
	m := &sent{id: "msg" + strconv.FormatInt(s.next(), 36), at: now, views: map[string]*view{}}
	for _, p := range people {
		if !s.limits.member(p.WeCom, now, s.opts.PerMemberMin, s.opts.PerMemberHour) {
			s.stats.Dropped++
			continue
		}
		s.stats.Shown++
		m.to = append(m.to, p.WeCom)
		out := msg.shown()
		out.ID, out.At = m.id, now
		if msg.card != nil {
			v := &view{card: msg.card}
			m.views[p.WeCom] = v
			c := v.shown()
			out.Card = &c
		}
		s.world.Post(Platform, p.WeCom, "", out)
	}
	s.store.add(m)
	if msg.card != nil && msg.card.TaskID != "" {
		s.store.task(msg.card.TaskID, m)
	}
	return m
}
