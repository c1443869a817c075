// Package cards says what people read: it makes the neutral cards and texts from customers, scores and tasks. It decides nothing;
// who may see a text is the caller's affair.
package cards

import (
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
)

// The kinds of cards and the actions on them, as they come back in a click.
const (
	KindLead = "lead"
	KindTask = "task"
	// KindMerge asks whether two customers are one.
	KindMerge = "merge"

	ActionClaim   = "claim"
	ActionWhy     = "why"
	ActionDone    = "done"
	ActionRelease = "release"
	ActionMerge   = "merge"
	ActionApart   = "apart"
	ActionLater   = "later"
	ActionGood    = "good_lead"
	ActionBad     = "bad_lead"
)

// firstContact is the kind of the first task of an owner; see followup.Service.First.
const firstContact = "first_contact"

// Printer makes cards. The zero value is not usable; see New.
type Printer struct {
	lang    lang.Language
	scheme  scoring.Scheme
	zone    *time.Location
	explain func(customer.Customer) scoring.Result
	sight   access.Sight // of the reader
}

// In returns a Printer that writes what somebody reads in that language: p.In(who.Language).Lead(c, owner).
func (p *Printer) In(l lang.Language) *Printer {
	q := *p
	q.lang = l
	return &q
}

// Language is what the Printer writes.
func (p *Printer) Language() lang.Language { return p.lang }

// say and sayf speak the reader's language; see lang.
func (p *Printer) say(zh, en string) string { return p.lang.Say(zh, en) }

func (p *Printer) sayf(zh, en string, args ...any) string { return p.lang.Sayf(zh, en, args...) }

// New returns a Printer that names tiers as scheme does and shows times in zone. explain returns a customer's score with everything that can be said about it.
// What it prints is for the team concerned: tier and basis, but no amounts; see For.
func New(scheme scoring.Scheme, zone *time.Location, explain func(customer.Customer) scoring.Result) *Printer {
	return &Printer{scheme: scheme, zone: zone, explain: explain, sight: access.Sight{Tier: true, Basis: true}}
}

// For returns a Printer that tells what a reader of that sight may know.
func (p *Printer) For(sight access.Sight) *Printer {
	q := *p
	q.sight = sight
	return &q
}

// Lead is the card of a customer that waits in a pool, or was claimed from it: owner is the name of who has it, "" while nobody does.
func (p *Printer) Lead(c customer.Customer, owner string) bots.Card {
	card := bots.Card{Kind: KindLead, Title: p.sayf("新线索：%s", "New lead: %s", Name(c)), Fields: p.leadFields(c), Body: p.reasons(c)}
	if owner != "" {
		return closed(card, p.sayf("已被 %s 领取", "Claimed by %s", owner))
	}
	card.State = p.say("待领取", "Open")
	card.Actions = []bots.Action{{ID: ActionClaim, Label: p.say("领取", "Claim"), Style: bots.Primary, Say: p.sayf("领取 %s", "claim %s", Name(c))}}
	if p.sight.Basis {
		card.Actions = append(card.Actions, bots.Action{ID: ActionWhy, Label: p.say("为什么", "Why"), Say: p.sayf("为什么 %s", "why %s", Name(c))}, p.detail(c))
	}
	card.Actions = append(card.Actions, p.pass())
	return card
}

// Withdrawn is the lead card of a customer that is no longer offered there.
func (p *Printer) Withdrawn(card bots.Card, why string) bots.Card { return closed(card, why) }

// Closed is a card on which nothing can be pressed any more, and why.
func Closed(card bots.Card, why string) bots.Card { return closed(card, why) }

func closed(card bots.Card, why string) bots.Card {
	card.State, card.Closed, card.Actions = why, why, nil
	return card
}

func (p *Printer) leadFields(c customer.Customer) []bots.Field {
	if !p.sight.Basis {
		return []bots.Field{{Name: p.say("层级", "Tier"), Value: p.Tier(c.Tier)}}
	}
	fields := []bots.Field{
		p.scoreField(c),
	}
	for _, f := range []struct{ label, field, unit string }{
		{p.say("行业", "Trade"), "industry", ""}, {p.say("人数", "Staff"), "headcount", p.say(" 人", " people")}, {p.say("地区", "Area"), "region", ""},
	} {
		if v := Line(c.Text(f.field)); v != "" {
			fields = append(fields, bots.Field{Name: f.label, Value: v + f.unit})
		}
	}
	if contact := Line(c.Text(connectors.FieldContact) + " " + c.Text("contact_role")); contact != "" {
		fields = append(fields, bots.Field{Name: p.say("联系人", "Who"), Value: contact})
	}
	if phone := Phone(c).String(); phone != "" {
		fields = append(fields, bots.Field{Name: p.say("电话", "Phone"), Value: phone})
	}
	return fields
}

