package dingtalk

import "lingke/internal/emulator/world"

// Joined tells the app that somebody came to the organisation (user_add_org).
func (s *Server) Joined(p world.Person) error { return s.memberEvent("user_add_org", p.DingTalk) }

// Changed tells the app that something about somebody changed (user_modify_org).
func (s *Server) Changed(p world.Person) error { return s.memberEvent("user_modify_org", p.DingTalk) }

// Left tells the app that somebody is no longer there (user_leave_org).
func (s *Server) Left(p world.Person) error { return s.memberEvent("user_leave_org", p.DingTalk) }

// memberEvent names its people in a list, as the platform does.
func (s *Server) memberEvent(kind, user string) error {
	if user == "" {
		return nil
	}
	return s.pushEvent(kind, map[string]any{"userId": []string{user}, "timeStamp": s.world.Now().UnixMilli(), "optStaffId": ""})
}
