package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/dispatch"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// owners is what people decide about who has a customer, and for how long.
type owners interface {
	Assign(ctx context.Context, id string, to, by access.Person, via string) (customer.Customer, error)
	Choose(ctx context.Context, id string, round int, to string, by access.Person, via string) (customer.Customer, error)
	HandOver(ctx context.Context, id string, to, by access.Person, via string) (c customer.Customer, asked bool, err error)
	Accept(ctx context.Context, id string, round, n int, who access.Person, via string) (customer.Customer, error)
	Decline(ctx context.Context, id string, round, n int, who access.Person) (customer.Customer, error)
	Extend(ctx context.Context, id string, episode int, who access.Person) (customer.Customer, error)
	Delay(ctx context.Context, id string, until time.Time, why string, who access.Person) (customer.Customer, error)
}

// owning is how customers go from one to another, and how owners get more time.
func owning() []command {
	return []command{
		{id: "assign", words: []string{"分配", "指派", "改派", "分派", "assign"}, may: access.Propose, about: aboutAllButLast, ask: (*Service).askAssign, run: (*Service).assignTo,
			usage: lang.Text{ZH: "分配 <客户> <姓名>：把客户交给某人；销售加上理由提出，主管同意后生效", EN: "assign <customer> <person>: make somebody its owner; a rep adds a reason, and a manager approves"}},
		{id: "hand_over", words: []string{"转交", "转给", "移交", "handover"}, may: access.Claim, about: aboutAllButLast, run: (*Service).handOver,
			usage: lang.Text{ZH: "转交 <客户> <姓名>：把你的客户转交给同事", EN: "handover <customer> <person>: give your customer to a colleague"}},
		{id: "delay", words: []string{"暂缓", "搁置", "delay"}, may: access.Claim, about: aboutFirstWord, run: (*Service).delay,
			usage: lang.Text{ZH: "暂缓 <客户> <日期> <原因>：在那天之前不催、不移出", EN: "delay <customer> <day> <reason>: leave it alone until then"}},
		{id: "extend", words: []string{"延长", "extend"}, may: access.Claim, about: aboutRest, run: (*Service).extend,
			usage: lang.Text{ZH: "延长 <客户>：收到跟进提醒后，延长跟进时间", EN: "extend <customer>: more time after a reminder"}},
	}
}

func ownerActions() []action {
	all := []action{
		{cards.KindWarning, cards.ActionExtend, (*Service).extendClick},
		{cards.KindWarning, cards.ActionHandOver, (*Service).handOverClick},
		{cards.KindWarning, cards.ActionDelay, (*Service).delayClick},
		{cards.KindOffer, cards.ActionAccept, (*Service).acceptClick},
		{cards.KindOffer, cards.ActionDecline, (*Service).declineClick},
	}
	for _, id := range cards.PickActions {
		all = append(all, action{cards.KindDecision, id, (*Service).decideClick})
	}
	return all
}

// person finds the one whom a text names, by name or id; no says why there is not one.
func (s *Service) person(l lang.Language, text string) (found access.Person, no string) {
	text = strings.TrimFunc(text, around)
	text = strings.TrimPrefix(text, "@")
	if text == "" {
		return found, l.Say("交给谁？请在最后写上姓名。", "To whom? Write the name last.")
	}
	var like []string
	for _, p := range s.People.All() {
		switch {
		case p.Name == text || p.ID == text || newTyped(p.Name).text() == newTyped(text).text():
			if found.ID != "" {
				return access.Person{}, l.Sayf("有几个人叫%s，请写工号：%s、%s。", "Several are called %s; write the id: %s, %s.", text, found.ID, p.ID)
			}
			found = p
		case strings.Contains(p.Name, text):
			like = append(like, p.Name)
		}
	}
	if found.ID == "" && len(like) > 0 {
		return found, l.Sayf("没有叫“%s”的同事，是不是：%s？", "Nobody is called “%s”; do you mean %s?", bots.CutRunes(text, 20), strings.Join(like[:min(5, len(like))], "、"))
	}
	if found.ID == "" {
		return found, l.Sayf("人员名单里没有“%s”。", "Nobody is called “%s”.", bots.CutRunes(text, 20))
	}
	return found, ""
}

func (s *Service) handOver(ctx context.Context, q question) (reply, error) {
	to, _, no := s.personIn(q.who.Language, q.rest)
	if no != "" {
		return said(no), nil
	}
	text, err := s.handOverTo(ctx, q.who, q.customer, to, string(q.from.platform))
	return said(text), err
}

