package cards

import (
	"slices"
	"strings"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/scoring/risk"
)

// KindConcern tells managers of a task that needs them.
const KindConcern = "concern"

// The actions on a task's card, and on one that tells managers of it.
const (
	ActionPostpone = "postpone"
	ActionHelp     = "help"
	ActionHand     = "hand"
	ActionProgress = "progress"
	ActionTake     = "take"
	ActionUrge     = "urge"
	// ActionResponded says that a customer at risk answered, ActionCause why it may leave.
	ActionResponded = "responded"
	ActionCause     = "cause"
)

// What is asked with the actions.
const (
	InputResult = "result"
	InputDays   = "days"
	InputReason = "reason"
	InputTo     = "to"
	InputCause  = "cause"
)

// taskActions are what the owner of an open task may press. Where a platform shows only some, they are the first ones.
func (p *Printer) taskActions(t followup.Task, c customer.Customer) []bots.Action {
	name := Name(c)
	done := bots.Action{ID: ActionDone, Label: p.say("完成", "Done"), Style: bots.Primary, Say: p.sayf("完成 %s", "done %s", name), Inputs: []bots.Input{{ID: InputResult, Label: p.say("结果", "Result")}}}
	help := bots.Action{ID: ActionHelp, Label: p.say("求助主管", "Get help"), Say: p.sayf("求助 %s", "assist %s", name)}
	if t.Kind == firstContact || t.Kind == "" {
		return slices.Concat([]bots.Action{done}, p.leadQuality(t, name), []bots.Action{
			p.postponeAction(name), help, p.handAction(name),
			{ID: ActionRelease, Label: p.say("退回公海", "Give back"), Style: bots.Danger, Say: p.sayf("退回 %s", "release %s", name)},
			p.progressAction(name), // the card's text tells how to type it
		})
	}
	if t.Kind == followup.KindChurn {
		return []bots.Action{
			done, {ID: ActionResponded, Label: p.say("客户有回应", "It answered"), Say: p.sayf("回应 %s", "answered %s", name)}, p.causeAction(name),
			p.progressAction(name), p.postponeAction(name), help, p.handAction(name),
		}
	}
	return []bots.Action{done, p.progressAction(name), p.postponeAction(name), help, p.handAction(name)}
}

func (p *Printer) causeAction(name string) bots.Action {
	var options []bots.Option
	for _, cause := range []risk.Cause{risk.Price, risk.Service, risk.Competitor, risk.Silence} {
		options = append(options, bots.Option{ID: string(cause), Label: p.Cause(cause)})
	}
	return bots.Action{ID: ActionCause, Label: p.say("选原因", "Why"), Say: p.sayf("流失原因 %s <原因>", "cause %s <cause>", name), Inputs: []bots.Input{
		{ID: InputCause, Label: p.say("流失原因", "Why it may leave"), Options: options, Required: true},
	}}
}

// Cause is what a reason to leave is called.
func (p *Printer) Cause(c risk.Cause) string {
	switch c {
	case risk.Price:
		return p.say("价格", "price")
	case risk.Service:
		return p.say("服务", "service")
	case risk.Competitor:
		return p.say("竞品", "competitor")
	case risk.Silence:
	}
	return p.say("原因不明", "not known")
}

// leadQuality asks whoever has just spoken with them whether the score was right.
func (p *Printer) leadQuality(t followup.Task, name string) []bots.Action {
	if t.Kind != firstContact {
		return nil
	}
	return []bots.Action{
		{ID: ActionGood, Label: p.say("好线索", "Good lead"), Say: p.sayf("反馈 %s 好", "feedback %s good", name)},
		{ID: ActionBad, Label: p.say("差线索", "Bad lead"), Say: p.sayf("反馈 %s 差", "feedback %s bad", name)},
	}
}

func (p *Printer) progressAction(name string) bots.Action {
	return bots.Action{ID: ActionProgress, Label: p.say("记进展", "Progress"), Say: p.sayf("跟进 %s <内容>", "note %s <text>", name), Inputs: []bots.Input{{ID: InputResult, Label: p.say("进展", "Progress"), Required: true}}}
}

func (p *Printer) postponeAction(name string) bots.Action {
	return bots.Action{ID: ActionPostpone, Label: p.say("延期", "Postpone"), Say: p.sayf("延期 %s <时间> <原因>", "postpone %s <time> <reason>", name), Inputs: []bots.Input{
		{ID: InputDays, Label: p.say("延期多久", "By how long"), Options: []bots.Option{
			{ID: "1", Label: p.say("1 个工作日", "1 workday")}, {ID: "2", Label: p.say("2 个工作日", "2 workdays")}, {ID: "3", Label: p.say("3 个工作日", "3 workdays")},
		}},
		{ID: InputReason, Label: p.say("延期的原因", "Why it is postponed"), Required: true},
	}}
}

