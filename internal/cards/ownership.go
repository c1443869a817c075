package cards

import (
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/customer"
)

// The cards about who owns a customer, and what can be pressed on them.
const (
	KindWarning  = "warning"  // the owner may lose the customer
	KindOffer    = "offer"    // somebody is asked to take it over
	KindHandover = "handover" // somebody has taken it over
	KindDecision = "decision" // managers choose who gets it

	ActionExtend   = "extend"
	ActionHandOver = "hand_over"
	ActionDelay    = "delay"
	ActionAccept   = "accept"
	ActionDecline  = "decline"

	InputUntil = "until" // a day, YYYY-MM-DD
	InputWhy   = "why"
)

// Warning is what a card says to an owner who has not worked on a customer.
type Warning struct {
	Extend     string      // by how much the time can be extended, in words; "" where it cannot any more
	Left       int         // how often
	Colleagues [][2]string // ids and names of those who can take the customer over
	DelayDays  int         // for how many days it can be put off; 0: not at all
	Protected  time.Time   // until when a contract keeps it
	Now        time.Time
}

// Warn is the card that stands before an owner loses a customer.
func (p *Printer) Warn(c customer.Customer, w Warning) bots.Card {
	k := c.Clock
	card := bots.Card{Kind: KindWarning, Title: p.say("跟进提醒：", "Please follow up: ") + Name(c), State: p.say("待跟进", "Waits for your work"), Fields: []bots.Field{
		{Name: p.say("得分", "Score"), Value: p.sayf("%s（%s）", "%s (%s)", points(c.Score.Total), p.Tier(c.Tier))},
		{Name: p.say("上次跟进", "Last"), Value: p.When(k.Last)},
	}}
	if k.Move != "" {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("无跟进则", "Else"), Value: p.When(k.MoveAt) + " " + p.moveText(k.Move)})
	}
	if w.Protected.After(w.Now) {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("合同保护", "Deal"), Value: p.sayf("%s 前不会移出", "it stays until %s", p.Date(w.Protected.AddDate(0, 0, -1)))})
	}
	card.Body = p.sayf("记录一次跟进、完成任务或有新订单，提醒自动解除。\n回复：跟进 %s <内容>", "A note, a task done or an order ends this.\nReply: note %s <text>", Name(c))
	if w.Extend != "" && w.Left > 0 {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("还可延长", "More"), Value: p.sayf("%s，每次 %s", "%s, by %s each", p.times(w.Left), w.Extend)})
		card.Actions = append(card.Actions, bots.Action{ID: ActionExtend, Label: p.say("延长 "+w.Extend, "Extend"), Style: bots.Primary, Say: p.say("延长 ", "extend ") + Name(c)})
	}
	var people []bots.Option
	for _, one := range w.Colleagues[:min(len(w.Colleagues), 10)] {
		people = append(people, bots.Option{ID: one[0], Label: one[1]})
	}
	card.Actions = append(card.Actions, bots.Action{
		ID: ActionHandOver, Label: p.say("转交", "Hand over"), Say: p.sayf("转交 %s <同事>", "handover %s <colleague>", Name(c)), Inputs: []bots.Input{{ID: InputTo, Label: p.say("转交给谁", "To whom?"), Options: people, Required: true}},
	})
	if w.DelayDays > 0 {
		card.Actions = append(card.Actions, bots.Action{
			ID: ActionDelay, Label: p.say("暂缓到", "Put off"), Say: p.sayf("暂缓 %s <日期> <原因>", "delay %s <day> <reason>", Name(c)),
			Inputs: []bots.Input{{ID: InputUntil, Label: p.say("暂缓到哪天", "Until which day?"), Options: p.days(w), Required: true}, {ID: InputWhy, Label: p.say("暂缓的原因", "Why?"), Required: true}},
		})
	}
	return card
}

