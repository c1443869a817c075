package cards

import (
	"lingke/bots"
	"lingke/internal/customer"
)

// Further actions on a lead's card.
const (
	ActionDetail = "detail"
	ActionPass   = "pass" // it is not for the one who presses
)

// detail asks for how the customer stands.
func (p *Printer) detail(c customer.Customer) bots.Action {
	return bots.Action{ID: ActionDetail, Label: p.say("详情", "Details"), Say: p.sayf("查 %s", "tier %s", Name(c))}
}

// pass says that a lead is not for the reader, and why: it helps whoever looks after the rules, and stays open for the others.
func (p *Printer) pass() bots.Action {
	return bots.Action{ID: ActionPass, Label: p.say("不适合我", "Not for me"), Inputs: []bots.Input{{
		ID: InputReason, Label: p.say("不适合的原因", "Why not?"), Required: true, Options: []bots.Option{
			{ID: "region", Label: p.say("不在我的地区", "not my region")}, {ID: "trade", Label: p.say("行业不熟", "not my trade")}, {ID: "busy", Label: p.say("近期没空", "no time")},
			{ID: "known", Label: p.say("同事已在联系", "a colleague is on it")}, {ID: "bad", Label: p.say("不像真实需求", "no real need")},
		},
	}}}
}

// PassReason is what a choice of pass says; a reason that somebody typed stays as it is.
func (p *Printer) PassReason(choice string) string {
	for _, o := range p.pass().Inputs[0].Options {
		if o.ID == choice {
			return o.Label
		}
	}
	return choice
}
