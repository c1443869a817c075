package dingtalk

import "lingke/bots"

// The platform's documented limits of cardParamMap, and the shares of one value that keep a single long item from
// taking the place of all others. All in bytes.
const (
	maxParam      = 1024
	maxFieldName  = 60
	maxFieldValue = 300
	maxLabel      = 60
)

type fieldParam struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type buttonParam struct {
	ID     string       `json:"id"`
	Label  string       `json:"label"`
	Style  string       `json:"style"`
	Inputs []inputParam `json:"inputs"`
}

type inputParam struct {
	ID      string        `json:"id"`
	Label   string        `json:"label"`
	Options []optionParam `json:"options,omitempty"`
}

type optionParam struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// cardParams renders c as the variables of the one generic template: title, state, body, closed are text; fields and
// buttons are JSON arrays written as text, as the platform wants every value that is not text. All of them are always
// present, so that an update by key leaves nothing of the former state behind.
func cardParams(c bots.Card) map[string]string {
	buttons := "[]"
	if c.Live() {
		buttons = fitButtons(c.Actions)
	}
	return map[string]string{
		"title":   bots.Cut(c.Title, maxParam),
		"state":   bots.Cut(c.State, maxParam),
		"body":    bots.Cut(c.Body, maxParam),
		"fields":  fitFields(c.Fields),
		"buttons": buttons,
		"closed":  bots.Cut(c.Closed, maxParam),
	}
}

// fitFields drops the last and least important fields until the rest fits.
func fitFields(fields []bots.Field) string {
	list := make([]fieldParam, 0, len(fields))
	for _, f := range fields {
		list = append(list, fieldParam{bots.Cut(f.Name, maxFieldName), bots.Cut(f.Value, maxFieldValue)})
	}
	for {
		text := jsonText(list)
		if len(text) <= maxParam {
			return text
		}
		list = list[:len(list)-1]
	}
}

// fitButtons drops options of the longest choice before it drops a button: a shorter list of people still serves, a
// missing button does not.
func fitButtons(actions []bots.Action) string {
	list := make([]buttonParam, 0, len(actions))
	for _, a := range actions {
		list = append(list, button(a))
	}
	for {
		text := jsonText(list)
		if len(text) <= maxParam {
			return text
		}
		if !dropOption(list) {
			list = list[:len(list)-1]
		}
	}
}

func button(a bots.Action) buttonParam {
	b := buttonParam{ID: a.ID, Label: bots.Cut(a.Label, maxLabel), Style: string(a.Style), Inputs: []inputParam{}}
	for _, in := range a.Inputs {
		p := inputParam{ID: in.ID, Label: bots.Cut(in.Label, maxLabel)}
		for _, o := range in.Options {
			p.Options = append(p.Options, optionParam{o.ID, bots.Cut(o.Label, maxLabel)})
		}
		b.Inputs = append(b.Inputs, p)
	}
	return b
}

// dropOption takes the last option off the longest choice; it reports false where no choice has two left.
func dropOption(list []buttonParam) bool {
	var longest *inputParam
	for i := range list {
		for j := range list[i].Inputs {
			if in := &list[i].Inputs[j]; longest == nil || len(in.Options) > len(longest.Options) {
				longest = in
			}
		}
	}
	if longest == nil || len(longest.Options) < 2 {
		return false
	}
	longest.Options = longest.Options[:len(longest.Options)-1]
	return true
}

// jsonText is v as JSON; v is made of strings, which always encode.
func jsonText(v any) string {
	text, err := encode(v)
	if err != nil {
		return "[]"
	}
	return string(text)
}
