package chat

import (
	"context"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

// claiming is how people become owners, and cease to be.
func claiming() []command {
	return []command{
		{id: "claim", words: []string{"领取", "认领", "claim"}, forms: []string{"把{}领取", "把{}认领", "{}我要认领", "{}我要领取", "{}我要", "{}归我", "{}给我", "{}我来跟", "{}我来跟进", "{}领取", "{}认领"}, may: access.Claim, about: aboutRest, run: (*Service).claimNow,
			usage: lang.Text{ZH: "领取 <客户>：从线索池领取", EN: "claim <customer>: become its owner"}},
		{id: "release", words: []string{"退回", "放弃", "放弃跟进", "release"}, forms: []string{"把{}退回", "把{}放弃", "把{}退回公海", "把{}退回线索池", "把{}退了", "{}我要放弃", "{}我要退回", "{}我不跟了", "{}退回公海"}, may: access.Claim, about: aboutRest, ask: (*Service).askGiveBack, run: (*Service).giveBack,
			usage: lang.Text{ZH: "退回 <客户>：退回线索池", EN: "release <customer>: give it back to the pool"}},
	}
}

func (s *Service) claimNow(ctx context.Context, q question) (reply, error) {
	c := q.customer
	claimed, err := s.Claims.Claim(ctx, c.ID, q.who, string(q.from.platform))
	if err != nil {
		if text, refused := s.refusal(err, q.who); refused {
			return said(q.sayf("%s：%s", "%s: %s", cards.Name(c), text)), nil
		}
		return reply{}, err
	}
	if err := s.Outgoing.Carry(ctx, claimed.ID); err != nil {
		return reply{}, err
	}
	return said(q.sayf("%s 已由你领取，请尽快联系客户。", "%s is yours; please contact the customer soon.", cards.Name(c))), nil
}

func (s *Service) askGiveBack(ctx context.Context, q question) (what, no string, err error) {
	c := q.customer
	switch {
	case c.Owner == "": // also when the command is done again after a crash
		return "", q.sayf("%s 现在没有负责人。", "%s has no owner now.", cards.Name(c)), s.Outgoing.Carry(ctx, c.ID)
	case c.Owner != q.who.ID && !q.who.May(access.Manage):
		text, _ := s.refusal(assign.ErrNotOwner, q.who)
		return "", q.sayf("%s：%s", "%s: %s", cards.Name(c), text), nil
	case c.Owner != q.who.ID:
		return q.sayf("把 %s（负责人 %s）退回线索池，未完成的任务会取消。", "Give %s (owner: %s) back to the pool; open tasks are cancelled.", cards.Name(c), s.name(c.Owner)), "", nil
	}
	return q.sayf("把你名下的 %s 退回线索池，未完成的任务会取消。", "Give your customer %s back to the pool; open tasks are cancelled.", cards.Name(c)), "", nil
}

func (s *Service) giveBack(ctx context.Context, q question) (reply, error) {
	c := q.customer
	released, err := s.Claims.Release(ctx, c.ID, q.who, string(q.from.platform))
	if err != nil {
		if text, refused := s.refusal(err, q.who); refused {
			return said(q.sayf("%s：%s", "%s: %s", cards.Name(c), text)), nil
		}
		return reply{}, err
	}
	if err := s.Outgoing.Carry(ctx, released.ID); err != nil {
		return reply{}, err
	}
	return said(q.sayf("%s 已退回%s。", "%s is back in %s.", cards.Name(c), released.Pool)), nil
}
