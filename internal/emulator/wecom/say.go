package wecom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"lingke/internal/emulator/world"
)

// Errors of what a person does.
var (
	ErrNoAccount = errors.New("the person has no WeCom account")
	ErrGroup     = errors.New("a self-built app hears nothing that is said in a group")
	ErrFile      = errors.New("a self-built app is not told of files")
	ErrNoButton  = errors.New("there is nothing to press there")
)

// Say is a person writing to the app. In a group the others see it and the app does not: the error is ErrGroup. Otherwise an
// error tells that the app did not take the first try (ErrNoCallback, ErrUnanswered).
func (s *Server) Say(ctx context.Context, person world.Person, conversation, text string) error {
	if person.WeCom == "" {
		return fmt.Errorf("%s: %w", person.ID, ErrNoAccount)
	}
	s.world.Post(Platform, person.WeCom, conversation, world.Message{From: person.ID, Text: text})
	if conversation != "" {
		return ErrGroup
	}
	s.mu.Lock()
	id := s.next()
	s.mu.Unlock()
	inner := s.head(person) + element("MsgType", "text") + element("Content", text) + integer("MsgId", id) + integer("AgentID", int64(s.opts.AgentID)) + "</xml>"
	return s.deliver(ctx, delivery{inner, func(msg []byte) { s.replyToText(person, msg) }})
}

// SendFile is a person sending a file: it shows in the chat, and the app, which has callbacks for texts, pictures, voices, films, places and links only, hears nothing of
// it. The error is ErrFile.
func (s *Server) SendFile(_ context.Context, person world.Person, conversation, name string, _ []byte) error {
	if person.WeCom == "" {
		return fmt.Errorf("%s: %w", person.ID, ErrNoAccount)
	}
	s.world.Post(Platform, person.WeCom, conversation, world.Message{From: person.ID, Text: "[文件] " + name})
	return ErrFile
}

// Event sends an event of the app's own chat: "enter_agent", "subscribe", "click" with a menu key, and so on.
func (s *Server) Event(ctx context.Context, person world.Person, event, key string) error {
	inner := s.head(person) + element("MsgType", "event") + element("Event", event) + element("EventKey", key) + integer("AgentID", int64(s.opts.AgentID)) + "</xml>"
	return s.deliver(ctx, delivery{inner, func(msg []byte) { s.replyToText(person, msg) }})
}

// head are the elements that every callback begins with.
func (s *Server) head(person world.Person) string {
	return "<xml>" + element("ToUserName", s.opts.CorpID) + element("FromUserName", person.WeCom) + integer("CreateTime", s.world.Now().Unix())
}

// Click is a person pressing a button of a card. inputs are the chosen options by question, several joined with commas; a
// question without one has the card's own choice. WeCom shows nothing after a click, so the toast is empty except for a
// button that opens an address. The error tells that there is no such button, or that the app did not take the first try.
func (s *Server) Click(ctx context.Context, person world.Person, messageID, actionID string, inputs map[string]string) (toast string, err error) {
	s.mu.Lock()
	m, v, pressed, err := s.find(person, messageID, actionID)
	if err != nil {
		s.mu.Unlock()
		return "", err
	}
	if pressed.Type == 1 {
		s.mu.Unlock()
		return "打开 " + pressed.URL, nil
	}
	inner, permit := s.clicked(person, m, *v, pressed, inputs)
	s.mu.Unlock()
	return "", s.deliver(ctx, delivery{inner, func(msg []byte) { s.replyToClick(person, m, permit, msg) }})
}

// find looks for the button in what the person sees now.
func (s *Server) find(person world.Person, messageID, actionID string) (*sent, *view, button, error) {
	m := s.store.messages[messageID]
	if m == nil || m.views[person.WeCom] == nil {
		return nil, nil, button{}, fmt.Errorf("message %s of %s: %w", messageID, person.ID, ErrNoButton)
	}
	v := m.views[person.WeCom]
	for _, b := range v.buttons() {
		if v.note() == "" && (b.Type == 0 && world.Named(b.Key, actionID) || b.Type == 1 && b.URL == actionID) {
			return m, v, b, nil
		}
	}
	return nil, nil, button{}, fmt.Errorf("action %s of message %s of %s: %w", actionID, messageID, person.ID, ErrNoButton)
}

// clicked writes the event of a click, with a response_code of its own.
func (s *Server) clicked(person world.Person, m *sent, v view, pressed button, inputs map[string]string) (string, *code) {
	event, selected := "template_card_event", selectedItems(v.card, inputs)
	if v.inMenu(pressed.Key) {
		event, selected = "template_card_menu_event", ""
	}
	permit := s.store.newCode(m, s.world.Now())
	return s.head(person) + element("MsgType", "event") + element("Event", event) + element("EventKey", pressed.Key) +
		element("TaskId", v.card.TaskID) + element("CardType", v.card.CardType) + element("ResponseCode", permit) +
		integer("AgentID", int64(s.opts.AgentID)) + selected + "</xml>", s.store.codes[permit]
}

// selectedItems writes one item for each question; a card without questions has no such element.
func selectedItems(t *template, inputs map[string]string) string {
	var b strings.Builder
	for _, q := range t.selectors() {
		ids := chosen(q, inputs[q.QuestionKey])
		if len(ids) == 0 {
			continue
		}
		b.WriteString("<SelectedItem>" + element("QuestionKey", q.QuestionKey) + "<OptionIds>")
		for _, id := range ids {
			b.WriteString(element("OptionId", id))
		}
		b.WriteString("</OptionIds></SelectedItem>")
	}
	if b.Len() == 0 {
		return ""
	}
	return "<SelectedItems>" + b.String() + "</SelectedItems>"
}

// chosen are the options that a person picked of one question, or what the card has picked for them.
func chosen(q selector, input string) []string {
	var ids []string
	for part := range strings.SplitSeq(input, ",") {
		known := slices.ContainsFunc(q.Options, func(o option) bool { return o.ID == part })
		if known && !slices.Contains(ids, part) && (q.Mode == 1 || len(ids) == 0) {
			ids = append(ids, part)
		}
	}
	if len(ids) > 0 {
		return ids
	}
	for _, o := range q.Options {
		if o.Checked {
			ids = append(ids, o.ID)
		}
	}
	switch {
	case len(ids) > 0:
		return ids
	case q.Selected != "":
		return []string{q.Selected}
	case len(q.Options) > 0 && q.Title != "": // a drop-down shows its first option
		return []string{q.Options[0].ID}
	}
	return nil
}
