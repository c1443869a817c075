package dingtalk

import (
	"encoding/json"
	"net/http"

	"lingke/internal/emulator/world"
)

// Limits of the robot API.
const (
	maxReceivers = 20
	maxParam     = 15000 // bytes of msgParam to a group
)

// robotRequest is a message to people or to a group.
type robotRequest struct {
	RobotCode string          `json:"robotCode"`
	UserIDs   []string        `json:"userIds"`
	Group     string          `json:"openConversationId"`
	MsgKey    string          `json:"msgKey"`
	MsgParam  json.RawMessage `json:"msgParam"`
}

// content checks the part that both calls share and returns what people read.
func (s *Server) content(req robotRequest) (m world.Message, f *failure) {
	switch {
	case req.RobotCode == "":
		return m, bad("invalidParameter.robotCode.empty")
	case req.RobotCode != s.opt.RobotCode:
		return m, bad("invalidParameter.robotCode.notExsit") // the platform's own spelling
	case req.MsgKey == "":
		return m, bad("invalidParameter.msgKey.empty")
	}
	var text string
	if json.Unmarshal(req.MsgParam, &text) != nil {
		return m, bad("invalidParameter.msgParam.invalid") // JSON as text is wanted, not an object
	}
	var param map[string]any
	if json.Unmarshal([]byte(text), &param) != nil {
		return m, bad("invalidParameter.msgParam.invalid")
	}
	if req.Group != "" && len(text) > maxParam {
		return m, bad("invalidParameter.msgParam.tooLong")
	}
	return s.templateText(req.MsgKey, param)
}

// batchSend shows a message to up to 20 people, each in the single chat with the bot.
func (s *Server) batchSend(r *http.Request) (any, *failure) {
	var req robotRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	req.Group = ""
	m, f := s.content(req)
	switch {
	case f != nil:
		return nil, f
	case len(req.UserIDs) == 0:
		return nil, bad("invalidParameter.userIds.empty")
	case len(req.UserIDs) > maxReceivers:
		return nil, bad("invalidParameter.userIds.overMax")
	}
	known, unknown := s.split(req.UserIDs)
	if len(known) == 0 {
		return nil, bad("staffId.notExisted")
	}
	m.ID = serial()
	fresh := s.sends.fresh(s.opt.OncePerDay, known, string(req.MsgParam), s.world.Now())
	for _, u := range fresh {
		s.world.Post(platform, u, "", m)
	}
	s.sends.remember(m.ID, "", fresh, s.world.Now())
	return map[string]any{
		"processQueryKey": m.ID, "invalidStaffIdList": unknown, "flowControlledStaffIdList": []string{},
	}, nil
}

// split parts the ids of members of the organisation from others; a repeated id counts once.
func (s *Server) split(ids []string) (known, unknown []string) {
	known, unknown = []string{}, []string{}
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		if _, ok := s.world.ByDingTalk(id); ok {
			known = append(known, id)
		} else {
			unknown = append(unknown, id)
		}
	}
	return known, unknown
}

// groupSend shows a message in a group.
func (s *Server) groupSend(r *http.Request) (any, *failure) {
	var req robotRequest
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	if req.Group == "" {
		return nil, bad("miss.openConversationId")
	}
	m, f := s.content(req)
	if f != nil {
		return nil, f
	}
	members, ok := s.world.Group(platform, req.Group)
	if !ok {
		return nil, bad("invalid.openConversationId")
	}
	m.ID = serial()
	s.world.Post(platform, "", req.Group, m)
	s.sends.remember(m.ID, req.Group, members, s.world.Now())
	return map[string]any{"processQueryKey": m.ID}, nil
}
