package cards

import (
	"slices"

	"lingke/bots"
	"lingke/internal/customer"
)

// KindTier is the kind of the card that tells an owner of another tier.
const KindTier = "tier"

// TierChange is the card that tells the owner that a customer is in another tier than before, and why.
func (p *Printer) TierChange(c customer.Customer, from, to string, why customer.Why) bots.Card {
	card := bots.Card{
		Kind: KindTier, Title: p.sayf("层级变化：%s", "Tier changed: %s", Name(c)), State: p.sayf("%s：%s → %s", "%s: %s → %s", p.direction(from, to), p.Tier(from), p.Tier(to)),
		Fields: []bots.Field{{Name: p.say("原因", "Why"), Value: p.movedBy(why)}}, Body: p.reasons(c),
	}
	if p.sight.Basis {
		card.Fields = slices.Insert(card.Fields, 0, bots.Field{Name: p.say("得分", "Score"), Value: points(c.Score.Total)})
		card.Actions = []bots.Action{{ID: ActionWhy, Label: p.say("为什么", "Why"), Say: p.sayf("为什么 %s", "why %s", Name(c))}}
	}
	card.Actions = append(card.Actions, p.detail(c))
	return card
}

// direction says whether a tier stands above another.
func (p *Printer) direction(from, to string) string {
	place := func(id string) int { return slices.IndexFunc(p.Tiers(), func(t Tier) bool { return t.ID == id }) }
	if place(to) < place(from) {
		return p.say("升级", "Up")
	}
	return p.say("降级", "Down")
}

// movedBy is what a tier followed, in words.
func (p *Printer) movedBy(why customer.Why) string {
	switch why {
	case customer.WhyBig:
		return p.say("大单或重大投诉", "a large order or a complaint")
	case customer.WhyAdjustment:
		return p.say("人工调整生效或到期", "an adjustment by hand began or ended")
	case customer.WhyModel:
		return p.say("评分模型更换", "another model scores it")
	case customer.WhyMerge:
		return p.say("客户合并或拆分", "records were merged or parted")
	}
	return p.say("得分变化", "its score changed")
}
