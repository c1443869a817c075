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
	"lingke/internal/store"
)

// click does what a button says. Who clicked is looked up now, and the card must have been made for them: nothing in the click is believed but the
// platform's user id and the card's id.
func (s *Service) click(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	k := in.Click
	d, err := s.delivered(ctx, k.Card)
	if err != nil {
		return bots.Answer{Toast: "这张卡片已失效"}, err
	}
	if k.Code != "" && k.Card == delivery.MessageID(d.ID, d.Replaced) { // that of an older card would not fit the present one
		if err := s.Records.AddCode(ctx, d.ID, k.Code); err != nil {
			return bots.Answer{}, fmt.Errorf("keep the card's code: %w", err)
		}
	}
	who, known := s.People.ByPlatform(string(in.Platform), k.From)
	if !known || !audience(d, in.Platform, k.From) {
		return bots.Answer{Toast: "这张卡片不是发给你的"}, nil
	}
	switch {
	case d.Kind == cards.KindLead && k.Action == cards.ActionClaim:
		return s.claim(ctx, in, d, who)
	case d.Kind == cards.KindTask && k.Action == cards.ActionDone:
		return s.done(ctx, d, who)
	case d.Kind == cards.KindTask && k.Action == cards.ActionRelease:
		return s.release(ctx, d, who, string(in.Platform))
	case d.Kind == cards.KindMerge:
		return s.answer(ctx, d, k.Action, who)
	case k.Action == cards.ActionWhy:
		return s.why(ctx, in, d.Customer, who)
	default:
		return bots.Answer{Toast: "这个按钮已失效"}, nil
	}
}

// claim makes the clicker the owner, or tells who is.
func (s *Service) claim(ctx context.Context, in bots.Incoming, d delivery.Delivery, who access.Person) (bots.Answer, error) {
	if d.Card != nil && !d.Card.Live() {
		over, err := s.over(ctx, d)
		if over || err != nil {
			return bots.Answer{Card: d.Card, Toast: "这张卡片已失效"}, err
		}
	}
	c, err := s.Claims.Claim(ctx, d.Customer, who, string(in.Platform))
	if err == nil {
		if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
			return bots.Answer{}, err
		}
		return s.leadAnswer(d, c, "领取成功，请尽快联系客户"), nil
	}
	text, refused := s.refusal(err, who)
	if !refused {
		return bots.Answer{}, err
	}
	if errors.Is(err, assign.ErrTaken) {
		return s.leadAnswer(d, c, text), nil
	}
	return bots.Answer{Toast: text}, s.private(ctx, in, in.Click.From, text)
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
func (s *Service) leadAnswer(d delivery.Delivery, c customer.Customer, toast string) bots.Answer {
	card := s.Cards.For(dispatch.Sight(s.People, s.Pools(), d, c)).Lead(c, s.name(c.Owner))
	return bots.Answer{Card: &card, Toast: toast}
}

// refusal says in the person's words why a claim was refused; refused is false for errors that are no refusal.
func (s *Service) refusal(err error, who access.Person) (text string, refused bool) {
	var taken *assign.TakenError
	var later *assign.LaterError
	switch {
	case errors.As(err, &taken):
		return "已被 " + s.name(taken.Owner) + " 领取", true
	case errors.As(err, &later) && errors.Is(err, assign.ErrFormer):
		return "你退回过这个客户，" + s.Cards.When(later.From) + " 之后才能再领取", true
	case errors.As(err, &later):
		return "新线索锁定中，" + s.Cards.When(later.From) + " 之后可以领取", true
	case errors.Is(err, store.ErrDailySpent):
		return fmt.Sprintf("今天的领取额度已用完（每天 %d 个），明天再来", who.Daily), true
	case errors.Is(err, store.ErrHoldingFull):
		return fmt.Sprintf("你名下的客户已满（最多 %d 个），先退回或成交一些再领取", who.Holding), true
	case errors.Is(err, assign.ErrNotMember):
		return "这个线索池只对所属团队开放", true
	case errors.Is(err, assign.ErrNotOpen):
		return "这个客户现在不能领取", true
	case errors.Is(err, assign.ErrNotOwner):
		return "只有负责人或主管可以退回客户", true
	default:
		return "", false
	}
}

func (s *Service) done(ctx context.Context, d delivery.Delivery, who access.Person) (bots.Answer, error) {
	t, err := s.Tasks.Complete(ctx, d.Task, who, "")
	toast := "已完成"
	switch {
	case errors.Is(err, followup.ErrEnded): // a second click: show how it stands
		toast = ""
	case errors.Is(err, followup.ErrNotOwner):
		return bots.Answer{Toast: "这不是你的任务"}, nil
	case err != nil:
		return bots.Answer{}, err
	}
	return s.taskAnswer(ctx, t, toast)
}

func (s *Service) taskAnswer(ctx context.Context, t followup.Task, toast string) (bots.Answer, error) {
	if err := s.Outgoing.ShowTask(ctx, t); err != nil {
		return bots.Answer{}, err
	}
	c, err := s.Records.Customer(ctx, t.Customer)
	if err != nil {
		return bots.Answer{}, err
	}
	card := s.Cards.Task(t, c)
	return bots.Answer{Card: &card, Toast: toast}, nil
}

// release gives the customer back; the tasks that end by it are shown by the customer's effects.
func (s *Service) release(ctx context.Context, d delivery.Delivery, who access.Person, via string) (bots.Answer, error) {
	t, err := s.Tasks.Task(ctx, d.Task)
	if err != nil {
		return bots.Answer{}, err
	}
	toast := ""
	if t.State == followup.Open {
		if toast, err = s.releaseFor(ctx, t, who, via); err != nil {
			return bots.Answer{}, err
		}
		if t, err = s.Tasks.Task(ctx, d.Task); err != nil {
			return bots.Answer{}, err
		}
	}
	if t.State == followup.Cancelled {
		toast = "已退回公海"
	}
	return s.taskAnswer(ctx, t, toast)
}

// releaseFor gives the customer of an open task back and returns what to tell. A task from an earlier ownership gives nothing back: the click was done before a crash, and
// somebody has claimed the customer since.
func (s *Service) releaseFor(ctx context.Context, t followup.Task, who access.Person, via string) (toast string, err error) {
	c, err := s.Records.Customer(ctx, t.Customer)
	if err != nil {
		return "", fmt.Errorf("customer of task %s: %w", t.ID, err)
	}
	if c.Owner != "" && !t.Created.Before(c.OwnedAt) {
		_, err = s.Claims.Release(ctx, c.ID, who, via)
		if errors.Is(err, assign.ErrNotOwner) {
			toast, err = "只有负责人或主管可以退回客户", nil
		}
	}
	if err != nil {
		return "", err
	}
	return toast, s.Outgoing.Carry(ctx, c.ID)
}

func (s *Service) why(ctx context.Context, in bots.Incoming, id string, who access.Person) (bots.Answer, error) {
	if !who.May(access.SeeBasis) {
		return bots.Answer{Toast: "你没有查看评分依据的权限"}, nil
	}
	c, err := s.Records.Customer(ctx, id)
	if err != nil {
		return bots.Answer{}, err
	}
	sight := s.sees([]access.Person{who}, c)
	if !sight.Basis {
		return bots.Answer{Toast: notConcerned(c)}, nil
	}
	return bots.Answer{}, s.private(ctx, in, in.Click.From, s.Cards.For(sight).Why(c))
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
