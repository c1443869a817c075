package dingtalk

import (
	"encoding/json"
)

// Limits of a card's data.
const (
	maxTrack = 64
	maxKey   = 100  // bytes of a variable's name
	maxValue = 1024 // bytes of a variable's value
)

// cardData is the variables of a template; every value must be text.
type cardData struct {
	Params map[string]any `json:"cardParamMap"`
}

// text returns the variables, or why they cannot be taken.
func (d *cardData) text() (map[string]string, *failure) {
	if d == nil || d.Params == nil {
		return nil, nil
	}
	out := map[string]string{}
	for k, v := range d.Params {
		s, ok := v.(string)
		if !ok || len(k) > maxKey || len(s) > maxValue {
			return nil, &failure{code: "param.invalid", text: "param.invalid: cardParamMap." + k}
		}
		out[k] = s
	}
	return out, nil
}

// present reports whether an optional JSON object was sent.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// cardRequest is the union of the card calls' bodies.
type cardRequest struct {
	Template    string               `json:"cardTemplateId"`
	Track       string               `json:"outTrackId"`
	Data        *cardData            `json:"cardData"`
	Private     map[string]*cardData `json:"privateData"`
	OpenSpaceID string               `json:"openSpaceId"`
	UserIDType  int                  `json:"userIdType"`
	Callback    string               `json:"callbackType"`
	RouteKey    string               `json:"callbackRouteKey"`
	Options     struct {
		ByKey        bool `json:"updateCardDataByKey"`
		PrivateByKey bool `json:"updatePrivateDataByKey"`
	} `json:"cardUpdateOptions"`

	GroupSpace  json.RawMessage `json:"imGroupOpenSpaceModel"`
	RobotSpace  json.RawMessage `json:"imRobotOpenSpaceModel"`
	SingleSpace json.RawMessage `json:"imSingleOpenSpaceModel"`
	TopSpace    json.RawMessage `json:"topOpenSpaceModel"`

	GroupDeliver  json.RawMessage `json:"imGroupOpenDeliverModel"`
	RobotDeliver  json.RawMessage `json:"imRobotOpenDeliverModel"`
	SingleDeliver json.RawMessage `json:"imSingleOpenDeliverModel"`
	TopDeliver    json.RawMessage `json:"topOpenDeliverModel"`
}

// spaces names the kinds whose space model was sent.
func (r *cardRequest) spaces() map[string]bool {
	return sentModels(r.RobotSpace, r.GroupSpace, r.SingleSpace, r.TopSpace)
}

// delivers names the kinds whose deliver model was sent.
func (r *cardRequest) delivers() map[string]bool {
	return sentModels(r.RobotDeliver, r.GroupDeliver, r.SingleDeliver, r.TopDeliver)
}

// sentModels takes the models in the order of spaceKinds.
func sentModels(models ...json.RawMessage) map[string]bool {
	out := map[string]bool{}
	for i, m := range models {
		if present(m) {
			out[spaceKinds[i]] = true
		}
	}
	return out
}

// change reads the public and private data of a request.
func (s *Server) change(r *cardRequest) (change, *failure) {
	ch := change{byKey: r.Options.ByKey, privateKeys: r.Options.PrivateByKey}
	var f *failure
	if ch.public, f = r.Data.text(); f != nil {
		return ch, f
	}
	ch.private = map[string]map[string]string{}
	for id, d := range r.Private {
		user, ok := s.user(id, r.UserIDType)
		if !ok {
			return ch, bad("param.userIdNotExist")
		}
		vars, f := d.text()
		if f != nil {
			return ch, f
		}
		ch.private[user] = vars
	}
	return ch, nil
}
