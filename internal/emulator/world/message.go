package world

import (
	"slices"
	"strings"
	"time"
)

// Bot is Message.From of what the app's bot sent.
const Bot = "bot"

// Message is one bubble in a conversation.
type Message struct {
	ID    string    `json:"id"`
	From  string    `json:"from"` // Bot, or Person.ID of who wrote it
	At    time.Time `json:"at"`
	Text  string    `json:"text,omitempty"`
	Image string    `json:"image,omitempty"` // address of the picture
	File  string    `json:"file,omitempty"`  // name of the document, whose content is at Link
	Link  string    `json:"link,omitempty"`
	Card  *Card     `json:"card,omitempty"`
}

// Card is what one person sees of a card now.
type Card struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	State   string   `json:"state,omitempty"`
	Body    string   `json:"body,omitempty"`
	Fields  []Field  `json:"fields"`
	Actions []Action `json:"actions"`
	Note    string   `json:"note,omitempty"` // stands in the buttons' place once nothing can be pressed
	Hint    string   `json:"hint,omitempty"` // a line for this person only, such as what became of a click
}

// Field is one name and value of a card.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Action is one button of a card.
type Action struct {
	ID      string  `json:"id"`
	Label   string  `json:"label"`
	Style   string  `json:"style,omitempty"` // "primary", "danger" or plain
	Enabled bool    `json:"enabled"`
	Inputs  []Input `json:"inputs"`
}

// Input is asked for with an action: a choice when it has options, else a line of text.
type Input struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Options  []Option `json:"options"`
	Optional bool     `json:"optional,omitempty"`
}

// Option is one answer of a choice.
type Option struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// clone copies c so that later changes by its maker stay without effect; empty lists become [] in JSON.
func (c Card) clone() *Card {
	c.Fields = append([]Field{}, c.Fields...)
	c.Actions = append([]Action{}, c.Actions...)
	for i := range c.Actions {
		inputs := append([]Input{}, c.Actions[i].Inputs...)
		for j := range inputs {
			inputs[j].Options = append([]Option{}, inputs[j].Options...)
		}
		c.Actions[i].Inputs = inputs
	}
	return &c
}

// Action finds a button by id.
// It may be named by what stands before the first dot of its id: see Named.
func (c Card) Action(id string) (Action, bool) {
	i := slices.IndexFunc(c.Actions, func(a Action) bool { return Named(a.ID, id) })
	if i < 0 {
		return Action{}, false
	}
	return c.Actions[i], true
}

// Named reports whether a button's id is the wanted one, or has it before its first dot: what stands behind is the app's, and people who drive the emulator do not know it.
func Named(id, wanted string) bool {
	name, _, dotted := strings.Cut(id, ".")
	return id == wanted || dotted && name == wanted
}
