package wecom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// change is the body of update_template_card. Unlike in message/send, the recipients are arrays.
type change struct {
	UserIDs  []string        `json:"userids"`
	PartyIDs []int           `json:"partyids"`
	TagIDs   []int           `json:"tagids"`
	AtAll    int             `json:"atall"`
	AgentID  json.RawMessage `json:"agentid"`
	Code     string          `json:"response_code"`
	Button   *struct {
		ReplaceName string `json:"replace_name"`
	} `json:"button"`
	Card *template `json:"template_card"`
}

// updateCard changes a card for the members it names, or for all who got it. Only success uses the code up.
func (s *Server) updateCard(_ *http.Request, body []byte) answer {
	var req change
	if a, fine := decode(body, &req); !fine {
		return a
	}
	if a := s.checkAgent(req.AgentID); a.code != 0 {
		return a
	}
	permit, valid := s.store.valid(req.Code, s.world.Now())
	if !valid {
		return fail(60140, "invalid response_code")
	}
	if (req.Button == nil) == (req.Card == nil) {
		return fail(40058, "exactly one of button and template_card is required")
	}
	if a := s.checkNew(req.Card, permit.message); a.code != 0 {
		return a
	}
	targets, unknown, a := s.targets(req, permit.message)
	if a.code != 0 {
		return a
	}
	for _, id := range targets {
		if req.Button != nil && !permit.message.views[id].card.interactive() {
			return fail(40058, "the card has no button to replace")
		}
	}
	permit.used = true
	for _, id := range targets {
		name := ""
		if req.Button != nil {
			name = req.Button.ReplaceName
		}
		s.change(permit.message, id, name, req.Card)
	}
	return unknownUsers(unknown)
}

// unknownUsers names members who do not exist in an array, unlike message/send.
func unknownUsers(ids []string) answer {
	if len(ids) == 0 {
		return ok(nil)
	}
	return ok(map[string]any{"invaliduser": ids})
}

func (s *Server) checkNew(t *template, m *sent) answer {
	if t == nil {
		return answer{}
	}
	if a := s.validate(t); a.code != 0 {
		return a
	}
	return s.taskTaken(t, m)
}

// targets are the readers whose view changes.
func (s *Server) targets(req change, m *sent) (ids, unknown []string, a answer) {
	if req.AtAll == 1 {
		return m.to, nil, answer{}
	}
	if len(req.UserIDs)+len(req.PartyIDs)+len(req.TagIDs) == 0 {
		return nil, nil, fail(82101, "update target is empty")
	}
	named := map[string]bool{}
	for _, id := range req.UserIDs {
		if _, known := s.world.ByWeCom(id); !known {
			unknown = append(unknown, strings.ToLower(id))
		}
		named[strings.ToLower(id)] = true
	}
	for _, party := range req.PartyIDs {
		for _, p := range s.members(party) {
			named[strings.ToLower(p.WeCom)] = true
		}
	}
	for _, id := range m.to {
		if named[strings.ToLower(id)] {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil, fail(82102, "update target is not a receiver of the message")
	}
	return ids, unknown, answer{}
}

// change gives one reader a new view: buttons replaced by a text, or a whole new card.
func (s *Server) change(m *sent, id, replaceName string, t *template) {
	v := m.views[id]
	if v == nil {
		return
	}
	if t != nil {
		*v = view{card: t}
		if t.TaskID != "" {
			s.store.task(t.TaskID, m)
		}
	} else {
		v.replaced = replaceName
	}
	s.world.SetCard(Platform, id, m.id, v.shown())
}

// recall takes a message of the last 24 hours back.
func (s *Server) recall(_ *http.Request, body []byte) answer {
	var req struct {
		MsgID string `json:"msgid"`
	}
	if a, fine := decode(body, &req); !fine {
		return a
	}
	m, known := s.store.messages[req.MsgID]
	if !known {
		return fail(40058, "invalid msgid")
	}
	if s.world.Now().Sub(m.at) > recallLife {
		return fail(42052, "msgid expired")
	}
	for _, id := range slices.Clone(m.to) {
		s.world.Recall(Platform, id, m.id)
	}
	delete(s.store.messages, req.MsgID)
	return ok(nil)
}
