package dingtalk

import (
	"encoding/json"

	"lingke/internal/emulator/world"
)

// render fills the one generic card template. Its variables, all text:
//
//	title, state, body  shown as they are
//	fields              JSON array of {"name","value"}
//	buttons             JSON array of {"id","label","style","inputs":[{"id","label","options":[{"id","label"}]}]}
//	closed              where not empty: stands in the buttons' place, and nothing can be pressed
//	toast               private: the line that the template's event chain shows after a click
//
// A variable that is not the JSON it should be leaves its part of the card empty.
func render(track string, vars map[string]string) world.Card {
	card := world.Card{
		ID: track, Title: vars["title"], State: vars["state"], Body: vars["body"], Note: vars["closed"],
	}
	_ = json.Unmarshal([]byte(vars["fields"]), &card.Fields) // broken: empty, as a template shows it
	var buttons []struct {
		ID, Label, Style string
		Inputs           []world.Input
	}
	_ = json.Unmarshal([]byte(vars["buttons"]), &buttons)
	for _, b := range buttons {
		card.Actions = append(card.Actions, world.Action{
			ID: b.ID, Label: b.Label, Style: b.Style, Enabled: card.Note == "", Inputs: b.Inputs,
		})
	}
	return card
}
