package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/scoring/risk"
)

// churning is what people ask and tell about customers that may be lost.
func churning() []command {
	return []command{
		{id: "at_risk", words: []string{"流失", "流失预警", "churn"}, may: access.Claim, private: true, bare: true, run: (*Service).atRisk,
			usage: lang.Text{ZH: "流失：有流失风险的客户（主管看全部）", EN: "churn: customers that may be lost (managers see all)"}},
		{id: "answered", words: []string{"回应", "answered"}, may: access.Claim, about: aboutFirstWord, run: (*Service).answered,
			usage: lang.Text{ZH: "回应 <客户> [内容]：客户有回应，移出流失名单", EN: "answered <customer> [what]: it answered, so it is off the list"}},
		{id: "cause", words: []string{"流失原因", "cause"}, may: access.Claim, about: aboutFirstWord, run: (*Service).named,
			usage: lang.Text{ZH: "流失原因 <客户> <价格/服务/竞品/不明>：改选原因", EN: "cause <customer> <price/service/competitor/silence>: why it may leave"}},
	}
}

// atRisk lists the customers that may be lost, the highest score first: one's own, or everybody's for managers.
func (s *Service) atRisk(ctx context.Context, q question) (reply, error) {
	const shown = 20
	all := store.CustomerQuery{AtRisk: true, ByScore: true, Limit: shown}
	if !q.who.May(access.Manage) {
		all.Owner = q.who.ID
	}
	page, next, err := s.Records.Customers(ctx, all)
	if err != nil {
		return reply{}, fmt.Errorf("customers at risk: %w", err)
	}
	if len(page) == 0 {
		return said(q.say("没有流失风险的客户。", "No customer is at risk.")), nil
	}
	lines := []string{q.say("有流失风险的客户：", "Customers that may be lost:")}
	for i, c := range page {
		lines = append(lines, fmt.Sprintf("%d. ", i+1)+s.cards(q).AtRisk(c, s.name(c.Owner), q.who.May(access.Manage)))
	}
	if next != "" {
		lines = append(lines, q.sayf("只列出前 %d 个。", "Only the first %d are listed.", shown))
	}
	r := said(strings.Join(append(lines, s.cards(q).ByNumber()), "\n")).saw(access.Sight{Tier: true, Basis: true}, page...)
	r.dialog = &dialog{Asks: asksNothing, Listed: numbersOf(1, page), Until: q.at.Add(listed)}
	return r, nil
}

// responded ends a churn task, since the customer answered, and takes the customer off the list.
func (s *Service) responded(ctx context.Context, p press) (bots.Answer, error) {
	at := actedAt(p.in, s.Now())
	t, err := s.Tasks.Complete(ctx, p.delivery.Task, p.who, p.say("客户有回应", "the customer answered"))
	if err != nil && !errors.Is(err, followup.ErrEnded) {
		return s.taskRefusal(ctx, p, t, err)
	}
	c, err := s.Records.Customer(ctx, t.Customer)
	if err == nil {
		err = s.tell(ctx, c, p.who, connectors.ActivityResponded, "", replyID(p.in.ID), at)
	}
	if err != nil {
		return bots.Answer{}, err
	}
	return s.taskAnswer(ctx, p, t, p.say("已移出流失名单", "Off the list"))
}

// tell keeps with a customer what a person noted of it, and carries out what follows.
func (s *Service) tell(ctx context.Context, c customer.Customer, who access.Person, kind, text, id string, at time.Time) error {
	if len(c.Records) == 0 {
		return nil
	}
	err := s.Notes.Note(ctx, customer.Activity{
		ID: customer.NewRef("chat", kind+"-"+id), Customer: c.Records[0].Ref, Type: kind, Text: bots.Cut(text, 2000), By: who.ID, At: at, ModifiedAt: at,
	})
	if err != nil {
		return err
	}
	return s.Outgoing.Carry(ctx, c.ID)
}

