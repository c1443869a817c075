package wecom

import (
	"strings"
	"unicode/utf8"

	"lingke/internal/emulator/world"
)

// How many characters the clients show before they cut; the platform itself does not refuse longer texts.
const (
	showTitle   = 36
	showDesc    = 44
	showSub     = 160
	showKeyName = 5
	showValue   = 30
	showButton  = 10
	showOption  = 16
)

// view is what one person has before them: a card, and the text in place of its buttons after replace_name.
type view struct {
	card     *template
	replaced string
}

func (v view) note() string {
	if v.replaced != "" {
		return v.replaced
	}
	if v.card.interactive() {
		return v.card.ReplaceText
	}
	return ""
}

// shown draws a view for the world.
func (v view) shown() world.Card {
	t := v.card
	c := world.Card{ID: t.TaskID, Title: cut(t.MainTitle.Title, showTitle), State: cut(t.MainTitle.Desc, showDesc), Body: body(t), Note: v.note()}
	for _, p := range t.Horizontal {
		c.Fields = append(c.Fields, world.Field{Name: cut(p.KeyName, showKeyName), Value: cut(p.Value, showValue)})
	}
	for _, h := range t.Vertical {
		c.Fields = append(c.Fields, world.Field{Name: cut(h.Title, 38), Value: cut(h.Desc, showSub)})
	}
	if c.Note == "" {
		c.Actions = v.actions()
	}
	return c
}

// body joins the texts of a card that stand under its title.
func body(t *template) string {
	var parts []string
	add := func(texts ...string) {
		if line := strings.TrimSpace(strings.Join(texts, " ")); line != "" {
			parts = append(parts, line)
		}
	}
	if t.Emphasis != nil {
		add(cut(t.Emphasis.Title, 14), cut(t.Emphasis.Desc, 22))
	}
	add(cut(t.SubTitle, showSub))
	if t.Quote != nil {
		add(t.Quote.Title, t.Quote.QuoteText)
	}
	if t.ImageText != nil {
		add(t.ImageText.Title, t.ImageText.Desc)
	}
	return strings.Join(parts, "\n")
}

func (v view) actions() []world.Action {
	var inputs []world.Input
	for _, q := range v.card.selectors() {
		if !q.Disable {
			inputs = append(inputs, input(q))
		}
	}
	var out []world.Action
	for _, b := range v.buttons() {
		a := world.Action{ID: b.Key, Label: cut(b.Text, showButton), Style: style(b.Style), Enabled: true}
		if b.Type == 1 {
			a.ID = b.URL
		} else if !v.inMenu(b.Key) {
			a.Inputs = inputs
		}
		out = append(out, a)
	}
	return out
}

// buttons are all that can be pressed: the type's own buttons and the menu's entries.
func (v view) buttons() []button {
	var out []button
	switch t := v.card; t.CardType {
	case buttonCard:
		out = append(out, t.Buttons...)
	case voteCard, multipleChoice:
		text := t.Submit.Text
		if text == "" {
			text = "提交"
		}
		out = append(out, button{Text: text, Key: t.Submit.Key, Style: 1})
	}
	if v.card.ActionMenu != nil {
		for _, a := range v.card.ActionMenu.Actions {
			out = append(out, button{Text: a.Text, Key: a.Key, Style: 3})
		}
	}
	return out
}

func (v view) inMenu(key string) bool {
	if v.card.ActionMenu == nil {
		return false
	}
	for _, a := range v.card.ActionMenu.Actions {
		if a.Key == key {
			return true
		}
	}
	return false
}

func input(q selector) world.Input {
	in := world.Input{ID: q.QuestionKey, Label: q.Title}
	for _, o := range q.Options {
		in.Options = append(in.Options, world.Option{ID: o.ID, Label: cut(o.Text, showOption)})
	}
	return in
}

// style names a button's style; without one it is the first, strong one.
func style(n int) string {
	switch n {
	case 0, 1:
		return "primary"
	case 4:
		return "danger"
	}
	return ""
}

// cut shortens a text to n characters as the clients do.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	runes := []rune(text)
	return string(runes[:n-1]) + "…"
}

// cutBytes shortens a text to n bytes on a character boundary.
func cutBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
