package dingtalk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"lingke/bots"
)

// Bounds of what one click may bring.
const (
	maxInputs     = 50
	maxInputValue = 8 << 10 // bytes
	maxActionID   = 64
)

// cardCallback is a pressed button, the same over the stream and over HTTP.
type cardCallback struct {
	OutTrackID string          `json:"outTrackId"`
	UserID     string          `json:"userId"`
	Content    json.RawMessage `json:"content"` // JSON inside a string
	Value      json.RawMessage `json:"value"`   // a copy of content
}

// cardContent is what the button carries. Some older samples hold actionIds and params beside cardPrivateData.
type cardContent struct {
	Private struct {
		ActionIDs []string                   `json:"actionIds"`
		Params    map[string]json.RawMessage `json:"params"`
	} `json:"cardPrivateData"`
	ActionIDs []string                   `json:"actionIds"`
	Params    map[string]json.RawMessage `json:"params"`
}

// parseClick reads a pressed button. delivery is what tells two clicks apart and a redelivery from a new one: the frame's
// messageId, as the platform's fields name no click.
func parseClick(data []byte, delivery string, at time.Time) (bots.Incoming, error) {
	var c cardCallback
	if err := json.Unmarshal(data, &c); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: card callback: %w", errMalformed, err)
	}
	if c.OutTrackID == "" || c.UserID == "" {
		return bots.Incoming{}, fmt.Errorf("%w: card callback without outTrackId or userId", errMalformed)
	}
	content, err := contentOf(c)
	if err != nil {
		return bots.Incoming{}, err
	}
	params := content.Params
	if params == nil {
		params = content.Private.Params
	} else {
		for k, v := range content.Private.Params {
			params[k] = v
		}
	}
	form := formOf(params)
	action := actionOf([]string{textOf(form[actionField]), textOf(params["action"])}, append(content.Private.ActionIDs, content.ActionIDs...))
	if action == "" {
		return bots.Incoming{}, fmt.Errorf("%w: card callback names no action", errMalformed)
	}
	if delivery == "" {
		delivery = string(data)
	}
	return bots.Incoming{ID: "dingtalk:click:" + digest(delivery, c.OutTrackID, c.UserID, action), Platform: bots.DingTalk,
		Click: &bots.Click{From: c.UserID, Card: c.OutTrackID, Action: action, Inputs: inputsOf(params), At: at.UTC()}}, nil
}

// contentOf unwraps content, or its copy in value, from the string that it lies in.
func contentOf(c cardCallback) (cardContent, error) {
	var err error
	for _, raw := range []json.RawMessage{c.Content, c.Value} {
		if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
			continue
		}
		var inner string
		if json.Unmarshal(raw, &inner) == nil {
			raw = json.RawMessage(inner)
		}
		var content cardContent
		if err = json.Unmarshal(raw, &content); err == nil {
			return content, nil
		}
	}
	if err != nil {
		return cardContent{}, fmt.Errorf("%w: card callback content: %w", errMalformed, err)
	}
	return cardContent{}, nil
}

// cleanAction are the values that our buttons carry: an action, with a seal behind it where the gateway seals them.
var cleanAction = regexp.MustCompile(`^[a-z_]{1,32}(\.[0-9A-Za-z_-]{1,31})?$`)

// formOf are the values of a submitted form: the form component of the platform sends them under its id.
func formOf(params map[string]json.RawMessage) map[string]json.RawMessage {
	var form map[string]json.RawMessage
	_ = json.Unmarshal([]byte(unquoted(params["form"])), &form) // not a form: none
	return form
}

// actionOf takes the form's hidden field or params.action, which a template sets on purpose; but inside a template's loop only actionIds has the row's own value, so
// what cannot be one of ours gives way to it.
func actionOf(named, ids []string) string {
	candidates := append(named, ids...)
	for _, id := range candidates {
		if cleanAction.MatchString(id) {
			return id
		}
	}
	for _, id := range candidates {
		if id != "" && len(id) <= maxActionID {
			return id
		}
	}
	return ""
}

// inputsOf flattens the params of a form to text; an object named form or inputs holds further ones. current_form is the form as it was shown, which is of no use.
func inputsOf(params map[string]json.RawMessage) map[string]string {
	inputs := map[string]string{}
	add := func(name string, raw json.RawMessage) {
		if text := textOf(raw); name != actionField && name != "current_form" && len(inputs) < maxInputs && len(text) <= maxInputValue {
			inputs[name] = text
		}
	}
	for _, name := range sortedKeys(params) {
		var nested map[string]json.RawMessage
		if (name == "form" || name == "inputs") && json.Unmarshal([]byte(unquoted(params[name])), &nested) == nil {
			for _, inner := range sortedKeys(nested) {
				add(inner, nested[inner])
			}
			continue
		}
		add(name, params[name])
	}
	if len(inputs) == 0 {
		return nil
	}
	return inputs
}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func unquoted(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// textOf is one param as text: a list's values joined with commas, without blanks and doubles; of an object its value
// (as a choice component sends {"index":0,"value":"x"}); numbers and truth values as they are written.
func textOf(raw json.RawMessage) string {
	var s string
	var list []json.RawMessage
	var choice struct {
		Value json.RawMessage `json:"value"`
	}
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &s) == nil:
		return strings.TrimSpace(s)
	case json.Unmarshal(raw, &list) == nil:
		return joinTexts(list)
	case json.Unmarshal(raw, &choice) == nil && choice.Value != nil:
		return textOf(choice.Value)
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return ""
	}
	return compact.String()
}

func joinTexts(list []json.RawMessage) string {
	var texts []string
	for _, raw := range list {
		if text := textOf(raw); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ",")
}
