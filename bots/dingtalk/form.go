package dingtalk

import "lingke/bots"

// noForm is the form variable of a card that asks for nothing.
const noForm = `{"fields":[]}`

// Types of form fields, as the platform's form variable names them.
const (
	formText   = "TEXT"
	formSelect = "SELECT"
)

// actionField is the hidden field of a form that tells which action it belongs to: the form's own id is the same on all cards.
const actionField = "action"

type formParam struct {
	Fields []formField `json:"fields"`
}

type formField struct {
	Name     string       `json:"name"`
	Label    string       `json:"label,omitempty"`
	Type     string       `json:"type"`
	Hidden   bool         `json:"hidden,omitempty"`
	Required bool         `json:"required,omitempty"`
	Default  string       `json:"defaultValue,omitempty"`
	Options  []formOption `json:"options,omitempty"`
}

type formOption struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// fitForm is a's inputs as a form. What exceeds the limit of one value is taken from the longest choice, option by option: a shorter list of people still serves. Where
// that is not enough the last inputs go, and are asked for afterwards.
func fitForm(a bots.Action) string {
	form := formParam{Fields: []formField{{Name: actionField, Type: formText, Hidden: true, Default: a.ID}}}
	for _, in := range a.Inputs {
		form.Fields = append(form.Fields, formFieldOf(in))
	}
	for {
		text := jsonText(form)
		if len(text) <= maxParam {
			return text
		}
		if !dropOption(form.Fields) {
			form.Fields = form.Fields[:len(form.Fields)-1]
		}
	}
}

func formFieldOf(in bots.Input) formField {
	f := formField{Name: in.ID, Label: bots.Cut(in.Label, maxLabel), Type: formText, Required: in.Required}
	for _, o := range in.Options {
		f.Type = formSelect
		f.Options = append(f.Options, formOption{o.ID, bots.Cut(o.Label, maxLabel)})
	}
	return f
}

// dropOption takes the last option off the longest choice; it reports false where no choice has two left.
func dropOption(fields []formField) bool {
	longest := -1
	for i := range fields {
		if longest < 0 || len(fields[i].Options) > len(fields[longest].Options) {
			longest = i
		}
	}
	if longest < 0 || len(fields[longest].Options) < 2 {
		return false
	}
	fields[longest].Options = fields[longest].Options[:len(fields[longest].Options)-1]
	return true
}
