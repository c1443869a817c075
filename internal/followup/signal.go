package followup

import (
	"slices"
	"strings"
	"time"

	"lingke/internal/customer"
	"lingke/internal/lang"
)

// Signal is something that a customer does and that asks for an answer at once: the green channel.
type Signal struct {
	Name       string
	Title      lang.Text
	Activities []string
	Within     time.Duration // older ones are history
	Due        string
	Tiers      map[string]string // due by tier, where it differs
	Advice     lang.Text
}

// maxAsked bounds what a customer remembers of its requests.
const maxAsked = 50

// signals asks for an answer to what the customer asked lately and nobody was told of yet; what came together is one task.
func (r *Rules) signals(v customer.View) {
	var asked []string
	for _, s := range r.Signals {
		var fresh []customer.Activity
		for _, a := range v.Activities {
			if !slices.Contains(s.Activities, a.Type) || a.At.After(v.Now) || a.At.Before(v.Now.Add(-s.Within)) {
				continue
			}
			asked = append(asked, string(a.ID))
			if !slices.Contains(v.Is.Asked, string(a.ID)) {
				fresh = append(fresh, a)
			}
		}
		if len(fresh) > 0 {
			r.ask(v, s, fresh)
		}
	}
	asked = asked[max(0, len(asked)-maxAsked):]
	slices.Sort(asked)
	v.Is.Asked = slices.Compact(asked)
}

// ask opens the green channel for what the customer did.
func (r *Rules) ask(v customer.View, s Signal, fresh []customer.Activity) {
	due := s.Due
	if own := s.Tiers[v.Is.Tier]; own != "" {
		due = own
	}
	var lines []lang.Text
	for _, a := range fresh[max(0, len(fresh)-3):] {
		lines = append(lines, lang.Both("- **%s**（%s，%s）%s", "- **%s** (%s, %s)%s", ActivityName(a.Type), a.ID.Source(), r.when(a.At), withColon(firstLine(a.Text, 200))))
	}
	if !s.Advice.IsZero() {
		lines = append(lines, lang.Both("- 建议：%s", "- Advice: %s", s.Advice))
	}
	r.require(v, "signal "+s.Name+" "+string(fresh[len(fresh)-1].ID), s.Title, lang.Join(lines, "\n"), customer.Work{Kind: s.Name, Due: due, Urgent: true})
}

func withColon(text string) lang.Text {
	if text == "" {
		return lang.Text{}
	}
	return lang.Both("：%s", ": %s", text)
}

// firstLine is a text on one line, cut to some characters.
func firstLine(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
