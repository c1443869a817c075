package cards

import (
	"strconv"

	"lingke/bots"
	"lingke/internal/customer"
)

// KindTop is a person's list for the day.
const KindTop = "top"

// ActionMine asks for all of one's customers.
const ActionMine = "mine"

// TopShown is how many customers a day's list has (requirements 000-R38). Platforms that show fewer fields show the best.
const TopShown = 10

// Top is a person's list for the day: their best customers, which they work on first.
func (p *Printer) Top(all []customer.Customer, day string) bots.Card {
	card := bots.Card{Kind: KindTop, Title: p.sayf("今日优先客户（%s）", "Your best customers (%s)", day), State: p.sayf("得分最高的 %d 家，先联系它们", "the %d highest scores; contact them first", len(all))}
	for i, c := range all {
		card.Fields = append(card.Fields, bots.Field{Name: strconv.Itoa(i + 1), Value: p.sayf("%s · %s · %s 分", "%s · %s · %s points", Name(c), p.Tier(c.Tier), points(c.Score.Total))})
	}
	card.Actions = []bots.Action{{ID: ActionMine, Label: p.say("我的客户", "Customers"), Style: bots.Primary, Say: p.say("我的客户", "mine")}}
	return card
}
