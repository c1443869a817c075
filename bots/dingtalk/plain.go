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
	var words, links []string
	for _, a := range c.Actions {
		switch {
		case a.URL != "":
			links = append(links, "["+a.Label+"]("+a.URL+")")
		case a.Say != "":
			words = append(words, "**"+a.Say+"**")
		}
	}
	var text string
	if len(words) > 0 {
		text = "\n请回复：" + strings.Join(words, "、") + "\n"
	}
	if len(links) > 0 {
		text += "\n" + strings.Join(links, "  ") + "\n"
	}
	return text
}
