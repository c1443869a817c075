package wecom

import (
	"strings"

	"lingke/bots"
)

// maxMarkdown is the platform's limit in bytes; longer content is cut or refused there.
const maxMarkdown = 2048

// maxTextValue keeps one long field from pushing out the others.
const maxTextValue = 100

// markdown is m as text: its own text, or its card where the platform can show none. What must be read comes first,
// because the end may be cut off.
func markdown(m bots.Outgoing) string {
	text := m.Text
	if m.Card != nil {
		text = cardText(*m.Card, inGroup(m))
	}
	return bots.Cut(text, maxMarkdown)
}

// cardText shows c without buttons. In a group a live card says where it can be pressed.
func cardText(c bots.Card, group bool) string {
	head := heading(c)
	lines := []string{"**" + head.Title + "**"}
	if head.Desc != head.Title {
		lines = append(lines, head.Desc)
	}
	if c.Closed != c.State {
		lines = append(lines, bots.CutRunes(oneLine(c.Closed), maxSubTitle))
	}
	if group && c.Live() {
		lines = append(lines, "请在与应用的单聊中操作")
	}
	for _, f := range c.Fields {
		lines = append(lines, "> "+bots.CutRunes(oneLine(f.Name), maxValue)+"："+bots.CutRunes(oneLine(f.Value), maxTextValue))
	}
	lines = append(lines, c.Body, links(c))
	return strings.Join(withoutEmpty(lines), "\n")
}

// links are the buttons that open an address; they work as text too.
func links(c bots.Card) string {
	var out []string
	for _, a := range c.Actions {
		if c.Live() && a.URL != "" {
			out = append(out, "["+bots.CutRunes(oneLine(firstOf(a.Label, a.ID)), maxButton)+"]("+a.URL+")")
		}
	}
	return strings.Join(out, "  ")
}

func withoutEmpty(lines []string) []string {
	var kept []string
	for _, l := range lines {
		if l != "" {
			kept = append(kept, l)
		}
	}
	return kept
}
