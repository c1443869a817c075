package wecom

import (
	"context"

	"lingke/internal/emulator/world"
)

// Joined tells the app that somebody came to the enterprise.
func (s *Server) Joined(ctx context.Context, p world.Person) error {
	return s.contactEvent(ctx, p.WeCom, "create_user", element("Name", p.Name))
}

// Changed tells the app that something about somebody changed; before is the user id so far.
func (s *Server) Changed(ctx context.Context, p world.Person, before string) error {
	more := element("Name", p.Name)
	if before != p.WeCom {
		more += element("NewUserID", p.WeCom)
	}
	return s.contactEvent(ctx, before, "update_user", more)
}

// Left tells the app that somebody is no longer there.
func (s *Server) Left(ctx context.Context, p world.Person) error {
	return s.contactEvent(ctx, p.WeCom, "delete_user", "")
}

// contactEvent is a change of the address book, which names no app.
func (s *Server) contactEvent(ctx context.Context, user, change, more string) error {
	if user == "" {
		return nil
	}
	inner := "<xml>" + element("ToUserName", s.opts.CorpID) + element("FromUserName", "sys") + integer("CreateTime", s.world.Now().Unix()) +
		element("MsgType", "event") + element("Event", "change_contact") + element("ChangeType", change) + element("UserID", user) + more + "</xml>"
	return s.deliver(ctx, delivery{inner, func([]byte) {}})
}
