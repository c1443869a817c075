package chat

import (
	"context"
	"errors"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/match"
)

// answers are what the buttons of a question mean.
var answers = map[string]customer.Answer{
	cards.ActionMerge: customer.AnswerSame, cards.ActionApart: customer.AnswerApart, cards.ActionLater: customer.AnswerLater,
}

// answer takes a manager's answer to a question about two customers. Who comes second sees what the first one said.
func (s *Service) answer(ctx context.Context, d delivery.Delivery, action string, who access.Person) (bots.Answer, error) {
	said, ok := answers[action]
	if !ok {
		return bots.Answer{Toast: "这个按钮已失效"}, nil
	}
	q, err := s.Merges.Answer(ctx, d.Question, who, said)
	switch {
	case errors.Is(err, match.ErrNotManager):
		return bots.Answer{Toast: "只有主管可以确认"}, nil
	case err != nil && !errors.Is(err, match.ErrAnswered):
		return bots.Answer{}, err
	}
	text := s.Cards.Answered(q, s.name(q.By))
	card := s.Cards.Withdrawn(*d.Card, text)
	return bots.Answer{Card: &card, Toast: text}, nil
}

// sourcesOf answers 查 … 来源.
func (s *Service) sourcesOf(c customer.Customer, who access.Person) string {
	return s.Cards.For(s.sees([]access.Person{who}, c)).Sources(c, c.Conflicts(s.Ranks()))
}

// part takes a source's record out of a customer that was merged wrongly.
func (s *Service) part(ctx context.Context, q question) (string, error) {
	const usage = "请写成：拆分 <客户> <来源/编号>，例如：拆分 华星机械 website/a17。发“查 <客户> 来源”可以看到编号。"
	words := strings.Fields(q.rest)
	if len(words) < 2 {
		return usage, nil
	}
	ref := words[len(words)-1]
	c, problem, err := s.find(ctx, strings.TrimSpace(strings.TrimSuffix(q.rest, ref)))
	if err != nil || problem != "" {
		return problem, err
	}
	rest, part, err := s.Merges.Part(ctx, c.ID, []customer.Ref{customer.Ref(ref)}, q.who)
	switch {
	case errors.Is(err, match.ErrParts) && len(c.Records) < 2:
		return cards.Name(c) + " 只有一个来源，不能拆分。", nil
	case errors.Is(err, match.ErrParts):
		return cards.Name(c) + " 没有编号为 " + bots.CutRunes(ref, 40) + " 的来源。" + usage, nil
	case err != nil:
		return "", err
	}
	for _, id := range []string{rest.ID, part.ID} {
		if err := s.Outgoing.Carry(ctx, id); err != nil {
			return "", err
		}
	}
	return "已拆分：" + cards.Name(rest) + " 与 " + cards.Name(part) + " 现在是两家客户。", nil
}
