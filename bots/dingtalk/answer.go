package dingtalk

import "lingke/bots"

// callbackResponse is what a card callback is answered with, over HTTP as it is and over the stream inside "response".
// The zero value changes nothing.
type callbackResponse struct {
	Options *updateOptions `json:"cardUpdateOptions,omitempty"`
	Card    *paramMap      `json:"cardData,omitempty"`        // public: everybody's copy
	Private *paramMap      `json:"userPrivateData,omitempty"` // only for the one who clicked; not keyed by user id
}

// response renders an answer. The toast is the clicker's private variable "toast"; a template without it ignores it.
func response(a bots.Answer) callbackResponse {
	var r callbackResponse
	if a.Card != nil {
		r.Card = &paramMap{cardParams(*a.Card)}
	}
	if a.Toast != "" {
		r.Private = &paramMap{map[string]string{"toast": bots.Cut(a.Toast, maxParam)}}
	}
	if r.Card != nil || r.Private != nil {
		r.Options = &updateOptions{true, true}
	}
	return r
}