// answered answers 回应.
func (s *Service) answered(ctx context.Context, q question) (reply, error) {
	if no := s.notOwn(q); no != "" {
		return said(no), nil
	}
	open, err := s.Tasks.OpenFor(ctx, q.customer.ID, q.customer.Owner)
	if err != nil {
		return reply{}, err
	}
	for _, t := range open {
		if t.Kind != followup.KindChurn {
			continue
		}
		if t, err = s.Tasks.Complete(ctx, t.ID, q.who, q.say("客户有回应", "the customer answered")); err != nil {
			return s.refused(q, err)
		}
		if err := s.Outgoing.ShowTask(ctx, t); err != nil {
			return reply{}, err
		}
	}
	if err := s.tell(ctx, q.customer, q.who, connectors.ActivityResponded, q.rest, q.id, q.at); err != nil {
		return reply{}, err
	}
	return said(q.sayf("已记录：%s 有回应，不在流失名单里。", "Noted: %s answered and is off the list.", cards.Name(q.customer))), nil
}

// causeForms are the causes as people type them.
var causeForms = []struct {
	cause risk.Cause
	forms []string
}{
	{cause: risk.Price, forms: []string{"价格", "太贵", "price"}},
	{cause: risk.Service, forms: []string{"服务", "售后", "service"}},
	{cause: risk.Competitor, forms: []string{"竞品", "竞争对手", "competitor"}},
	{cause: risk.Silence, forms: []string{"不明", "沉默", "原因不明", "silence"}},
}

// pickCause keeps why a customer may leave, and says what to do about it.
func (s *Service) pickCause(ctx context.Context, p press) (bots.Answer, error) {
	cause, known := causeOf(p.input(cards.InputCause))
	if !known {
		return p.void(), nil
	}
	t, err := s.Tasks.Task(ctx, p.delivery.Task)
	if err != nil {
		return bots.Answer{}, err
	}
	c, err := s.Records.Customer(ctx, t.Customer)
	if err == nil {
		t, err = s.setCause(ctx, p.who, c, t, cause, replyID(p.in.ID), actedAt(p.in, s.Now()))
	}
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	return s.taskAnswer(ctx, p, t, p.sayf("原因：%s", "Cause: %s", s.Cards.In(p.who.Language).Cause(cause)))
}

func causeOf(text string) (risk.Cause, bool) {
	i := slices.IndexFunc(causeForms, func(f struct {
		cause risk.Cause
		forms []string
	}) bool {
		return string(f.cause) == text || slices.Contains(f.forms, text)
	})
	if i < 0 {
		return "", false
	}
	return causeForms[i].cause, true
}

// setCause notes the cause with the task, together with what to do, and with the customer.
func (s *Service) setCause(ctx context.Context, who access.Person, c customer.Customer, t followup.Task, cause risk.Cause, id string, at time.Time) (followup.Task, error) {
	text := who.Language.Sayf("原因：%s", "Cause: %s", s.Cards.In(who.Language).Cause(cause))
	if s.Advice != nil {
		if advice := s.Advice(cause); !advice.IsZero() {
			text = who.Language.Sayf("%s。%s", "%s. %s", text, advice.In(who.Language))
		}
	}
	t, err := s.Tasks.Note(ctx, t.ID, who, text, at)
	if err != nil {
		return t, err
	}
	return t, s.tell(ctx, c, who, connectors.ActivityCause, string(cause), id, at)
}

// named answers 流失原因.
func (s *Service) named(ctx context.Context, q question) (reply, error) {
	cause, known := causeOf(strings.ToLower(q.rest))
	if !known {
		return said(q.say("请写成：流失原因 <客户> <价格/服务/竞品/不明>", "Please write: cause <customer> <price/service/competitor/silence>")), nil
	}
	if no := s.notOwn(q); no != "" {
		return said(no), nil
	}
	open, err := s.Tasks.OpenFor(ctx, q.customer.ID, q.customer.Owner)
	if err != nil {
		return reply{}, err
	}
	i := slices.IndexFunc(open, func(t followup.Task) bool { return t.Kind == followup.KindChurn })
	if i < 0 {
		return said(q.sayf("%s 没有待处理的流失预警。", "There is no open warning about %s.", cards.Name(q.customer))), nil
	}
	t, err := s.setCause(ctx, q.who, q.customer, open[i], cause, q.id, q.at)
	if err != nil {
		return s.refused(q, err)
	}
	return s.taskReply(ctx, q, t, q.sayf("%s 的流失原因：%s。", "%s may leave because of: %s.", cards.Name(q.customer), s.cards(q).Cause(cause)))
}
