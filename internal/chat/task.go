package chat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

// tasking is what people do with their tasks.
func tasking() []command {
	return []command{
		{id: "finish", words: []string{"完成", "办完", "done"}, may: access.Claim, about: aboutFirstWord, run: (*Service).finish,
			usage: lang.Text{ZH: "完成 <客户> [结果]：完成这个客户最近到期的任务", EN: "done <customer> [result]: end the customer's next task"}},
		{id: "postpone", words: []string{"延期", "推迟", "延后", "延迟", "顺延", "postpone"}, may: access.Claim, about: aboutFirstWord, run: (*Service).postpone,
			usage: lang.Text{ZH: "延期 <客户> <时间> <原因>：推迟任务", EN: "postpone <customer> <time> <reason>: move a task"}},
		{id: "assist", words: []string{"求助", "支援", "assist"}, may: access.Claim, about: aboutFirstWord, run: (*Service).askHelp,
			usage: lang.Text{ZH: "求助 <客户> [说明]：请主管支援任务", EN: "assist <customer> [why]: ask the manager for help with a task"}},
		{id: "hand", words: []string{"转办", "hand"}, may: access.Claim, about: aboutAllButLast, run: (*Service).hand,
			usage: lang.Text{ZH: "转办 <客户> <同事>：把任务转给同事", EN: "hand <customer> <colleague>: give a task to a colleague"}},
	}
}

// taskActions are the buttons of a task's card, and of one that tells managers of it.
func taskActions() []action {
	return []action{
		{cards.KindTask, cards.ActionProgress, (*Service).progress},
		{cards.KindTask, cards.ActionPostpone, (*Service).postponeClick},
		{cards.KindTask, cards.ActionHelp, (*Service).helpClick},
		{cards.KindTask, cards.ActionHand, (*Service).handClick},
		{cards.KindTask, cards.ActionResponded, (*Service).responded},
		{cards.KindTask, cards.ActionCause, (*Service).pickCause},
		{cards.KindConcern, cards.ActionUrge, (*Service).urge},
		{cards.KindConcern, cards.ActionTake, (*Service).takeTask},
		{cards.KindConcern, cards.ActionHand, (*Service).handClick},
	}
}

// input is what the person told with a button.
func (p press) input(id string) string { return strings.TrimSpace(p.click.Inputs[id]) }

// done completes a task. The result, if one was told, is kept with the customer as well.
func (s *Service) done(ctx context.Context, p press) (bots.Answer, error) {
	t, err := s.complete(ctx, p.delivery.Task, p.who, p.input(cards.InputResult), replyID(p.in.ID), actedAt(p.in, s.Now()))
	switch {
	case errors.Is(err, followup.ErrEnded): // a second click: show how it stands
		return s.taskAnswer(ctx, p, t, "")
	case err != nil:
		return s.taskRefusal(ctx, p, t, err)
	}
	return s.taskAnswer(ctx, p, t, p.say("已完成", "Done"))
}

// complete ends a task and keeps what came of it among what the customer's people noted, under an id and as of an instant that are the same at every attempt.
func (s *Service) complete(ctx context.Context, id string, who access.Person, result, note string, at time.Time) (followup.Task, error) {
	result = bots.Cut(result, 1000)
	t, err := s.Tasks.Complete(ctx, id, who, result)
	if err != nil && (!errors.Is(err, followup.ErrEnded) || t.State != followup.Done || t.Result != result) {
		return t, err
	}
	text := who.Language.Sayf("完成任务：%s", "Task done: %s", t.In(who.Language).Title)
	if result != "" {
		text = who.Language.Sayf("%s，%s", "%s, %s", text, result)
	}
	return t, errors.Join(err, s.noteTask(ctx, t, who, text, note, at))
}

// noteTask keeps with a task's customer what somebody did.
func (s *Service) noteTask(ctx context.Context, t followup.Task, who access.Person, text, note string, at time.Time) error {
	c, err := s.Records.Customer(ctx, t.Customer)
	if err != nil || len(c.Records) == 0 {
		return err
	}
	return s.Notes.Note(ctx, customer.Activity{
		ID: customer.NewRef("chat", note), Customer: c.Records[0].Ref, Type: "note", Text: bots.Cut(text, 2000), By: who.ID, At: at, ModifiedAt: at,
	})
}

// taskRefusal says why a task is not changed as asked; errors that are no refusal are returned.
func (s *Service) taskRefusal(ctx context.Context, p press, t followup.Task, err error) (bots.Answer, error) {
	text, refused := s.taskRefused(p.who.Language, err)
	switch {
	case errors.Is(err, followup.ErrEnded):
		return s.taskAnswer(ctx, p, t, text)
	case refused:
		return p.toast(text), nil
	}
	return bots.Answer{}, err
}

