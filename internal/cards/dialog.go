package cards

import (
	"fmt"
	"strings"

	"lingke/bots"
	"lingke/internal/customer"
)

// The cards with which the bot asks the person back who typed a command.
const (
	KindConfirm = "confirm"
	KindChoice  = "choice"

	ActionConfirm = "confirm"
	ActionCancel  = "cancel"
)

// PickActions are the buttons of a choice, in the order of what is offered.
var PickActions = []string{"pick_a", "pick_b", "pick_c", "pick_d", "pick_e"}

// Confirm asks whether a command is meant that cannot be taken back; what says what it would do, as a finished sentence.
func (p *Printer) Confirm(what string) bots.Card {
	return bots.Card{
		Kind: KindConfirm, Title: p.say("请确认", "Please confirm"), Body: what,
		State: p.say("待确认，2 分钟内有效", "Waiting for you, open for 2 minutes"),
		Actions: []bots.Action{
			{ID: ActionConfirm, Label: p.say("确认", "Confirm"), Style: bots.Primary, Say: p.say("确认", "confirm")},
			{ID: ActionCancel, Label: p.say("取消", "Cancel"), Say: p.say("取消", "cancel")},
		},
	}
}

// Meaning asks which of some commands was meant, at most len(PickActions), each as it is typed.
func (p *Printer) Meaning(texts []string) bots.Card {
	card := bots.Card{Kind: KindChoice, Title: p.say("没看懂，你是想？", "I am not sure. Do you mean?"), State: p.say("点一个，或回复序号", "Press one, or reply with its number")}
	var lines []string
	for i, text := range texts {
		line := fmt.Sprintf("%d. %s", i+1, text)
		lines = append(lines, line)
		card.Actions = append(card.Actions, bots.Action{ID: PickActions[i], Label: bots.CutRunes(line, 30), Say: fmt.Sprint(i + 1)})
	}
	card.Body = strings.Join(append(lines, p.say("都不是的话，发“帮助”看看我会什么。", "If it is none of these, send “help” to see what I can do.")), "\n")
	return card
}

// Choice asks which of some customers is meant, at most len(PickActions); more says that there are others.
func (p *Printer) Choice(all []customer.Customer, more bool) bots.Card {
	card := bots.Card{
		Kind: KindChoice, Title: p.say("是哪一家？", "Which one?"), State: p.say("点一个，或回复序号", "Press one, or reply with its number"),
	}
	var lines []string
	for i, c := range all {
		n := fmt.Sprintf("%d. ", i+1)
		lines = append(lines, n+strings.TrimSuffix(Name(c)+p.say("，", ", ")+p.Tier(c.Tier), p.say("，", ", ")))
		card.Actions = append(card.Actions, bots.Action{ID: PickActions[i], Label: n + Name(c), Say: fmt.Sprint(i + 1)})
	}
	if more {
		lines = append(lines, p.say("还有更多，没列出的请写全名称。", "There are more; write the whole name for those."))
	}
	card.Body = strings.Join(lines, "\n")
	return card
}
