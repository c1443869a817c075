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
	card.Actions = []bots.Action{
		{ID: ActionAgree, Label: p.say("同意", "Approve"), Style: bots.Primary},
		{ID: ActionReject, Label: p.say("驳回", "Refuse"), Style: bots.Danger, Inputs: []bots.Input{{ID: InputReason, Label: p.say("驳回的原因", "Why it is refused"), Required: true}}},
	}
	return card
}
