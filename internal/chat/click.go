package chat

import (
	"context"
	"errors"
	"fmt"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// click does what a button says. Who clicked is looked up now, and the card must have been made for them: nothing in the click is believed but the
// platform's user id and the card's id.
func (s *Service) click(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	k := in.Click
	d, err := s.delivered(ctx, k.Card)
	if err != nil {
		return bots.Answer{Toast: lang.Chinese.Say("这张卡片已失效", "This card is no longer valid")}, err
	}
	if k.Code != "" && k.Card == delivery.MessageID(d.ID, d.Replaced) { // that of an older card would not fit the present one
		if err := s.Records.AddCode(ctx, d.ID, k.Code); err != nil {
			return bots.Answer{}, fmt.Errorf("keep the card's code: %w", err)
		}
	}
	who, known := s.People.ByPlatform(string(in.Platform), k.From)
	p := press{in: in, click: k, delivery: d, who: who}
	if !known || !audience(d, in.Platform, k.From) {
		a := p.toast(p.say("这张卡片不是发给你的", "This card was not sent to you"))
		return a, s.log(ctx, in, who, showing{command: cards.LoggedClick + k.Action, note: a.Toast})
	}
	a, err := s.pressed(ctx, p)
	if err != nil {
		return a, err
	}
	x, err := s.clicked(ctx, p, a)
	if err == nil {
		err = s.log(ctx, in, who, x)
	}
	if err != nil {
		return bots.Answer{}, err
	}
	return a, nil
}

// pressed does what the button says.
func (s *Service) pressed(ctx context.Context, p press) (bots.Answer, error) {
	for _, a := range actions() {
		if (a.kind == p.delivery.Kind || a.kind == "") && a.id == p.click.Action {
			if ask, ok := p.askInPlace(); ok {
				return ask, s.openForm(ctx, p, *ask.Ask)
			}
			if err := s.closeForm(ctx, p); err != nil {
				return bots.Answer{}, err
			}
			if asked, err := s.askInput(ctx, p); asked || err != nil {
				return bots.Answer{Toast: p.say("请在聊天里回复", "Please reply in the chat")}, err
			}
			return a.run(s, ctx, p)
		}
	}
	return p.void(), nil
}

// press is a pressed button, by somebody for whom the card was made.
type press struct {
	in       bots.Incoming
	click    *bots.Click
	delivery delivery.Delivery
	who      access.Person
}

func (p press) say(zh, en string) string { return p.who.Language.Say(zh, en) }

func (p press) sayf(zh, en string, args ...any) string { return p.who.Language.Sayf(zh, en, args...) }

func (p press) toast(text string) bots.Answer { return bots.Answer{Toast: text} }

// void answers a button that is no more.
func (p press) void() bots.Answer {
	return p.toast(p.say("这个按钮已失效", "This button is no longer valid"))
}

// action is what a button of a kind of card does. A new one is a line in the table, and its function in a file of its topic.
type action struct {
	kind string // of the card; "" for any
	id   string
	run  func(s *Service, ctx context.Context, p press) (bots.Answer, error)
}

func actions() []action {
	all := []action{
		{cards.KindLead, cards.ActionClaim, (*Service).claim},
		{cards.KindTask, cards.ActionDone, (*Service).done},
		{cards.KindTask, cards.ActionRelease, (*Service).release},
		{cards.KindTask, cards.ActionGood, (*Service).judged},
		{cards.KindTask, cards.ActionBad, (*Service).judged},
		{cards.KindLead, cards.ActionPass, (*Service).pass},
		{cards.KindLead, cards.ActionDetail, (*Service).detail},
		{cards.KindTier, cards.ActionDetail, (*Service).detail},
		{cards.KindTop, cards.ActionMine, (*Service).mineClick},
		{cards.KindApproval, cards.ActionAgree, (*Service).decide},
		{cards.KindApproval, cards.ActionReject, (*Service).decide},
		{"", cards.ActionWhy, (*Service).why},
		{cards.KindList, cards.ActionNext, (*Service).turn},
		{cards.KindConfirm, cards.ActionConfirm, (*Service).dialogClick},
		{cards.KindConfirm, cards.ActionCancel, (*Service).dialogClick},
	}
	all = append(all, taskActions()...)
	all = append(all, alertActions()...)
	for _, id := range cards.PickActions {
		all = append(all, action{cards.KindChoice, id, (*Service).dialogClick})
	}
	all = append(all, ownerActions()...)
	for id := range answers {
		all = append(all, action{cards.KindMerge, id, (*Service).answer})
	}
	return all
}

// askInput asks in chat for what the button needs and the platform could not ask. It reports whether something is missing.
func (s *Service) askInput(ctx context.Context, p press) (bool, error) {
	input, missing := p.missing()
	if !missing {
		return false, nil
	}
	q := s.question(p.in, p.who)
	return true, s.respond(ctx, p.in, q, reply{
		text: p.sayf("请直接回复：%s", "Please reply: %s", input.Label),
		dialog: &dialog{
			Asks: asksInput, Card: p.click.Card, Action: p.click.Action, Inputs: p.click.Inputs, Input: input.ID, Until: q.at.Add(inputFor),
		},
	})
}

// askInPlace lets the clicked card itself ask for what is missing, where the platform can.
func (p press) askInPlace() (bots.Answer, bool) {
	action := p.action()
	if !p.in.Platform.AsksInPlace() || len(action.Missing(p.click.Inputs)) == 0 {
		return bots.Answer{}, false
	}
	return bots.Answer{Ask: &action, Card: p.delivery.Card}, true
}

// action is the pressed button as the card has it; the zero one where the card is closed or has another by now.
func (p press) action() bots.Action {
	if p.delivery.Card == nil {
		return bots.Action{}
	}
	a, _ := p.delivery.Card.Action(p.click.Action)
	return a
}

// missing is the first input of the pressed button that it cannot do without and that did not come with it.
func (p press) missing() (bots.Input, bool) {
	missing := p.action().Missing(p.click.Inputs)
	if len(missing) == 0 {
		return bots.Input{}, false
	}
	return missing[0], true
}

// claim makes the clicker the owner, or tells who is.
func (s *Service) claim(ctx context.Context, p press) (bots.Answer, error) {
	if card := p.delivery.Card; card != nil && !card.Live() {
		over, err := s.over(ctx, p.delivery)
		if over || err != nil {
			return bots.Answer{Card: card, Toast: p.say("这张卡片已失效", "This card is no longer valid")}, err
		}
	}
	c, err := s.Claims.Claim(ctx, p.delivery.Customer, p.who, string(p.in.Platform))
	if err == nil {
		if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
			return bots.Answer{}, err
		}
		return s.leadAnswer(c, p, p.say("领取成功，请尽快联系客户", "It is yours; please contact the customer soon")), nil
	}
	text, refused := s.refusal(err, p.who)
	if !refused {
		return bots.Answer{}, err
	}
	if errors.Is(err, assign.ErrTaken) {
		return s.leadAnswer(c, p, text), nil
	}
	return p.toast(text), s.private(ctx, p.in, p.click.From, text)
}

