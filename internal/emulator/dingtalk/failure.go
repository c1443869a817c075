package dingtalk

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// failure is a refusal in the form of either host: status and code for api, errcode for oapi.
type failure struct {
	status  int // 0 is 400
	code    string
	errcode int
	text    string   // the code again where empty
	scopes  []string // the permissions that were missing
}

// bad is a refusal of the api host with status 400, whose message repeats the code as DingTalk's card API does.
func bad(code string) *failure { return &failure{code: code} }

func requestID() string { return strings.ToUpper(uuid.NewString()) }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // a client that has gone needs no answer
}

// writeFailure answers as the api host does.
func writeFailure(w http.ResponseWriter, f *failure) {
	body := map[string]any{"code": f.code, "requestid": requestID(), "message": f.text}
	if f.text == "" {
		body["message"] = f.code
	}
	if len(f.scopes) > 0 {
		body["accessdenieddetail"] = map[string]any{"requiredScopes": f.scopes}
	}
	status := f.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	writeJSON(w, status, body)
}

// writeOapi answers as the oapi host does: always HTTP 200.
func writeOapi(w http.ResponseWriter, result any, f *failure) {
	body := map[string]any{"errcode": 0, "errmsg": "ok", "request_id": strings.ToLower(requestID())}
	switch {
	case f != nil:
		body["errcode"], body["errmsg"] = f.errcode, f.text
	case result != nil:
		body["result"] = result
	}
	writeJSON(w, http.StatusOK, body)
}
