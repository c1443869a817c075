package dingtalk

import (
	"strings"

	"lingke/bots"
)

// plainCard is a card as markdown text, for an organisation that has no card template yet: the buttons become words to
// type. Such a card cannot be changed later.
func plainCard(c bots.Card) string {
	var s strings.Builder
	s.WriteString("### " + c.Title + "\n")
	if c.State != "" {
		s.WriteString("\n**" + c.State + "**\n")
	}
	if c.Body != "" {
		// A single line break is nothing in markdown.
		s.WriteString("\n" + strings.ReplaceAll(c.Body, "\n", "\n\n") + "\n")
	}
	if len(c.Fields) > 0 {
		s.WriteString("\n")
	}
	for _, f := range c.Fields {
		s.WriteString("- " + f.Name + "：" + f.Value + "\n")
	}
	s.WriteString(plainActions(c))
	return strings.TrimSpace(s.String())
}

func plainActions(c bots.Card) string {
	if c.Closed != "" {
		return "\n" + c.Closed + "\n"
	}
	if !c.Live() {
		return ""
	}
	var words []string
	for _, a := range c.Actions {
		if a.Say != "" {
			words = append(words, "**"+a.Say+"**")
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "\n请回复：" + strings.Join(words, "、") + "\n"
}
