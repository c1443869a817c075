package dingtalk

import "lingke/bots"

// callbackResponse is what a card callback is answered with, over HTTP as it is and over the stream inside "response".
// The zero value changes nothing.
type callbackResponse struct {
	Options *updateOptions `json:"cardUpdateOptions,omitempty"`
	Card    *paramMap      `json:"cardData,omitempty"`        // public: everybody's copy
	Private *paramMap      `json:"userPrivateData,omitempty"` // only for the one who clicked; not keyed by user id
}

// response renders an answer. The clicker's private variables are replaced as a whole: what was asked of them before is gone, and the toast is the private variable
// "toast", which a template without it ignores.
func response(a bots.Answer) callbackResponse {
	private := map[string]string{}
	if a.Ask != nil {
		private = askParams(*a.Ask, a.Card)
		a.Card = nil
	}
	if a.Toast != "" {
		private["toast"] = bots.Cut(a.Toast, maxParam)
	}
	var r callbackResponse
	if a.Card != nil {
		r.Card = &paramMap{cardParams(*a.Card)}
	}
	if a.Card != nil || len(private) > 0 {
		r.Private = &paramMap{private}
		r.Options = &updateOptions{CardByKey: true, PrivateByKey: false}
	}
	return r
}
