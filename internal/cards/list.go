package cards

import (
	"strconv"
	"strings"

	"lingke/bots"
	"lingke/internal/customer"
)

// A list of customers that goes on on further pages.
const (
	KindList   = "list"
	ActionNext = "next"
)

// ListPage is how many customers a page of a list has: as many fields as every platform shows.
const ListPage = 6

// List is a page of customers: title says what was asked for, total how many there are at least, first the number of the first one, from 1. person tells what somebody is called.
func (p *Printer) List(title string, page []customer.Customer, first int, total string, more bool, person func(id string) string) bots.Card {
	card := bots.Card{Kind: KindList, Title: title}
	for i, c := range page {
		card.Fields = append(card.Fields, bots.Field{Name: strconv.Itoa(first + i), Value: p.shortLine(c, person)})
	}
	card.State = p.sayf("第 %d–%d 家，共 %s 家", "%d–%d of %s", first, first+len(page)-1, total)
	card.Body = p.ByNumber()
	if !more {
		return closed(card, card.State)
	}
	card.Actions = []bots.Action{{ID: ActionNext, Label: p.say("下一页", "Next page"), Style: bots.Primary, Say: p.say("下一页", "next")}}
	return card
}

// ByNumber tells how customers of a list are named.
func (p *Printer) ByNumber() string {
	return p.say("回复序号看详情，也可以写在命令后面，例如：领取 2", "Reply with a number for details, or put it behind a command, for example: claim 2")
}

// lineWidth is how many characters of a field every platform shows; see bots/wecom.
const lineWidth = 30

// shortLine is Line with as much of the name as leaves room for the rest: who has the customer stands at the end.
func (p *Printer) shortLine(c customer.Customer, person func(id string) string) string {
	line := p.Line(c, person)
	over := len([]rune(line)) - lineWidth
	name := Name(c)
	if over <= 0 {
		return line
	}
	short := name
	for _, form := range legalForms {
		if cut, is := strings.CutSuffix(name, form); is && len([]rune(cut)) >= shortName {
			short = cut
			break
		}
	}
	if room := len([]rune(name)) - over; len([]rune(short)) > room {
		short = bots.CutRunes(short, max(shortName, room))
	}
	return short + strings.TrimPrefix(line, name)
}

// shortName is how much of a name is shown at least.
const shortName = 6

// Line is a customer in one line: its name, tier, score and owner, as far as the reader may know them.
func (p *Printer) Line(c customer.Customer, person func(id string) string) string {
	parts := []string{Name(c), p.Tier(c.Tier)}
	if p.sight.Basis {
		parts = append(parts, p.sayf("%s 分", "%s points", points(c.Score.Total)))
	}
	if c.Owner != "" {
		parts = append(parts, person(c.Owner))
	} else if c.Pool != "" {
		parts = append(parts, p.say("无人认领", "no owner"))
	}
	return strings.Join(parts, " · ")
}
