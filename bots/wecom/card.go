package wecom

import (
	"strings"

	"lingke/bots"
)

// Lengths of document 90236, in characters. They are advice there: a client cuts what is longer, so we do it first, with
// an ellipsis.
const (
	maxTitle     = 36
	maxDesc      = 44
	maxSubTitle  = 160
	maxKeyName   = 5
	maxValue     = 30
	maxFields    = 6
	maxButton    = 10
	maxButtons   = 6
	maxOption    = 16
	maxOptions   = 10
	maxReplace   = 30
	defaultTitle = "通知"
)

// templateCard is a card with buttons (button_interaction) or one that asks (vote_interaction, multiple_interaction), as it is sent and as it replaces a sent one.
type templateCard struct {
	CardType        string       `json:"card_type"`
	TaskID          string       `json:"task_id"`
	MainTitle       mainTitle    `json:"main_title"`
	SubTitleText    string       `json:"sub_title_text,omitempty"`
	Fields          []horizontal `json:"horizontal_content_list,omitempty"`
	ButtonSelection *selector    `json:"button_selection,omitempty"`
	Buttons         []button     `json:"button_list,omitempty"`
	Checkbox        *checkbox    `json:"checkbox,omitempty"`
	Selects         []selector   `json:"select_list,omitempty"`
	Submit          *submit      `json:"submit_button,omitempty"`
	ReplaceText     string       `json:"replace_text,omitempty"` // only in an update: a grey text in the buttons' place
}

type mainTitle struct {
	Title string `json:"title"`
	Desc  string `json:"desc,omitempty"`
}

type horizontal struct {
	KeyName string `json:"keyname"`
	Value   string `json:"value,omitempty"`
}

type selector struct {
	QuestionKey string   `json:"question_key"`
	Title       string   `json:"title,omitempty"`
	Selected    string   `json:"selected_id,omitempty"`
	Options     []option `json:"option_list"`
}

type option struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type button struct {
	Type  int    `json:"type,omitempty"` // 0 calls back, 1 opens the address
	Text  string `json:"text"`
	Style int    `json:"style"`
	Key   string `json:"key,omitempty"`
	URL   string `json:"url,omitempty"`
}

// render shows c under the id that its clicks carry back. A card that is not live can be rendered for an update only:
// the platform wants a button in every such card, and replace_text then stands in its place.
func render(id string, c bots.Card) templateCard {
	t := templateCard{
		CardType: buttonCard, TaskID: id, MainTitle: heading(c),
		SubTitleText: bots.CutRunes(plain(c.Body), maxSubTitle), Fields: fields(c.Fields),
	}
	if c.Live() {
		if asks(c) {
			return question(t, c.Actions[0])
		}
		t.ButtonSelection, t.Buttons = choice(c.Actions), buttons(c.Actions)
		return t
	}
	closed := firstOf(c.Closed, c.State, "无需操作")
	t.ReplaceText = bots.CutRunes(closed, maxReplace)
	t.Buttons = []button{{Text: bots.CutRunes(closed, maxButton), Style: style(bots.Plain), Key: "closed"}}
	return t
}

// heading never leaves the title empty, which the platform refuses.
func heading(c bots.Card) mainTitle {
	return mainTitle{
		Title: bots.CutRunes(oneLine(firstOf(c.Title, c.State, defaultTitle)), maxTitle),
		Desc:  bots.CutRunes(oneLine(c.State), maxDesc),
	}
}

// fields shows the first six, the most important ones.
func fields(all []bots.Field) []horizontal {
	var list []horizontal
	for _, f := range all[:min(len(all), maxFields)] {
		list = append(list, horizontal{
			KeyName: bots.CutRunes(oneLine(firstOf(f.Name, "—")), maxKeyName),
			Value:   bots.CutRunes(oneLine(f.Value), maxValue),
		})
	}
	return list
}

// buttons shows the first six actions.
func buttons(actions []bots.Action) []button {
	var list []button
	for _, a := range actions[:min(len(actions), maxButtons)] {
		b := button{Text: bots.CutRunes(oneLine(firstOf(a.Label, a.ID)), maxButton), Style: style(a.Style), Key: a.ID}
		if a.URL != "" {
			b.Type, b.Key, b.URL = 1, "", a.URL
		}
		list = append(list, b)
	}
	return list
}

// style maps onto the platform's four: 1 strong, 2 secondary, 3 neutral, 4 negative.
func style(s bots.Style) int {
	switch s {
	case bots.Primary:
		return 1
	case bots.Danger:
		return 4
	}
	return 3
}

// firstOf returns the first text in which something stands.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// oneLine puts a blank for each run of white space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// plain takes away the bold marks, which a card would show as asterisks.
func plain(markdown string) string { return bots.Unmarked(markdown) }