// days are those that a card proposes to put a customer off to.
func (p *Printer) days(w Warning) (out []bots.Option) {
	for _, o := range []struct {
		days  int
		label string
	}{{7, p.say("一周后", "in a week")}, {14, p.say("两周后", "in two weeks")}, {30, p.say("一个月后", "in a month")}, {60, p.say("两个月后", "in two months")}} {
		if o.days <= w.DelayDays {
			day := w.Now.In(p.zone).AddDate(0, 0, o.days)
			out = append(out, bots.Option{ID: day.Format(time.DateOnly), Label: p.sayf("%s（%s）", "%s (%s)", o.label, p.day(day))})
		}
	}
	return out
}

func (p *Printer) moveText(s customer.Step) string {
	switch s {
	case customer.StepOffer:
		return p.say("请同事接手", "a colleague is asked")
	case customer.StepReassign:
		return p.say("改派给同事", "to a colleague")
	case customer.StepPool:
		return p.say("移回公海", "to the pool")
	}
	return ""
}

// WarningOver says why a card that warned is closed. owner is the name of who has the customer now.
func (p *Printer) WarningOver(c customer.Customer, owner string, mine bool) string {
	switch {
	case c.Owner == "":
		return p.say("已移回公海", "Back in the pool")
	case !mine:
		return p.sayf("已转给 %s", "Given to %s", owner)
	case !c.Clock.Delay.IsZero():
		return p.sayf("已暂缓到 %s：%s", "Put off until %s: %s", p.day(c.Clock.Delay.Until), bots.CutRunes(c.Clock.Delay.Why, 40))
	}
	return p.say("已有跟进，重新计时", "Worked on; the time begins anew")
}

// Offer asks somebody to take a customer over. owner is its owner's name; history what is known of it.
func (p *Printer) Offer(c customer.Customer, owner string, history History) bots.Card {
	title, why := p.say("客户等人接手：", "A customer needs somebody: ")+Name(c), p.sayf("%s 一段时间没有跟进", "%s has not worked on it for a while", owner)
	if c.Clock.Offer.By != "" {
		title, why = p.sayf("%s 想把客户转交给你：%s", "%s wants to give you a customer: %s", owner, Name(c)), p.sayf("%s 提出转交", "%s asks you", owner)
	}
	body := ""
	if p.sight.Basis {
		body = p.history(history)
	}
	return bots.Card{
		Kind: KindOffer, Title: title, State: p.say("待答复", "Waits for your answer"), Fields: append([]bots.Field{{Name: p.say("原因", "Why"), Value: why}}, p.leadFields(c)...), Body: body,
		Actions: []bots.Action{{ID: ActionAccept, Label: p.say("接手", "Take it"), Style: bots.Primary}, {ID: ActionDecline, Label: p.say("不接", "No")}},
	}
}

// OfferOver says why an offer is closed. to is who was asked, owner the name of who has the customer now.
func (p *Printer) OfferOver(c customer.Customer, to, owner string) string {
	switch {
	case to != "" && c.Owner == to:
		return p.say("你已接手", "You have taken it")
	case slices.Contains(c.Clock.Offer.Declined, to):
		return p.say("你没有接手", "You did not take it")
	case c.Owner == "":
		return p.say("已移回公海", "Back in the pool")
	}
	return p.sayf("不再需要接手，由 %s 负责", "Not needed any more; it is %s's", owner)
}

