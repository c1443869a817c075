package cards

import (
	"strings"
	"unicode"

	"lingke/internal/customer"
)

// Name is what a customer is called where its sources gave it no name.
func Name(c customer.Customer) string {
	if name := Line(c.Name); name != "" {
		return name
	}
	if len(c.Records) > 0 {
		return "（未命名）" + Line(c.Records[0].Ref.ID())
	}
	return "（未命名）"
}

// Line is a text from outside on one line of a card or an answer. Whoever fills in a web form writes for somebody else's eyes: no line break that passes for a line of
// ours, no mark that turns the text around it, nothing invisible, no bracket that makes a link of it. The joiner within emoji stays.
func Line(text string) string {
	if !strings.ContainsFunc(text, strange) {
		return text
	}
	shown := strings.Map(func(r rune) rune {
		switch {
		case r == '[':
			return '［'
		case r == ']':
			return '］'
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case r != joiner && unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(shown), " ")
}

// joiner makes one picture of several emoji.
const joiner = '\u200d'

func strange(r rune) bool {
	return r == '[' || r == ']' || unicode.IsSpace(r) || unicode.IsControl(r) || r != joiner && unicode.Is(unicode.Cf, r)
}

// legalForms end the names of companies, the longest first; a name is told without them where there is no room.
var legalForms = []string{"股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "分公司", "公司"}