func (p *Printer) handAction(name string) bots.Action {
	return bots.Action{ID: ActionHand, Label: p.say("转给同事", "Hand over"), Say: p.sayf("转办 %s <同事>", "hand %s <colleague>", name), Inputs: []bots.Input{{ID: InputTo, Label: p.say("同事姓名", "The colleague's name"), Required: true}}}
}

// taskState is one line on where an open task stands.
func (p *Printer) taskState(t followup.Task) string {
	if t.Postponed > 0 {
		return p.sayf("待办（已延期 %s）", "Open (postponed %s)", p.times(t.Postponed))
	}
	return p.say("待办", "Open")
}

// taskBody is why there is a task, and how it goes.
func (p *Printer) taskBody(t followup.Task) string {
	var lines []string
	if t.Why != "" {
		lines = append(lines, t.Why)
	}
	for _, n := range t.Notes[max(0, len(t.Notes)-3):] {
		lines = append(lines, p.sayf("- %s：%s", "- %s: %s", p.When(n.At), p.Told(n)))
	}
	return strings.Join(lines, "\n")
}

// Told is what somebody told of a task.
func (p *Printer) Told(n followup.Note) string {
	if n.Postponed {
		return p.sayf("延期：%s", "postponed: %s", n.Text)
	}
	return n.Text
}

// From is the line of a task's card that tells who had it before.
func (p *Printer) From(name string) string {
	return p.sayf("- 原负责人：%s", "- Before you: %s", name)
}

// Passed is the card of somebody who does not have a task any more; owner is the name of who does.
func (p *Printer) Passed(t followup.Task, c customer.Customer, owner string) bots.Card {
	t = t.In(p.lang)
	card := bots.Card{Kind: KindTask, Title: p.sayf("%s：%s", "%s: %s", t.Title, Name(c))}
	return closed(card, p.sayf("已转给 %s", "Handed to %s", owner))
}

// Concern is why managers are told of a task.
type Concern string

// The concerns.
const (
	Late Concern = "late" // it was not done in time
	Help Concern = "help" // its owner asks for help
	Away Concern = "away" // it is urgent and its owner is on leave
)

// Concern is the card that tells a manager of a task; owner is the name of who has it.
func (p *Printer) Concern(t followup.Task, c customer.Customer, owner string, why Concern) bots.Card {
	t = t.In(p.lang)
	head := p.say("请求支援", "Help wanted")
	switch why {
	case Late:
		head = p.say("任务超时", "Task is late")
	case Away:
		head = p.say("负责人请假", "Owner on leave")
	case Help:
	}
	card := bots.Card{
		Kind: KindConcern, Title: p.sayf("%s：%s（%s）", "%s: %s (%s)", head, t.Title, Name(c)), State: p.say("待处理", "Open"), Body: p.taskBody(t),
		Fields: []bots.Field{
			{Name: p.say("负责人", "Owner"), Value: owner}, {Name: p.say("截止", "Due"), Value: p.When(t.Due)}, {Name: p.say("层级", "Tier"), Value: p.Tier(c.Tier)},
		},
		Actions: []bots.Action{
			{ID: ActionUrge, Label: p.say("催办", "Urge"), Style: bots.Primary},
			{ID: ActionTake, Label: p.say("我来处理", "I take it")},
			p.handAction(Name(c)),
		},
	}
	if t.Postponed > 0 {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("已延期", "Moved"), Value: p.times(t.Postponed)})
	}
	return card
}

// Urged is the text that tells a task's owner that a manager waits for it; by is the manager's name.
func (p *Printer) Urged(t followup.Task, c customer.Customer, by string) string {
	t = t.In(p.lang)
	return p.sayf("⏰ %s 催办：%s（%s），应在 %s 前完成", "⏰ %s asks for: %s (%s), due %s", by, t.Title, Name(c), p.When(t.Due))
}

// Unowned tells managers of urgent work of a customer whom nobody owns.
func (p *Printer) Unowned(c customer.Customer, w customer.Work) string {
	w = w.In(p.lang)
	return p.sayf("⚠ %s：%s 还没有负责人，请尽快安排。\n%s", "⚠ %s: %s has no owner yet, please see to it.\n%s", w.Title, Name(c), w.Why)
}
