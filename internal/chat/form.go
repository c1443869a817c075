package chat

import (
	"context"
	"slices"
	"strings"

	"lingke/bots"
)

// A card that asks in place for what a button needs (bots.Platform.AsksInPlace) has its form far up in the chat by the time that somebody has thought of the answer, who then types
// it. While the form is open, what they type is read as the rest of the button's command, where it is nothing else: 已加微信 behind 记进展 is 跟进 <customer> 已加微信.

// slotOfSay begins what a command still needs, in the text that a card shows for a button.
const slotOfSay = " <"

// openForm keeps that a card asks somebody for what a button needs.
func (s *Service) openForm(ctx context.Context, p press, action bots.Action) error {
	before, _, needs := strings.Cut(action.Say, slotOfSay)
	if !needs {
		return nil
	}
	q := s.question(p.in, p.who)
	return s.open(ctx, p.who.ID, dialog{
		ID: replyID(p.in.ID), Asks: asksForm, Card: p.click.Card, Action: action.ID, Rest: before, Platform: p.in.Platform, Until: q.at.Add(inputFor),
	})
}

// closeForm ends what a card asked for, once its form came.
func (s *Service) closeForm(ctx context.Context, p press) error {
	if len(p.click.Inputs) == 0 || !p.in.Platform.AsksInPlace() {
		return nil
	}
	return s.changeDialogs(ctx, p.who.ID, func(all []dialog) ([]dialog, bool) {
		closed := false
		for i, d := range all {
			if d.Asks == asksForm && d.Card == p.click.Card && d.By == "" {
				all[i].By, closed = p.in.ID, true
			}
		}
		return all, closed
	})
}

// byOpenForm answers a text, which is nothing else, as what the newest open form asks for; false where none is open. It counts once.
func (s *Service) byOpenForm(ctx context.Context, q question, text string) (r reply, answered bool, err error) {
	all, _, err := s.dialogs(ctx, q.who.ID)
	if err != nil {
		return reply{}, false, err
	}
	for _, d := range slices.Backward(all) {
		if d.Asks != asksForm || d.By != "" && d.By != q.id || d.Until.Before(q.at) || q.group() || d.Platform != q.from.platform {
			continue
		}
		whole := d.Rest + " " + strings.TrimSpace(text)
		said, ok, err := s.understand(ctx, q, whole)
		if err != nil || !ok || said.guess {
			return reply{}, false, err
		}
		if d, known, err := s.take(ctx, q.who.ID, d.ID, q.id); err != nil || !known || d.By != q.id {
			return reply{}, false, err
		}
		q.name, q.rest = said.name, said.rest
		r, err = s.do(ctx, said.command, q, "")
		return r, true, err
	}
	return reply{}, false, nil
}
