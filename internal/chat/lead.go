package chat

import (
	"context"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
)

// pass records that a lead is not for the one who pressed, and why. It stays open for the others.
func (s *Service) pass(ctx context.Context, p press) (bots.Answer, error) {
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	at := actedAt(p.in, s.Now())
	reason := s.Cards.In(p.who.Language).PassReason(bots.Cut(p.input(cards.InputReason), 300))
	err = s.Notes.Note(ctx, customer.Activity{
		ID: customer.NewRef(chatSource, replyID(p.in.ID)), Customer: c.Records[0].Ref, Type: "note", By: p.who.ID, At: at, ModifiedAt: at,
		Text: p.sayf("%s：线索不适合我，%s", "%s: this lead is not for me, %s", p.who.Name, reason),
	})
	if err != nil {
		return bots.Answer{}, err
	}
	told := p.sayf("已记录：%s 不适合你（%s）。其他同事仍可领取。", "Recorded: %s is not for you (%s). Your colleagues can still claim it.", cards.Name(c), reason)
	return p.toast(told), s.private(ctx, p.in, p.click.From, told)
}

// detail answers how the customer stands, as 查 does.
func (s *Service) detail(ctx context.Context, p press) (bots.Answer, error) {
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	q := s.question(p.in, p.who)
	q.customer = c
	r, err := s.look(ctx, q)
	if err != nil {
		return bots.Answer{}, err
	}
	x := showing{command: cards.LoggedClick + p.click.Action, sight: s.sees([]access.Person{p.who}, c), customers: []string{c.ID}}
	if err := s.log(ctx, p.in, p.who, x); err != nil {
		return bots.Answer{}, err
	}
	return bots.Answer{}, s.private(ctx, p.in, p.click.From, r.text)
}

// mineClick lists the customers of who pressed, as 我的客户 does.
func (s *Service) mineClick(ctx context.Context, p press) (bots.Answer, error) {
	q := s.question(p.in, p.who)
	r, err := s.mine(ctx, q)
	if err != nil {
		return bots.Answer{}, err
	}
	r.shown.command = cards.LoggedClick + p.click.Action
	return bots.Answer{}, s.respond(ctx, p.in, q, r)
}