// handOverTo gives an owner's customer to a colleague, and says what came of it.
func (s *Service) handOverTo(ctx context.Context, who access.Person, c customer.Customer, to access.Person, via string) (string, error) {
	l := who.Language
	if to.ID == who.ID {
		return l.Say("这已经是你自己了。", "That is you."), nil
	}
	after, asked, err := s.Claims.HandOver(ctx, c.ID, to, who, via)
	if err != nil {
		r, err := s.cannotGo(who, c, to, err)
		return r.text, err
	}
	if err := s.Outgoing.Carry(ctx, after.ID); err != nil {
		return "", err
	}
	if asked {
		return l.Sayf("已请 %s 接手 %s，对方同意前仍由你负责。", "%s is asked to take %s over; it stays yours until then.", to.Name, cards.Name(c)), nil
	}
	return l.Sayf("%s 已转交给 %s。", "%s is now %s's.", cards.Name(c), to.Name), nil
}

// cannotGo says why a customer cannot go to somebody; other errors stay errors.
func (s *Service) cannotGo(who access.Person, c customer.Customer, to access.Person, err error) (reply, error) {
	l, name := who.Language, cards.Name(c)
	switch {
	case errors.Is(err, assign.ErrNotManager):
		return said(l.Say("只有主管可以分配客户。", "Only managers assign customers.")), nil
	case errors.Is(err, assign.ErrNotOwner):
		return said(l.Sayf("%s 不在你名下，只有负责人可以转交。", "%s is not yours; only its owner hands it over.", name)), nil
	case errors.Is(err, assign.ErrCannotOwn):
		return said(l.Sayf("%s 不能持有客户。", "%s cannot own customers.", to.Name)), nil
	case errors.Is(err, store.ErrHoldingFull):
		return said(l.Sayf("%s 名下的客户已满（最多 %d 个）。", "%s owns %d customers, as many as allowed.", to.Name, to.Holding)), nil
	case errors.Is(err, assign.ErrOver):
		return said(l.Say("情况已变化，这张卡片不再有效。", "Things have changed; this card is over.")), nil
	}
	if text, is := s.refusal(err, who); is {
		return said(text), nil
	}
	return reply{}, err
}

func (s *Service) delay(ctx context.Context, q question) (reply, error) {
	day, why := firstWord(q.rest)
	text, err := s.delayTo(ctx, q.who, q.customer, day, why)
	return said(text), err
}

// delayTo puts a customer off, and says what came of it.
func (s *Service) delayTo(ctx context.Context, who access.Person, c customer.Customer, day, why string) (string, error) {
	l := who.Language
	until, ok := parseDay(strings.TrimFunc(day, around), s.Now(), s.Zone)
	if !ok {
		return l.Sayf("请写成：暂缓 %s <日期> <原因>，日期如 3月20日、下周一、两周后。", "Write: delay %s <day> <reason>, the day like 2026-03-20.", cards.Name(c)), nil
	}
	after, err := s.Claims.Delay(ctx, c.ID, until, bots.CutRunes(why, 200), who)
	var long *assign.TooLongError
	switch {
	case errors.Is(err, assign.ErrNoReason):
		return l.Sayf("请写上原因：暂缓 %s %s <原因>", "Write a reason: delay %s %s <reason>", cards.Name(c), day), nil
	case errors.As(err, &long):
		return l.Sayf("这个日期不行：要在今天之后，最多暂缓 %d 天。", "That day is past, or too far away: a customer is put off by at most %d days.", long.Days), nil
	case errors.Is(err, assign.ErrNoMore):
		return l.Say("这个客户已经暂缓过，跟进之后才能再暂缓。", "It was put off before; work on it first."), nil
	case errors.Is(err, assign.ErrNotOwner):
		return l.Say("只有负责人或主管可以暂缓。", "Only the owner or a manager may do that."), nil
	case err != nil:
		return "", err
	}
	if err := s.Outgoing.Carry(ctx, after.ID); err != nil {
		return "", err
	}
	return l.Sayf("%s 已暂缓到 %s，并告知主管。", "%s is left alone until %s; managers are told.", cards.Name(c), until.In(s.Zone).Format("1月2日")), nil
}

func (s *Service) extend(ctx context.Context, q question) (reply, error) {
	text, err := s.extendFor(ctx, q.who, q.customer.ID, 0)
	return said(text), err
}

func (s *Service) extendFor(ctx context.Context, who access.Person, id string, episode int) (string, error) {
	l := who.Language
	c, err := s.Claims.Extend(ctx, id, episode, who)
	switch {
	case errors.Is(err, assign.ErrNoMore):
		return l.Say("延长次数已用完，请跟进、转交或暂缓。", "It cannot be extended again."), nil
	case errors.Is(err, assign.ErrNoClock), errors.Is(err, assign.ErrOver):
		return l.Say("现在没有需要延长的跟进提醒。", "There is no reminder to extend."), nil
	case errors.Is(err, assign.ErrNotOwner):
		return l.Say("只有负责人或主管可以延长。", "Only the owner or a manager may do that."), nil
	case err != nil:
		return "", err
	}
	if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
		return "", err
	}
	if c.Clock.MoveAt.IsZero() {
		return l.Say("已延长。", "Extended."), nil
	}
	return l.Sayf("已延长，%s 前请跟进。", "Extended; work on it before %s.", s.Cards.When(c.Clock.MoveAt)), nil
}

