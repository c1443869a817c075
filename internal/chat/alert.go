package chat

import (
	"context"
	"fmt"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
)

// alertActions are what a manager presses on the card that tells of messages that were given up.
func alertActions() []action {
	return []action{
		{cards.KindAlert, cards.ActionReplay, (*Service).replayClick},
		{cards.KindAlert, cards.ActionDead, (*Service).deadClick},
	}
}

// replayClick tries everything again that was given up, and says so on the card.
func (s *Service) replayClick(ctx context.Context, p press) (bots.Answer, error) {
	if !p.who.May(access.Manage) {
		return p.toast(p.say("只有主管可以重发", "Only managers may send them again")), nil
	}
	r, err := s.replayDead(ctx, s.question(p.in, p.who))
	if err != nil {
		return bots.Answer{}, err
	}
	x := p.delivery
	if x.Card == nil || !x.Card.Live() {
		return p.toast(r.text), nil
	}
	card := cards.Closed(*x.Card, p.sayf("%s 已全部重发", "%s sent them again", p.who.Name))
	x.Rev, x.Card = x.Rev+1, &card
	if err := s.Outgoing.Change(ctx, x); err != nil {
		return bots.Answer{}, fmt.Errorf("close the alert: %w", err)
	}
	return bots.Answer{Card: &card, Toast: r.text}, nil
}

// deadClick answers with the list, as the command does.
func (s *Service) deadClick(ctx context.Context, p press) (bots.Answer, error) {
	if !p.who.May(access.Manage) {
		return p.toast(p.say("只有主管可以查看", "Only managers may see them")), nil
	}
	q := s.question(p.in, p.who)
	r, err := s.listDead(ctx, q)
	if err != nil {
		return bots.Answer{}, err
	}
	r.private = true
	return bots.Answer{}, s.respond(ctx, p.in, q, r)
}
