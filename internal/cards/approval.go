package cards

import (
	"lingke/bots"
	"lingke/internal/customer"
)

// A request of somebody that a manager decides on.
const (
	KindApproval = "approval"

	ActionAgree  = "agree"
	ActionReject = "reject"
)

// Request is what a manager is asked to approve: Asker is the name of who asks.
type Request struct {
	Asker, Reason string
	// Change is the wish in one line: "得分 +4（82 → 86）".
	Change string
	Until  string // how long it is to hold; "" for ever
}

// Approval asks managers to approve a change of a customer.
func (p *Printer) Approval(c customer.Customer, r Request) bots.Card {
	card := bots.Card{Kind: KindApproval, Title: p.sayf("请审批：%s", "For your approval: %s", Name(c)), State: p.say("待审批", "Waiting for approval"), Fields: []bots.Field{
		{Name: p.say("申请人", "By"), Value: r.Asker}, {Name: p.say("申请", "Wish"), Value: r.Change}, {Name: p.say("理由", "Why"), Value: r.Reason}, p.scoreField(c),
	}}
	if r.Until != "" {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("有效期", "Until"), Value: r.Until})
	}
	card.Actions = p.decisions()
	return card
}

// decisions are the buttons of whoever decides on a request.
func (p *Printer) decisions() []bots.Action {
	return []bots.Action{
		{ID: ActionAgree, Label: p.say("同意", "Approve"), Style: bots.Primary},
		{ID: ActionReject, Label: p.say("驳回", "Refuse"), Style: bots.Danger, Inputs: []bots.Input{{ID: InputReason, Label: p.say("驳回的原因", "Why it is refused"), Required: true}}},
	}
}

// ModelRequest is a version of the scoring model that somebody wants in force. Customers and Tiers are of how many there are and how many would get another tier; 0 where nobody
// has looked.
type ModelRequest struct {
	Asker, Version, Reason string
	Customers, Tiers       int
}

// PublishApproval asks managers to put a scoring model in force.
func (p *Printer) PublishApproval(r ModelRequest) bots.Card {
	card := bots.Card{Kind: KindApproval, Title: p.say("请审批：发布评分模型", "For your approval: a scoring model"), State: p.say("待审批", "Waiting for approval"), Fields: []bots.Field{
		{Name: p.say("申请人", "By"), Value: r.Asker}, {Name: p.say("版本", "Model"), Value: r.Version},
	}}
	if r.Customers > 0 {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("影响", "Moves"), Value: p.sayf("%d 家客户中 %d 家换层级", "of %d customers %d change tier", r.Customers, r.Tiers)})
	}
	if r.Reason != "" {
		card.Fields = append(card.Fields, bots.Field{Name: p.say("理由", "Why"), Value: r.Reason})
	}
	card.Body = p.sayf("同意后立即生效，全部客户重新评分。名单请看：lingke model dry-run %s", "Once approved it is in force and everybody is scored anew. Who would move: lingke model dry-run %s", r.Version)
	card.Actions = p.decisions()
	return card
}
