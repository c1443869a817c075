package cards

import (
	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/scoring/risk"
)

// Activity is what a type of activities is called.
func (p *Printer) Activity(kind string) string { return followup.ActivityName(kind).In(p.lang) }

// Happened is an activity in people's words: what it was, and what was said; "" where nothing was.
func (p *Printer) Happened(a customer.Activity) (what, text string) {
	what, text = p.Activity(a.Type), Line(a.Text)
	if q, note, ok := a.Quality(); ok {
		text = Line(p.Quality(q) + " " + note)
	}
	if a.Type == connectors.ActivityCause {
		text = p.Cause(risk.Cause(a.Text))
	}
	return what, text
}

// Quality is what a person says of a lead.
func (p *Printer) Quality(q customer.Quality) string {
	switch q {
	case customer.Good:
		return p.say("好线索", "good lead")
	case customer.Bad:
		return p.say("差线索", "bad lead")
	}
	return p.say("一般的线索", "fair lead")
}