// Handover is the card of who has taken a customer over. former and owner are names.
func (p *Printer) Handover(c customer.Customer, former, owner string, by func(id string) string, history History) bots.Card {
	fields := []bots.Field{
		{Name: p.say("得分", "Score"), Value: p.sayf("%s（%s）", "%s (%s)", points(c.Score.Total), p.Tier(c.Tier))}, {Name: p.say("原负责人", "From"), Value: former},
	}
	if !c.Handed.IsZero() {
		fields = append(fields, bots.Field{Name: p.say("分配", "Why"), Value: p.handedTo(c.Handed, by)})
	}
	contact := Line(c.Text(connectors.FieldContact) + " " + c.Text("contact_role"))
	for _, f := range [][2]string{{p.say("联系人", "Who"), contact}, {p.say("电话", "Phone"), Phone(c).String()}, {p.say("地区", "Area"), c.Text("region")}} {
		if f[1] != "" {
			fields = append(fields, bots.Field{Name: f[0], Value: f[1]})
		}
	}
	return closed(bots.Card{Kind: KindHandover, Title: p.say("接手客户：", "Taken over: ") + Name(c), Fields: fields, Body: p.history(history)}, p.sayf("由 %s 负责", "%s's", owner))
}

// handedTo is handedBy that also tells who said so. by tells somebody's name.
func (p *Printer) handedTo(h customer.Handed, by func(id string) string) string {
	switch h.Rule {
	case customer.HandedByManager:
		return p.sayf("%s 指定", "%s chose you", by(h.By))
	case customer.HandedByOwner:
		return p.sayf("%s 转交", "from %s", by(h.By))
	}
	return p.handedBy(h)
}

// Decision is the card on which managers choose who gets a customer, by PickActions. name tells what somebody is called.
func (p *Printer) Decision(c customer.Customer, name func(id string) string) bots.Card {
	card := bots.Card{Kind: KindDecision, Title: p.sayf("待分配客户：%s", "Who gets %s?", Name(c)), State: p.say("待主管分配", "Waits for a manager"), Fields: p.leadFields(c)}
	lines := []string{p.reasons(c)}
	for i, one := range c.Waiting.Choices {
		line := p.sayf("- **%s**：名下 %d 个，本月已分配 %d 个", "- **%s**: owns %d, got %d this month", name(one.Person), one.Open, one.Month)
		if one.Fits {
			line += p.say("，条件相符", ", fits")
		}
		lines = append(lines, line)
		card.Actions = append(card.Actions, bots.Action{ID: PickActions[i], Label: p.sayf("给 %s", "To %s", name(one.Person)), Say: p.say("分配 ", "assign ") + Name(c) + " " + name(one.Person)})
	}
	if len(c.Waiting.Choices) == 0 {
		lines = append(lines, p.say("现在没有人能接", "nobody can take it now")+p.inBrackets(p.blocksText(c.Waiting.Blocks)))
	}
	card.Body = strings.TrimSpace(strings.Join(append(lines, p.sayf("其他人请回复：分配 %s <姓名>", "For others reply: assign %s <name>", Name(c))), "\n"))
	return card
}

// History is what a customer bought and did of late, for who takes it over.
type History struct {
	Orders     []customer.Order
	Activities []customer.Activity
	Person     func(id string) string
}

const historyLines = 6

// history says what was of late, the latest first. It tells no amounts.
func (p *Printer) history(h History) string {
	var lines []string
	won := slices.DeleteFunc(slices.Clone(h.Orders), func(o customer.Order) bool { return o.Deleted || o.Status != connectors.StatusWon })
	if len(won) > 0 {
		last := slices.MaxFunc(won, func(a, b customer.Order) int { return a.Date.Compare(b.Date) })
		lines = append(lines, p.sayf("**订单** %d 笔，最近一笔 %s", "**Orders**: %d, the last on %s", len(won), p.Date(last.Date)))
	}
	recent := slices.DeleteFunc(slices.Clone(h.Activities), func(a customer.Activity) bool { return a.Deleted })
	slices.SortStableFunc(recent, func(a, b customer.Activity) int { return b.At.Compare(a.At) })
	if len(recent) > 0 {
		lines = append(lines, p.say("**最近往来**", "**Of late**"))
	}
	for _, a := range recent[:min(len(recent), historyLines)] {
		what, text := p.Happened(a)
		line := "- " + p.Date(a.At) + " " + what
		if a.By != "" && h.Person != nil {
			line += p.sayf("（%s）", " (%s)", h.Person(a.By))
		}
		lines = append(lines, line+after(p.say("：", ": "), bots.CutRunes(text, 80)))
	}
	if len(lines) == 0 {
		return p.say("还没有往来记录。", "Nothing has happened yet.")
	}
	return strings.Join(lines, "\n")
}

