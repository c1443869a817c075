package bots

import "strings"

// Input is a question asked with an action: a choice when it has Options, a line of text otherwise.
type Input struct {
	ID      string   `json:"id"` // unique inside the action: [a-z_]+, at most 32 characters; never "action", "inputs" or "form"
	Label   string   `json:"label"`
	Options []Option `json:"options,omitempty"`
	// Required says that the action cannot be done without it: where the platform could not ask, the person is asked for it (see Missing).
	Required bool `json:"required,omitempty"`
}

// Option is one possible answer of a choice.
type Option struct {
	ID    string `json:"id"` // never empty
	Label string `json:"label"`
}

// Missing are the inputs that an action needs and a click did not bring: the platform cannot ask for them on a card (Asks), had no room for them, or the person
// left them open. The action cannot be done yet; ask with Answer.Ask where the platform AsksInPlace, by a message to reply to otherwise.
func (a Action) Missing(given map[string]string) []Input {
	var missing []Input
	for _, in := range a.Inputs {
		if in.Required && strings.TrimSpace(given[in.ID]) == "" {
			missing = append(missing, in)
		}
	}
	return missing
}

// Chosen keeps of what a click brought what belongs to the action: where a card has one selection for all its buttons, every click brings its value along.
func (a Action) Chosen(given map[string]string) map[string]string {
	out := make(map[string]string, len(a.Inputs))
	for _, in := range a.Inputs {
		if v := given[in.ID]; v != "" {
			out[in.ID] = v
		}
	}
	return out
}

// Action finds a button by its id.
func (c Card) Action(id string) (Action, bool) {
	for _, a := range c.Actions {
		if a.ID == id {
			return a, true
		}
	}
	return Action{}, false
}

// Asks reports whether a card can ask for in on this platform: WeCom's cards have selections and no line of text.
func (p Platform) Asks(in Input) bool { return p != WeCom || len(in.Options) > 0 }

// AsksInPlace reports whether the clicked card can ask its clicker for what is missing, as Answer.Ask says.
func (p Platform) AsksInPlace() bool { return p == DingTalk }