// onCard answers a click with a short line and the card as it now is.
func (s *Service) onCard(ctx context.Context, p press, toast string) (bots.Answer, error) {
	d, err := s.Records.Delivery(ctx, p.delivery.ID)
	if err != nil {
		return bots.Answer{}, fmt.Errorf("card %s: %w", p.delivery.ID, err)
	}
	return bots.Answer{Card: d.Card, Toast: toast}, nil
}

func (s *Service) extendClick(ctx context.Context, p press) (bots.Answer, error) {
	episode, ok := dispatch.WarningOf(p.delivery.Customer, p.delivery.ID)
	if !ok {
		return p.void(), nil
	}
	text, err := s.extendFor(ctx, p.who, p.delivery.Customer, episode)
	if err != nil {
		return bots.Answer{}, err
	}
	return s.onCard(ctx, p, text)
}

func (s *Service) handOverClick(ctx context.Context, p press) (bots.Answer, error) {
	to, no := s.person(p.who.Language, p.click.Inputs[cards.InputTo])
	if no != "" {
		return p.toast(no), nil
	}
	return s.aboutCustomer(ctx, p, func(c customer.Customer) (string, error) {
		return s.handOverTo(ctx, p.who, c, to, string(p.in.Platform))
	})
}

func (s *Service) delayClick(ctx context.Context, p press) (bots.Answer, error) {
	return s.aboutCustomer(ctx, p, func(c customer.Customer) (string, error) {
		return s.delayTo(ctx, p.who, c, p.click.Inputs[cards.InputUntil], p.click.Inputs[cards.InputWhy])
	})
}

// aboutCustomer does something with the customer of a card, and answers with what came of it.
func (s *Service) aboutCustomer(ctx context.Context, p press, do func(c customer.Customer) (string, error)) (bots.Answer, error) {
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	text, err := do(c)
	if err != nil {
		return bots.Answer{}, err
	}
	return s.onCard(ctx, p, text)
}

func (s *Service) acceptClick(ctx context.Context, p press) (bots.Answer, error) {
	return s.answerOffer(ctx, p, p.say("已由你接手", "It is yours now"), func(id string, round, n int) (customer.Customer, error) {
		return s.Claims.Accept(ctx, id, round, n, p.who, string(p.in.Platform))
	})
}

func (s *Service) declineClick(ctx context.Context, p press) (bots.Answer, error) {
	return s.answerOffer(ctx, p, p.say("好的，不接", "All right"), func(id string, round, n int) (customer.Customer, error) {
		return s.Claims.Decline(ctx, id, round, n, p.who)
	})
}

func (s *Service) answerOffer(ctx context.Context, p press, toast string, do func(id string, round, n int) (customer.Customer, error)) (bots.Answer, error) {
	round, n, ok := dispatch.OfferOf(p.delivery.Customer, p.delivery.ID)
	if !ok {
		return p.void(), nil
	}
	c, err := do(p.delivery.Customer, round, n)
	if err != nil {
		r, err := s.cannotGo(p.who, c, p.who, err)
		if err != nil {
			return bots.Answer{}, err
		}
		return s.onCard(ctx, p, r.text)
	}
	if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
		return bots.Answer{}, err
	}
	return s.onCard(ctx, p, toast)
}

// decideClick gives a waiting customer to the person whose button a manager pressed.
func (s *Service) decideClick(ctx context.Context, p press) (bots.Answer, error) {
	round, ok := dispatch.RoundOf(p.delivery.Customer, p.delivery.ID)
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil || !ok {
		return p.void(), err
	}
	to := ""
	for i, id := range cards.PickActions {
		if id == p.click.Action && i < len(c.Waiting.Choices) {
			to = c.Waiting.Choices[i].Person
		}
	}
	if to == "" { // somebody has it by now, or the choice has changed
		if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
			return bots.Answer{}, err
		}
		return s.onCard(ctx, p, "")
	}
	who, _ := s.People.ByID(to)
	after, err := s.Claims.Choose(ctx, c.ID, round, to, p.who, string(p.in.Platform))
	if err != nil {
		r, err := s.cannotGo(p.who, c, who, err)
		if err != nil {
			return bots.Answer{}, err
		}
		return s.onCard(ctx, p, r.text)
	}
	if err := s.Outgoing.Carry(ctx, after.ID); err != nil {
		return bots.Answer{}, err
	}
	return s.onCard(ctx, p, p.sayf("已分配给 %s", "Given to %s", who.Name))
}