// over reports whether a closed lead card belongs to an offer that has ended, although the customer is free: claiming by it, or doing an old click again after a crash,
// would undo what people decided since. There is another card where the customer is offered now.
func (s *Service) over(ctx context.Context, d delivery.Delivery) (bool, error) {
	c, err := s.Records.Customer(ctx, d.Customer)
	if err != nil {
		return false, fmt.Errorf("customer of card %s: %w", d.ID, err)
	}
	return c.Owner == "", nil
}

// leadAnswer shows everybody's copy of the card anew, so it tells no more than each of them may know.
func (s *Service) leadAnswer(c customer.Customer, p press, toast string) bots.Answer {
	card := s.Cards.In(p.who.Language).For(dispatch.Sight(s.People, s.Pools(), p.delivery, c)).Lead(c, s.name(c.Owner))
	return bots.Answer{Card: &card, Toast: toast}
}

// refusal says in the person's words why a claim was refused; refused is false for errors that are no refusal.
func (s *Service) refusal(err error, who access.Person) (text string, refused bool) {
	var taken *assign.TakenError
	var later *assign.LaterError
	l, when := who.Language, s.Cards.In(who.Language).When
	switch {
	case errors.As(err, &taken):
		return l.Sayf("已被 %s 领取", "Claimed by %s", s.name(taken.Owner)), true
	case errors.As(err, &later) && errors.Is(err, assign.ErrFormer):
		return l.Sayf("你退回过这个客户，%s 之后才能再领取", "You gave this customer back; you can claim it again from %s", when(later.From)), true
	case errors.As(err, &later) && errors.Is(err, assign.ErrCooling):
		return l.Sayf("这个客户刚移回公海，%s 之后才能领取", "This customer has just gone back to its pool; it can be claimed from %s", when(later.From)), true
	case errors.As(err, &later):
		return l.Sayf("新线索锁定中，%s 之后可以领取", "This new lead is locked until %s", when(later.From)), true
	case errors.Is(err, store.ErrDailySpent):
		return l.Sayf("今天的领取额度已用完（每天 %d 个），明天再来", "You have claimed your %d of today; come back tomorrow", who.Daily), true
	case errors.Is(err, store.ErrHoldingFull):
		return l.Sayf("你名下的客户已满（最多 %d 个），先退回或成交一些再领取", "You own %d customers, as many as you may; give some back or close them first", who.Holding), true
	case errors.Is(err, assign.ErrViewsSpent):
		return l.Sayf("今天已查看 %d 个公海客户，达到上限；领取的客户不受限，其他的明天再看", "You have looked at %d customers of pools today, as many as you may; what you claim does not count", who.Views), true
	case errors.Is(err, assign.ErrNotMember):
		return l.Say("这个线索池只对所属团队开放", "This pool is open to its own team only"), true
	case errors.Is(err, assign.ErrNotOpen):
		return l.Say("这个客户现在不能领取", "This customer cannot be claimed now"), true
	case errors.Is(err, assign.ErrNotOwner):
		return l.Say("只有负责人或主管可以退回客户", "Only the owner or a manager can give the customer back"), true
	default:
		return "", false
	}
}