func (s *Service) taskRefused(l lang.Language, err error) (text string, refused bool) {
	var limit *followup.LimitError
	switch {
	case errors.As(err, &limit) && errors.Is(err, followup.ErrTooOften):
		return l.Sayf("最多延期 %d 次，请完成任务或求助主管", "Postponing is over (at most %d); please end it or ask for help", limit.Times), true
	case errors.As(err, &limit):
		return l.Sayf("最晚只能延到 %s", "It may be due by %s at the latest", s.Cards.In(l).When(limit.Latest)), true
	case errors.Is(err, followup.ErrNotOwner):
		return l.Say("这不是你的任务", "This is not your task"), true
	case errors.Is(err, followup.ErrEnded):
		return l.Say("这个任务已经结束", "This task has ended"), true
	case errors.Is(err, followup.ErrNoReason):
		return l.Say("请写上延期的原因", "Please give a reason"), true
	case errors.Is(err, followup.ErrEarlier):
		return l.Say("这个时间不晚于现在的到期时间", "It is due then already"), true
	case errors.Is(err, followup.ErrRecipient):
		return l.Say("这位同事不能接任务，请换一位销售或主管", "This colleague cannot take tasks; please name a rep or a manager"), true
	}
	return "", false
}

// progress keeps how a task goes.
func (s *Service) progress(ctx context.Context, p press) (bots.Answer, error) {
	text, at := p.input(cards.InputResult), actedAt(p.in, s.Now())
	t, err := s.Tasks.Note(ctx, p.delivery.Task, p.who, text, at)
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	if err := s.noteTask(ctx, t, p.who, text, replyID(p.in.ID), at); err != nil {
		return bots.Answer{}, err
	}
	return s.taskAnswer(ctx, p, t, p.say("已记录", "Noted"))
}

// postponeClick moves a task by the workdays that were chosen, or one where the platform could not ask.
func (s *Service) postponeClick(ctx context.Context, p press) (bots.Answer, error) {
	days := p.input(cards.InputDays)
	if days == "" {
		days = "1"
	}
	by, err := calendar.ParseSpan(days + " workdays")
	if err != nil {
		return p.void(), nil //nolint:nilerr // no choice of the card
	}
	t, err := s.Tasks.Postpone(ctx, p.delivery.Task, p.who, by, bots.Cut(p.input(cards.InputReason), 500), actedAt(p.in, s.Now()))
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	return s.taskAnswer(ctx, p, t, p.sayf("已延期到 %s", "Postponed to %s", s.Cards.In(p.who.Language).When(t.Due)))
}

func (s *Service) helpClick(ctx context.Context, p press) (bots.Answer, error) {
	t, err := s.Tasks.Help(ctx, p.delivery.Task, p.who, actedAt(p.in, s.Now()))
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	if err := s.Outgoing.AskHelp(ctx, t); err != nil {
		return bots.Answer{}, err
	}
	return s.taskAnswer(ctx, p, t, p.say("已通知主管", "The manager is told"))
}

func (s *Service) handClick(ctx context.Context, p press) (bots.Answer, error) {
	to, known := s.colleague(p.input(cards.InputTo))
	if !known {
		return p.toast(p.say("没有找到这位同事，请写姓名", "Nobody is called that; please write the name")), nil
	}
	t, err := s.Tasks.Hand(ctx, p.delivery.Task, p.who, to)
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	if err := s.Outgoing.ShowTask(ctx, t); err != nil {
		return bots.Answer{}, err
	}
	toast := p.sayf("已转给 %s", "Handed to %s", to.Name)
	if p.delivery.Kind == cards.KindConcern {
		return s.attended(ctx, p, toast)
	}
	c, err := s.Records.Customer(ctx, t.Customer)
	card := s.Cards.In(p.who.Language).Passed(t, c, to.Name)
	return bots.Answer{Card: &card, Toast: toast}, err
}

// colleague finds a person by name or id.
func (s *Service) colleague(name string) (access.Person, bool) {
	all := s.People.All()
	i := slices.IndexFunc(all, func(p access.Person) bool { return name != "" && (p.Name == name || p.ID == name) })
	if i < 0 {
		return access.Person{}, false
	}
	return all[i], true
}

// urge reminds the owner of a task that a manager waits.
func (s *Service) urge(ctx context.Context, p press) (bots.Answer, error) {
	t, err := s.Tasks.Task(ctx, p.delivery.Task)
	if err != nil {
		return bots.Answer{}, err
	}
	if t.State != followup.Open {
		return s.attended(ctx, p, p.say("任务已经结束", "The task has ended"))
	}
	if err := s.Outgoing.Urge(ctx, replyID(p.in.ID), t, p.who.Name); err != nil {
		return bots.Answer{}, err
	}
	return s.attended(ctx, p, p.sayf("已催办 %s", "%s was reminded", s.name(t.Owner)))
}

