package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lingke/internal/emulator/world"
)

// ErrRequired: a form is not sent before its obligatory fields are filled in.
var ErrRequired = errors.New("必填项没有填写")

// formField is one field of the form variable.
type formField struct {
	Name, Label, Type string
	Hidden, Required  bool
	Default           any `json:"defaultValue"`
	Options           []struct{ Value, Text string }
}

// form shows a form as an action that asks. In the world it goes by the value of its hidden field "action": the form's own id is the same on every card.
func (d *drawing) form(c part) {
	var schema struct{ Fields []formField }
	if json.Unmarshal([]byte(d.vars[reference(c.Props["formSchema"])]), &schema) != nil || len(schema.Fields) == 0 {
		return
	}
	var id string
	_ = json.Unmarshal(c.Props["id"], &id)
	a := world.Action{ID: id, Label: d.fill(content(c.Props["submitText"]), nil), Style: d.formStyle(), Enabled: true}
	for _, f := range schema.Fields {
		switch {
		case f.Hidden && f.Name == "action":
			a.ID = fmt.Sprint(f.Default)
		case !f.Hidden:
			a.Inputs = append(a.Inputs, f.input())
		}
	}
	d.press[a.ID] = pressable{actionID: id, formID: id, form: schema.Fields}
	d.card.Actions = append(d.card.Actions, a)
}

// formStyle is that of the button which opens a form: strong, as the form's own, only where no other button of the card is.
func (d *drawing) formStyle() string {
	if slices.ContainsFunc(d.card.Actions, func(a world.Action) bool { return a.Style == "primary" }) {
		return ""
	}
	return "primary"
}

func (f formField) input() world.Input {
	in := world.Input{ID: f.Name, Label: f.Label, Optional: !f.Required}
	for _, o := range f.Options {
		in.Options = append(in.Options, world.Option{ID: o.Value, Label: o.Text})
	}
	return in
}

// filled are the params of a submitted form: its values under its id, choices as {"index","value"}.
func (p pressable) filled(inputs map[string]string) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range p.form {
		given := inputs[f.Name]
		switch {
		case f.Hidden:
			values[f.Name] = f.Default
		case given == "" && f.Required:
			return nil, fmt.Errorf("%s：%w", f.Label, ErrRequired)
		case given == "":
		case f.Type == "SELECT":
			for i, o := range f.Options {
				if o.Value == given {
					values[f.Name] = map[string]any{"index": i, "value": given}
				}
			}
			if values[f.Name] == nil {
				return nil, fmt.Errorf("%s：没有选项 %q", f.Label, given)
			}
		default:
			values[f.Name] = given
		}
	}
	return map[string]any{p.formID: values}, nil
}
