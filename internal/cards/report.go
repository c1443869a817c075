package cards

import "lingke/bots"

// KindReport is the kind of a card that tells figures to managers; nothing on it can be pressed.
const KindReport = "report"

// Report is a card of figures: the picture that belongs to it is a message of its own.
func (p *Printer) Report(title, body string) bots.Card {
	return bots.Card{Kind: KindReport, Title: title, Body: body}
}