// takeTask gives a task to the manager who pressed.
func (s *Service) takeTask(ctx context.Context, p press) (bots.Answer, error) {
	t, err := s.Tasks.Hand(ctx, p.delivery.Task, p.who, p.who)
	if errors.Is(err, followup.ErrEnded) {
		return s.attended(ctx, p, p.say("任务已经结束", "The task has ended"))
	}
	if err == nil {
		err = s.Outgoing.ShowTask(ctx, t)
	}
	if err != nil {
		return s.taskRefusal(ctx, p, t, err)
	}
	return s.attended(ctx, p, p.sayf("由 %s 处理", "%s sees to it", p.who.Name))
}

// attended closes a manager's card.
func (s *Service) attended(ctx context.Context, p press, what string) (bots.Answer, error) {
	d := p.delivery
	if d.Card == nil || !d.Card.Live() {
		return bots.Answer{Card: d.Card, Toast: what}, nil
	}
	card := cards.Closed(*d.Card, what)
	d.Card, d.Rev = &card, d.Rev+1
	return bots.Answer{Card: &card, Toast: what}, s.Outgoing.Change(ctx, d)
}

// theirs returns the open task that a command is about: the next due that the person has for the customer, or anybody has where a manager asks; none where there is
// no such task.
func (s *Service) theirs(ctx context.Context, q question) (t followup.Task, found bool, err error) {
	open, err := s.Tasks.OpenFor(ctx, q.customer.ID, q.who.ID)
	if err == nil && len(open) == 0 && q.who.May(access.Manage) {
		open, err = s.Tasks.OpenFor(ctx, q.customer.ID, "")
	}
	if err != nil || len(open) == 0 {
		return t, false, err
	}
	return open[0], true, nil
}

// none answers a command for which there is no open task: perhaps since it was done before a crash.
func (s *Service) none(ctx context.Context, q question) (reply, error) {
	since, err := s.Tasks.Since(ctx, q.customer.ID, q.who.ID, q.at)
	if err != nil {
		return reply{}, err
	}
	if len(since) > 0 {
		return s.taskReply(ctx, q, since[0], q.sayf("%s 的任务“%s”已处理。", "The task “%[2]s” of %[1]s is settled.", cards.Name(q.customer), since[0].Title))
	}
	return said(q.sayf("你没有 %s 的待办任务。", "You have no open task for %s.", cards.Name(q.customer))), nil
}

// taskReply answers once a task's card is in step.
func (s *Service) taskReply(ctx context.Context, _ question, t followup.Task, text string) (reply, error) {
	return said(text), s.Outgoing.ShowTask(ctx, t)
}

func (s *Service) refused(q question, err error) (reply, error) {
	if text, refused := s.taskRefused(q.who.Language, err); refused {
		return said(q.sayf("%s。", "%s.", text)), nil
	}
	return reply{}, err
}

// finish answers 完成.
func (s *Service) finish(ctx context.Context, q question) (reply, error) {
	t, found, err := s.theirs(ctx, q)
	if err != nil || !found {
		if err == nil {
			return s.none(ctx, q)
		}
		return reply{}, err
	}
	if t, err = s.complete(ctx, t.ID, q.who, q.rest, q.id, q.at); err != nil {
		return s.refused(q, err)
	}
	text := q.sayf("已完成 %s 的任务“%s”。", "Done for %s: “%s”.", cards.Name(q.customer), t.In(q.who.Language).Title)
	if more, err := s.Tasks.OpenFor(ctx, q.customer.ID, t.Owner); err == nil && len(more) > 0 {
		text += q.sayf("还有 %d 个待办：%s。", " %d more to do: %s.", len(more), more[0].Title)
	}
	return s.taskReply(ctx, q, t, text)
}

// postpone answers 延期: 延期 华星机械 2个工作日 客户出差, or 到周五.
func (s *Service) postpone(ctx context.Context, q question) (reply, error) {
	to, reason, ok := s.later(q, q.rest)
	if !ok || reason == "" {
		return said(q.say("请写成：延期 <客户> <时间> <原因>，例如：延期 华星机械 2个工作日 客户出差、延期 华星机械 到周五 等合同", "Please write: postpone <customer> <time> <reason>, for example: postpone Huaxing 2d they travel")), nil
	}
	t, found, err := s.theirs(ctx, q)
	if err != nil || !found {
		if err == nil {
			return s.none(ctx, q)
		}
		return reply{}, err
	}
	if t, err = to(ctx, t.ID, bots.Cut(reason, 500)); err != nil {
		return s.refused(q, err)
	}
	return s.taskReply(ctx, q, t, q.sayf("%s 的任务“%s”已延期到 %s。", "The task “%[2]s” of %[1]s is postponed to %[3]s.", cards.Name(q.customer), t.In(q.who.Language).Title, s.cards(q).When(t.Due)))
}