func (s *Service) taskAnswer(ctx context.Context, p press, t followup.Task, toast string) (bots.Answer, error) {
	if err := s.Outgoing.ShowTask(ctx, t); err != nil {
		return bots.Answer{}, err
	}
	c, err := s.Records.Customer(ctx, t.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	card := s.Cards.In(p.who.Language).Task(t, c)
	return bots.Answer{Card: &card, Toast: toast}, nil
}

// release gives the customer back; the tasks that end by it are shown by the customer's effects.
func (s *Service) release(ctx context.Context, p press) (bots.Answer, error) {
	t, err := s.Tasks.Task(ctx, p.delivery.Task)
	if err != nil {
		return bots.Answer{}, err
	}
	toast := ""
	if t.State == followup.Open {
		if toast, err = s.releaseFor(ctx, t, p); err != nil {
			return bots.Answer{}, err
		}
		if t, err = s.Tasks.Task(ctx, p.delivery.Task); err != nil {
			return bots.Answer{}, err
		}
	}
	if t.State == followup.Cancelled {
		toast = p.say("已退回公海", "Given back to the pool")
	}
	return s.taskAnswer(ctx, p, t, toast)
}

// releaseFor gives the customer of an open task back and returns what to tell. A task from an earlier ownership gives nothing back: the click was done before a crash, and
// somebody has claimed the customer since.
func (s *Service) releaseFor(ctx context.Context, t followup.Task, p press) (toast string, err error) {
	c, err := s.Records.Customer(ctx, t.Customer)
	if err != nil {
		return "", fmt.Errorf("customer of task %s: %w", t.ID, err)
	}
	if c.Owner != "" && !t.Created.Before(c.OwnedAt) {
		_, err = s.Claims.Release(ctx, c.ID, p.who, string(p.in.Platform))
		if errors.Is(err, assign.ErrNotOwner) {
			toast, _ = s.refusal(err, p.who)
			err = nil
		}
	}
	if err != nil {
		return "", err
	}
	return toast, s.Outgoing.Carry(ctx, c.ID)
}

func (s *Service) why(ctx context.Context, p press) (bots.Answer, error) {
	if !p.who.May(access.SeeBasis) {
		return p.toast(p.say("你没有查看评分依据的权限", "You may not see the reasons of scores")), nil
	}
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	sight := s.sees([]access.Person{p.who}, c)
	if !sight.Basis {
		return p.toast(notConcerned(p.who.Language, c)), nil
	}
	q := s.question(p.in, p.who)
	q.customer = c
	if no, err := s.viewed(ctx, q); no != "" || err != nil {
		return p.toast(no), err
	}
	x := showing{command: cards.LoggedClick + p.click.Action, sight: sight, customers: []string{c.ID}}
	if err := s.log(ctx, p.in, p.who, x); err != nil {
		return bots.Answer{}, err
	}
	return bots.Answer{}, s.private(ctx, p.in, p.click.From, s.Cards.In(p.who.Language).For(sight).Why(c))
}

// Standing is the answer to a click that was taken in before: the card as it is wished to be now, without doing anything.
func (s *Service) Standing(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	d, err := s.Records.Delivery(ctx, delivery.IDOf(in.Click.Card))
	if errors.Is(err, store.ErrNotFound) {
		return bots.Answer{}, nil
	}
	if err != nil || !audience(d, in.Platform, in.Click.From) {
		return bots.Answer{}, err
	}
	return bots.Answer{Card: d.Card}, nil
}

// Refused says to somebody in their words why something was refused that they wanted to do; false for errors that are no refusal.
func (s *Service) Refused(err error, who access.Person) (text string, refused bool) {
	switch {
	case errors.Is(err, followup.ErrEnded):
		return who.Language.Say("这个任务已经结束", "This task has ended"), true
	case errors.Is(err, followup.ErrNotOwner):
		return who.Language.Say("这不是你的任务", "This is not your task"), true
	}
	return s.refusal(err, who)
}
