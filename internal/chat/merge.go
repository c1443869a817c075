package chat

import (
	"context"
	"errors"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/match"
)

// answers are what the buttons of a question mean.
var answers = map[string]customer.Answer{
	cards.ActionMerge: customer.AnswerSame, cards.ActionApart: customer.AnswerApart, cards.ActionLater: customer.AnswerLater,
}

// identities are about which records are one customer.
func identities() []command {
	return []command{
		{id: "sources", words: []string{"来源", "sources"}, may: access.Manage, about: aboutRest, reads: true, private: true, run: (*Service).sources, usage: lang.Text{
			ZH: "来源 <客户>：每个字段各来源的值，以哪个为准（也可以发：查 <客户> 来源）", EN: "sources <customer>: what each source says of every field, and which counts",
		}},
		{id: "part", words: []string{"拆分", "split"}, may: access.Manage, about: aboutAllButLast, private: true, run: (*Service).part, usage: lang.Text{
			ZH: "拆分 <客户> <来源/编号>：把误合并的来源拆出来", EN: "split <customer> <source/id>: take a record out that was merged by mistake",
		}},
	}
}

// answer takes a manager's answer to a question about two customers. Who comes second sees what the first one said.
func (s *Service) answer(ctx context.Context, p press) (bots.Answer, error) {
	q, err := s.Merges.Answer(ctx, p.delivery.Question, p.who, answers[p.click.Action])
	switch {
	case errors.Is(err, match.ErrNotManager):
		return p.toast(p.say("只有主管可以确认", "Only managers can decide")), nil
	case err != nil && !errors.Is(err, match.ErrAnswered):
		return bots.Answer{}, err
	}
	text := s.Cards.In(p.who.Language).Answered(q, s.name(q.By))
	card := cards.Closed(*p.delivery.Card, text)
	return bots.Answer{Card: &card, Toast: text}, nil
}

// sources answers 来源 and 查 … 来源.
func (s *Service) sources(_ context.Context, q question) (reply, error) {
	sight := s.sees([]access.Person{q.who}, q.customer)
	return said(s.cards(q).For(sight).Sources(q.customer, q.customer.Conflicts(s.Ranks()))).saw(sight, q.customer), nil
}

// part takes a source's record out of a customer that was merged wrongly.
func (s *Service) part(ctx context.Context, q question) (reply, error) {
	usage := q.say("请写成：拆分 <客户> <来源/编号>，例如：拆分 华星机械 website/a17。发“查 <客户> 来源”可以看到编号。",
		"Please write: split <customer> <source/id>, for example: split Huaxing website/a17. Send “sources <customer>” to see the ids.")
	if q.rest == "" {
		return said(usage), nil
	}
	c, ref := q.customer, q.rest
	rest, part, err := s.Merges.Part(ctx, c.ID, []customer.Ref{customer.Ref(ref)}, q.who)
	switch {
	case errors.Is(err, match.ErrParts) && len(c.Records) < 2:
		return said(q.sayf("%s 只有一个来源，不能拆分。", "%s has one source only and cannot be split.", cards.Name(c))), nil
	case errors.Is(err, match.ErrParts):
		return said(q.sayf("%s 没有编号为 %s 的来源。", "%s has no source with the id %s. ", cards.Name(c), bots.CutRunes(ref, 40)) + usage), nil
	case err != nil:
		return reply{}, err
	}
	for _, id := range []string{rest.ID, part.ID} {
		if err := s.Outgoing.Carry(ctx, id); err != nil {
			return reply{}, err
		}
	}
	return said(q.sayf("已拆分：%s 与 %s 现在是两家客户。", "Split: %s and %s are two customers now.", cards.Name(rest), cards.Name(part))), nil
}