// later reads by how much or until when a task is postponed, at the start of a text: 2个工作日, 两天, 到周五, 明天下午3点. What follows is the reason.
func (s *Service) later(q question, text string) (to func(ctx context.Context, task, reason string) (followup.Task, error), reason string, ok bool) {
	t, _ := newTyped(simplified(text)).trimmed().cutPrefix(untilWords)
	text = strings.TrimSpace(t.String())
	first, rest := firstWord(text)
	by := func(span calendar.Span) func(ctx context.Context, task, reason string) (followup.Task, error) {
		return func(ctx context.Context, task, reason string) (followup.Task, error) {
			return s.Tasks.Postpone(ctx, task, q.who, span, reason, q.at)
		}
	}
	if span, err := calendar.ParseSpan(first); err == nil {
		return by(span), reasonOf(rest), true
	}
	if span, rest, ok := calendar.ParseLasting(text); ok {
		return by(calendar.HoursSpan(span)), reasonOf(rest), true
	}
	if day, is := parseDay(strings.TrimFunc(first, around), q.at, s.Zone); is {
		return func(ctx context.Context, task, reason string) (followup.Task, error) {
			return s.Tasks.PostponeToDay(ctx, task, q.who, day, reason, q.at)
		}, reasonOf(rest), true
	}
	when, rest, ok := calendar.ParseWhen(text, q.at.In(s.Zone))
	return func(ctx context.Context, task, reason string) (followup.Task, error) {
		return s.Tasks.PostponeTo(ctx, task, q.who, when, reason, q.at)
	}, reasonOf(rest), ok
}

// reasonOf is a reason without the word that announces it.
func reasonOf(text string) string {
	t, _ := newTyped(text).trimmed().cutPrefix(reasonWords)
	return strings.TrimFunc(t.String(), blank)
}

// askHelp answers 求助.
func (s *Service) askHelp(ctx context.Context, q question) (reply, error) {
	t, found, err := s.theirs(ctx, q)
	if err != nil || !found {
		if err == nil {
			return s.none(ctx, q)
		}
		return reply{}, err
	}
	if q.rest != "" {
		note := q.sayf("求助：%s", "Help wanted: %s", bots.Cut(q.rest, 500))
		if t, err = s.Tasks.Note(ctx, t.ID, q.who, note, q.at); err != nil {
			return s.refused(q, err)
		}
	}
	if t, err = s.Tasks.Help(ctx, t.ID, q.who, q.at); err != nil {
		return s.refused(q, err)
	}
	if err := s.Outgoing.AskHelp(ctx, t); err != nil {
		return reply{}, err
	}
	return s.taskReply(ctx, q, t, q.sayf("已请主管支援 %s 的任务“%s”。", "The manager is asked to help with “%[2]s” of %[1]s.", cards.Name(q.customer), t.In(q.who.Language).Title))
}

// hand answers 转办.
func (s *Service) hand(ctx context.Context, q question) (reply, error) {
	to, known := s.colleague(q.rest)
	if !known {
		return said(q.sayf("没有找到同事“%s”。请写成：转办 <客户> <同事>", "Nobody is called “%s”. Please write: hand <customer> <colleague>", bots.CutRunes(q.rest, 20))), nil
	}
	t, found, err := s.theirs(ctx, q)
	if err != nil || !found {
		if err == nil {
			return s.none(ctx, q)
		}
		return reply{}, err
	}
	if t, err = s.Tasks.Hand(ctx, t.ID, q.who, to); err != nil {
		return s.refused(q, err)
	}
	return s.taskReply(ctx, q, t, q.sayf("%s 的任务“%s”已转给 %s。", "The task “%[2]s” of %[1]s is handed to %[3]s.", cards.Name(q.customer), t.In(q.who.Language).Title, to.Name))
}

// noteProgress keeps a note of a customer also with the task that its writer has for it.
func (s *Service) noteProgress(ctx context.Context, c customer.Customer, q question, text string) error {
	open, err := s.Tasks.OpenFor(ctx, c.ID, q.who.ID)
	if err != nil || len(open) == 0 {
		return err
	}
	t, err := s.Tasks.Note(ctx, open[0].ID, q.who, text, q.at)
	if _, refused := s.taskRefused(q.who.Language, err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Outgoing.ShowTask(ctx, t)
}
