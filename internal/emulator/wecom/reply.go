package wecom

import (
	"encoding/xml"
	"log/slog"
	"strings"

	"lingke/internal/emulator/world"
)

// passive is an opened passive reply.
type passive struct {
	XMLName xml.Name `xml:"xml"`
	MsgType string
	Content string
	Button  struct {
		ReplaceName string
	}
	Card *template `xml:"TemplateCard"`
}

func parsePassive(msg []byte) (passive, error) {
	var p passive
	err := xml.Unmarshal(msg, &p)
	return p, err
}

// replyToText shows the app's direct answer to a message: a text. Media need ids that the emulator does not keep.
func (s *Server) replyToText(person world.Person, msg []byte) {
	p, err := parsePassive(msg)
	if err != nil || p.MsgType != "text" || strings.TrimSpace(p.Content) == "" {
		s.ignore("not a text", err)
		return
	}
	s.world.Post(Platform, person.WeCom, "", world.Message{Text: cutBytes(p.Content, maxText)})
}

// replyToClick changes the card for the one who clicked, and for nobody else. A text is no answer to a click on a button,
// but it is one to a click in the menu.
func (s *Server) replyToClick(person world.Person, m *sent, permit *code, msg []byte) {
	p, err := parsePassive(msg)
	if err != nil {
		s.ignore("not a reply", err)
		return
	}
	s.mu.Lock()
	v := m.views[person.WeCom]
	fine := false
	switch {
	case p.MsgType == "update_button" && p.Button.ReplaceName != "" && v.card.interactive():
		s.change(m, person.WeCom, p.Button.ReplaceName, nil)
		fine = true
	case p.MsgType == "update_template_card" && p.Card != nil && s.checkNew(p.Card, m).code == 0:
		s.change(m, person.WeCom, "", p.Card)
		fine = true
	}
	permit.used = permit.used || fine && s.opts.PassiveTakesCode
	s.mu.Unlock()
	if !fine {
		s.ignore("no update of this card: "+p.MsgType, nil)
	}
}

func (s *Server) ignore(why string, err error) {
	s.count(func(st *Stats) { st.BadReplies++ })
	s.opts.Log.Warn("wecom passive reply ignored", slog.String("why", why), slog.Any("err", err))
}
