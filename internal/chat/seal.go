package chat

import (
	"context"
	"errors"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// sealedClick takes a click from outside: it counts only if Lingke made the button's value for this card, record, action and audience, and not too long ago. What is refused is
// logged like everything that somebody asks for.
func (s *Service) sealedClick(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	who, _ := s.People.ByPlatform(string(in.Platform), in.Click.From)
	d, err := s.delivered(ctx, in.Click.Card)
	if err != nil {
		return bots.Answer{Toast: who.Language.Say("这张卡片已失效", "This card is no longer valid")}, err
	}
	action, err := s.Seal.Action(d, in.Click.Action, s.Now())
	k := *in.Click
	k.Action = action
	in.Click = &k
	if err == nil {
		return s.click(ctx, in)
	}
	toast := who.Language.Say("这个按钮无法核实，没有执行。请用最新的卡片，或直接发文字。", "This button cannot be verified, nothing was done. Please use the newest card, or write.")
	if errors.Is(err, delivery.ErrExpired) {
		toast = who.Language.Say("这张卡片太旧了，没有执行。发“今日”查看待办。", "This card is too old, nothing was done. Send “today” to see what is open.")
	}
	return bots.Answer{Toast: toast}, s.log(ctx, in, who, showing{command: cards.LoggedClick + bots.Cut(action, 40), note: err.Error()})
}

// sealAnswer seals the buttons of what a click is answered with, as those of a card that is sent.
func (s *Service) sealAnswer(ctx context.Context, in bots.Incoming, a bots.Answer) bots.Answer {
	if s.Seal == nil || in.Click == nil || (a.Card == nil || !a.Card.Live()) && a.Ask == nil {
		return a
	}
	d, err := s.Records.Delivery(ctx, delivery.IDOf(in.Click.Card))
	if err != nil {
		return bots.Answer{Toast: a.Toast} // without its buttons the card would be of no use; it follows as an update
	}
	a.Card = s.Seal.Card(d, a.Card)
	if a.Ask != nil {
		asked := s.Seal.Card(d, &bots.Card{Actions: []bots.Action{*a.Ask}}).Actions[0]
		a.Ask = &asked
	}
	return a
}
