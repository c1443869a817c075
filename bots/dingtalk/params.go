package dingtalk

import (
	"slices"
	"strings"

	"lingke/bots"
)

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

// buttonParam is one button of the template's loop, whose event comes with the data (a dynamicEvent): a call back with params, or an address to open.
type buttonParam struct {
	Text   string      `json:"text"`
	Color  string      `json:"color"` // blue, gray or red
	Action buttonEvent `json:"action"`
}

type buttonEvent struct {
	Type   string `json:"type"`
	Params any    `json:"params"`
}

type requestParams struct {
	ActionID string            `json:"actionId"`
	Params   map[string]string `json:"params"`
}

func button(a bots.Action) buttonParam {
	b := buttonParam{Text: bots.Cut(a.Label, maxLabel), Color: color(a.Style)}
	if a.URL != "" {
		b.Action = buttonEvent{"openLink", map[string]string{"url": a.URL}}
	} else {
		b.Action = buttonEvent{"sendCardRequest", requestParams{a.ID, map[string]string{actionField: a.ID}}}
	}
	return b
}

// cardParams renders c as the variables of the one generic template (configs/cards/dingtalk.json), all of them text: lists are JSON written as text, as the platform
// wants every value that is not text. All are always present, so that an update by key leaves nothing of the former state behind. The first action with inputs is the
// card's form; the others are buttons, and a pressed one that has inputs is asked for them by a form that only its clicker sees (askParams).
func cardParams(c bots.Card) map[string]string {
	params := map[string]string{
		"title":       bots.Cut(c.Title, maxParam),
		"state":       bots.Cut(c.State, maxParam),
		"body":        bots.Cut(hardBreaks(c.Body), maxParam),
		"fields":      fitFields(c.Fields),
		"buttons":     "[]",
		"closed":      bots.Cut(c.Closed, maxParam),
		"live":        "0",
		"form":        noForm,
		"form_label":  "",
		"lastMessage": bots.CutRunes(c.Title, 60),
	}
	if !c.Live() {
		return params
	}
	params["live"] = "1"
	asked := -1
	for i, a := range c.Actions {
		if len(a.Inputs) > 0 && a.URL == "" {
			asked = i
			break
		}
	}
	list := make([]buttonParam, 0, len(c.Actions))
	for i, a := range c.Actions {
		if i != asked {
			list = append(list, button(a))
		}
	}
	var links []buttonParam
	params["buttons"], links = fitButtons(list)
	params["body"] = withLinks(params["body"], links)
	if asked >= 0 {
		params["form"], params["form_label"] = fitForm(c.Actions[asked]), bots.Cut(c.Actions[asked].Label, maxLabel)
	}
	return params
}

// askParams are the private variables that show a's inputs to one person. They take the place of the form that the card has for everybody, so what that stood for becomes
// a button.
func askParams(a bots.Action, card *bots.Card) map[string]string {
	params := map[string]string{"form": fitForm(a), "form_label": bots.Cut(a.Label, maxLabel)}
	if card == nil || !card.Live() {
		return params
	}
	list := make([]buttonParam, 0, len(card.Actions))
	for _, other := range card.Actions {
		if other.ID != a.ID {
			list = append(list, button(other))
		}
	}
	params["buttons"], _ = fitButtons(list) // a link that has no place stands in the body, which everybody shares
	return params
}

// color maps onto the colours of the template's buttons.
func color(s bots.Style) string {
	switch s {
	case bots.Primary:
		return "blue"
	case bots.Danger:
		return "red"
	}
	return "gray"
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

// fitButtons takes buttons away until the rest fits, which cards with some six of them, or with long addresses, need: first those that open an address, which links are to
// stand for, then the last.
func fitButtons(list []buttonParam) (text string, links []buttonParam) {
	list = slices.Clone(list)
	for {
		text = jsonText(list)
		if len(text) <= maxParam {
			return text, links
		}
		i := len(list) - 1
		for i > 0 && list[i].address() == "" {
			i--
		}
		if list[i].address() == "" {
			i = len(list) - 1
		} else {
			links = append(links, list[i])
		}
		list = slices.Delete(list, i, i+1)
	}
}

// address is what the button opens; "" for one that calls back.
func (b buttonParam) address() string {
	params, _ := b.Action.Params.(map[string]string)
	return params["url"]
}

// inLink keeps brackets of an address from ending its link.
var inLink = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20")

// withLinks adds links at the end of a card's text, which gives way where both do not fit. A link that alone does not fit is left out.
func withLinks(body string, links []buttonParam) string {
	for _, b := range links {
		link := "[" + b.Text + "](" + inLink.Replace(b.address()) + ")"
		room := maxParam - len(link) - len("\n\n")
		if room < 0 {
			continue
		}
		body = strings.TrimPrefix(bots.Cut(body, room)+"\n\n"+link, "\n\n")
	}
	return body
}

// jsonText is v as JSON; v is made of strings, which always encode.
func jsonText(v any) string {
	text, err := encode(v)
	if err != nil {
		return "[]"
	}
	return string(text)
}