func (p *Printer) scoreField(c customer.Customer) bots.Field {
	return bots.Field{Name: p.say("得分", "Score"), Value: p.sayf("%s（%s）", "%s (%s)", points(c.Score.Total), p.Tier(c.Tier))}
}

// Task is the owner's card of a task.
func (p *Printer) Task(t followup.Task, c customer.Customer) bots.Card {
	t = t.In(p.lang)
	card := bots.Card{Kind: KindTask, Title: p.sayf("%s：%s", "%s: %s", t.Title, Name(c)), Fields: []bots.Field{
		{Name: p.say("截止", "Due"), Value: p.When(t.Due)},
		p.scoreField(c),
	}}
	if !c.Handed.IsZero() && t.Owner == c.Owner {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("分配", "Given"), Value: p.handedBy(c.Handed)})
	}
	if contact := Line(c.Text(connectors.FieldContact)); contact != "" {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("联系人", "Who"), Value: contact})
	}
	if phone := Phone(c).String(); phone != "" {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("电话", "Phone"), Value: phone})
	}
	switch t.State {
	case followup.Done:
		if t.Result == "" { // it was done on a platform whose cards ask for no text
			card.Body = p.sayf("要补充结果，请回复：跟进 %s <内容>", "To tell what came of it, reply: note %s <text>", Name(c))
		}
		return closed(card, p.say("已完成", "Done")+after(p.say("：", ": "), t.Result))
	case followup.Cancelled:
		return closed(card, p.say("已取消", "Cancelled")+after(p.say("：", ": "), t.Result))
	}
	card.State = p.taskState(t)
	if card.Body = p.taskBody(t); card.Body != "" {
		card.Body += "\n"
	}
	card.Body += p.sayf("联系后点“完成”，或回复：跟进 %s <内容>", "Press Done after the contact, or reply: note %s <text>", Name(c))
	if !Phone(c).IsZero() {
		card.Body += p.sayf("\n完整号码请回复：电话 %s <原因>", "\nFor the whole number reply: phone %s <reason>", Name(c))
	}
	card.Actions = p.taskActions(t, c)
	return card
}

// Reminder is the text that tells the owner of a task's due time.
func (p *Printer) Reminder(t followup.Task, c customer.Customer, now time.Time) string {
	t = t.In(p.lang)
	if now.After(t.Due) {
		return p.sayf("⏰ 已超时：%s（%s），应在 %s 前完成", "⏰ Late: %s (%s), was due %s", t.Title, Name(c), p.When(t.Due))
	}
	return p.sayf("⏰ 即将到期：%s（%s），请在 %s 前完成", "⏰ Due soon: %s (%s), by %s", t.Title, Name(c), p.When(t.Due))
}

// Tier is a tier's name in the reader's language.
func (p *Printer) Tier(id string) string {
	if p.lang == lang.English {
		return p.scheme.TitleEN(id)
	}
	return p.scheme.Title(id)
}

// When is an instant as people in the company's time zone write it.
func (p *Printer) When(at time.Time) string {
	return at.In(p.zone).Format(p.say("1月2日 15:04", "2 Jan 15:04"))
}

// Day is the day of an instant.
func (p *Printer) Day(at time.Time) string {
	return at.In(p.zone).Format(p.say("1月2日", "2 Jan"))
}

// Phone is the number under which a customer is reached. It prints itself masked.
func Phone(c customer.Customer) access.Phone {
	number := c.Text(connectors.FieldPhone)
	if number == "" {
		number = c.Text(connectors.FieldMobile)
	}
	return access.NewPhone(number)
}

func after(separator, text string) string {
	if text == "" {
		return ""
	}
	return separator + text
}

// points writes a score with at most one decimal.
func points(total float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", total), ".0") }

// Tier is a tier as people name it; English is the tier itself where it has no English name.
type Tier struct{ ID, Title, English string }

// Tiers are those of the leading scheme, the best first.
func (p *Printer) Tiers() []Tier {
	var all []Tier
	for _, c := range p.scheme.Cuts {
		all = append(all, Tier{c.Tier, c.Title, p.scheme.TitleEN(c.Tier)})
	}
	return append(all, Tier{p.scheme.Else, p.scheme.ElseTitle, p.scheme.TitleEN(p.scheme.Else)})
}
