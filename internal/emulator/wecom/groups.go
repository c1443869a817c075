package wecom

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// chat is an app group chat; only the app that made it may write to it.
type chat struct {
	name, owner string
	members     []string
}

var chatIDPattern = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)

type chatRequest struct {
	ChatID  string   `json:"chatid"`
	Name    string   `json:"name"`
	Owner   string   `json:"owner"`
	Users   []string `json:"userlist"`
	Add     []string `json:"add_user_list"`
	Del     []string `json:"del_user_list"`
	MsgType string   `json:"msgtype"`
	content
}

func (s *Server) chatCreate(_ *http.Request, body []byte) answer {
	var req chatRequest
	if a, fine := decode(body, &req); !fine {
		return a
	}
	if req.ChatID == "" {
		req.ChatID = "chat" + strconv.FormatInt(s.next(), 36)
	}
	if a := s.checkChat(req); a.code != 0 {
		return a
	}
	if req.Owner == "" {
		req.Owner = req.Users[0]
	}
	s.chats[req.ChatID] = &chat{req.Name, req.Owner, req.Users}
	s.world.AddGroup(Platform, req.ChatID, req.Name, req.Users...)
	return ok(map[string]any{"chatid": req.ChatID})
}

func (s *Server) checkChat(req chatRequest) answer {
	ownerThere := req.Owner == ""
	for _, id := range req.Users {
		if _, known := s.world.ByWeCom(id); !known {
			return fail(86216, "invalid chat member")
		}
		ownerThere = ownerThere || strings.EqualFold(id, req.Owner)
	}
	switch {
	case len(req.ChatID) > 32:
		return fail(86205, "chatid too long")
	case !chatIDPattern.MatchString(req.ChatID):
		return fail(86001, "invalid chatid")
	case s.chats[req.ChatID] != nil:
		return fail(86215, "chatid already exists")
	case len(req.Users) == 0:
		return fail(86204, "missing chat members")
	case len(req.Users) < 2 || len(req.Users) > 2000:
		return fail(86006, "chat member count out of limit")
	case !ownerThere:
		return fail(86207, "owner not in userlist")
	}
	return answer{}
}

func (s *Server) chat(id string) (*chat, answer) {
	if !chatIDPattern.MatchString(id) {
		return nil, fail(86001, "invalid chatid")
	}
	if c := s.chats[id]; c != nil {
		return c, answer{}
	}
	if _, there := s.world.Group(Platform, id); there {
		return nil, fail(86008, "chat was not created by this app")
	}
	return nil, fail(86003, "chatid not exist")
}

func (s *Server) chatUpdate(_ *http.Request, body []byte) answer {
	var req chatRequest
	if a, fine := decode(body, &req); !fine {
		return a
	}
	c, a := s.chat(req.ChatID)
	if a.code != 0 {
		return a
	}
	var members []string
	for _, id := range append(c.members, req.Add...) {
		if _, known := s.world.ByWeCom(id); !known {
			return fail(86216, "invalid chat member")
		}
		if !contains(req.Del, id) && !contains(members, id) {
			members = append(members, id)
		}
	}
	if len(members) < 2 {
		return fail(86006, "chat member count out of limit")
	}
	c.members = members
	if req.Name != "" {
		c.name = req.Name
	}
	if req.Owner != "" {
		c.owner = req.Owner
	}
	s.world.AddGroup(Platform, req.ChatID, c.name, members...)
	return ok(nil)
}

func contains(list []string, id string) bool {
	for _, x := range list {
		if strings.EqualFold(x, id) {
			return true
		}
	}
	return false
}

func (s *Server) chatGet(r *http.Request, _ []byte) answer {
	id := r.URL.Query().Get("chatid")
	c, a := s.chat(id)
	if a.code != 0 {
		return a
	}
	return ok(map[string]any{"chat_info": map[string]any{"chatid": id, "name": c.name, "owner": c.owner, "userlist": c.members, "chat_type": 0}})
}

// chatSend takes every type but template_card.
func (s *Server) chatSend(_ *http.Request, body []byte) answer {
	var req chatRequest
	if a, fine := decode(body, &req); !fine {
		return a
	}
	if _, a := s.chat(req.ChatID); a.code != 0 {
		return a
	}
	if req.MsgType == "template_card" {
		return fail(40008, "invalid message type")
	}
	msg, a := s.message(req.MsgType, req.content)
	if a.code != 0 {
		return a
	}
	s.world.Post(Platform, "", req.ChatID, msg.shown())
	return ok(nil)
}

const (
	robotPerMin   = 20
	robotMarkdown = 4096 // bytes
)

// robotSend is the group robot's webhook: no token, only the key. It has no cards that call back.
func (s *Server) robotSend(r *http.Request, body []byte) answer {
	if s.opts.RobotKey == "" || r.URL.Query().Get("key") != s.opts.RobotKey {
		return fail(93000, "invalid webhook url")
	}
	if !s.limits.robot.take(s.world.Now(), time.Minute, 1, robotPerMin) {
		return s.limited()
	}
	var req struct {
		MsgType    string `json:"msgtype"`
		MarkdownV2 struct {
			Content string `json:"content"`
		} `json:"markdown_v2"`
		content
	}
	if a, fine := decode(body, &req); !fine {
		return a
	}
	msg, a := s.robotMessage(req.MsgType, req.MarkdownV2.Content, req.content)
	if a.code != 0 {
		return a
	}
	out := msg.shown()
	if msg.card != nil {
		c := view{card: msg.card}.shown()
		out.Card = &c
	}
	s.world.Post(Platform, "", s.opts.RobotChat, out)
	return ok(nil)
}

func (s *Server) robotMessage(kind, v2 string, c content) (drawn, answer) {
	switch kind {
	case "markdown", "markdown_v2":
		if kind == "markdown" {
			v2 = c.Markdown.Content
		}
		if len(v2) > robotMarkdown {
			return drawn{}, fail(40058, kind+".content exceed max length 4096")
		}
		return text(v2)
	case "template_card":
		if c.Card == nil || c.Card.updatable() {
			return drawn{}, fail(40008, "invalid message type")
		}
	case "text", "news":
	default:
		return drawn{}, fail(40008, "invalid message type")
	}
	return s.message(kind, c)
}
