package cards

import (
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring/risk"
)

// AtRisk is one line about a customer that may be lost: since when, why, and on what evidence. owner is the name of who has it, told where others than the owner read.
func (p *Printer) AtRisk(c customer.Customer, owner string, others bool) string {
	text := Name(c)
	if c.Risk == nil {
		return text
	}
	cause := c.Risk.Cause
	if c.RiskCause != "" {
		cause = c.RiskCause
	}
	text = p.sayf("%s（%s，%s 起，原因：%s）", "%s (%s, since %s, cause: %s)", text, p.Tier(c.Tier), p.Day(c.Risk.Opened), p.Cause(cause))
	if len(c.Risk.Signals) > 0 {
		text = p.sayf("%s：%s", "%s: %s", text, p.signal(c.Risk.Signals[0]))
	}
	if others && owner != "" {
		text += p.sayf("，负责人 %s", ", owner %s", owner)
	}
	if others && owner == "" {
		text += p.say("，无负责人", ", no owner")
	}
	return text
}

// signal is a warning in the reader's language.
func (p *Printer) signal(s risk.Signal) string {
	if p.lang == lang.English {
		return s.Text.EN
	}
	return s.Text.ZH
}