// Copied is what managers, or the owner, read of what happens with an owned customer: reason is the From of a customer.EffectCopied, who the name of whom it is about.
func (p *Printer) Copied(c customer.Customer, reason, who string) string {
	k := c.Clock
	switch reason {
	case string(customer.StepManager):
		text := p.sayf("⚠ %s 自 %s 起没有跟进 %s（%s）", "⚠ %s has not worked since %s on %s (%s)", who, p.When(k.Last), Name(c), p.Tier(c.Tier))
		if k.Move != "" {
			text += p.sayf("，%s 将%s", "; %s %s", p.When(k.MoveAt), p.moveText(k.Move))
		}
		return text + p.sayf("。需要改派请回复：分配 %s <姓名>", ". To give it to somebody else reply: assign %s <name>", Name(c))
	case "unseen":
		return p.sayf("⚠ %s 收不到 %s 的跟进提醒，客户暂不移出。请当面提醒，或回复：分配 %s <姓名>", "⚠ %s cannot be reminded of %s, so it stays. Tell them, or reply: assign %s <name>", who, Name(c), Name(c))
	case "delayed":
		return p.sayf("%s 把 %s 暂缓到 %s：%s", "%s put %s off until %s: %s", who, Name(c), p.day(k.Delay.Until), k.Delay.Why)
	case "declined":
		return p.sayf("%s 没有接受 %s 的转交，客户仍由你负责。", "%s did not take %s; it stays yours.", who, Name(c))
	}
	return ""
}

// day is the last day before an instant at which something ends with the day.
func (p *Printer) day(until time.Time) string {
	return until.In(p.zone).Format(p.say("1月2日", "Jan 2"))
}

// Date is the day of an instant with its year.
func (p *Printer) Date(at time.Time) string {
	return at.In(p.zone).Format(p.say("2006年1月2日", "Jan 2, 2006"))
}

// SpanText is a working time in words: "3 个工作日", "2 小时".
func (p *Printer) SpanText(workdays int, d time.Duration) string {
	if workdays == 0 && d >= 24*time.Hour && d%(24*time.Hour) == 0 {
		workdays = int(d / (24 * time.Hour))
	}
	switch {
	case workdays > 0:
		return p.sayf("%d 个工作日", "%d workdays", workdays)
	case d%time.Hour == 0:
		return p.sayf("%d 小时", "%d hours", d/time.Hour)
	}
	return p.sayf("%d 分钟", "%d minutes", d/time.Minute)
}

// Share is how many customers somebody got.
type Share struct {
	Name string
	N    int
}

// Missed tells managers that somebody is not among the people any more, and when their customers go.
func (p *Printer) Missed(who string, due time.Time) string {
	return p.sayf("⚠ %s 不在人员名单里了，名下客户将在 %s 之后移交。如果是误删，请在此之前恢复。", "⚠ %s is not among the people any more; their customers are handed over after %s. If that is a slip, mend it before.", who, p.When(due))
}

// Left tells managers who got the customers of somebody who left; pool is how many nobody got.
func (p *Printer) Left(who string, moved int, got []Share, pool int) string {
	var parts []string
	for _, s := range got {
		parts = append(parts, p.sayf("%s %d 个", "%s %d", s.Name, s.N))
	}
	if pool > 0 {
		parts = append(parts, p.sayf("公海 %d 个", "the pool %d", pool))
	}
	return p.sayf("%s 已离开，名下 %d 个客户已移交：%s。", "%s has left; %d customers were handed over: %s.", who, moved, strings.Join(parts, p.say("，", ", ")))
}
