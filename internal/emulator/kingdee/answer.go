package kingdee

import (
	"encoding/json"
	"errors"
	"net/http"
)

// The MsgCode values of a ResponseStatus that the emulator gives.
const (
	codeOK          = 0
	codeSessionLost = 1
	codeException   = 4
	codeNoForm      = 5
	codeParameter   = 8
	codeNoField     = 9
	codeValidation  = 11
	codeNotOperable = 12
	codeThrottled   = 14
)

// refusal is a business error: what a ResponseStatus with IsSuccess false says.
type refusal struct {
	code  int
	items []failure
}

type failure struct {
	FieldName *string
	Message   string
	DIndex    int
}

func (r *refusal) Error() string { return r.items[0].Message }

func refuse(code int, message string) *refusal {
	return &refusal{code: code, items: []failure{{Message: message}}}
}

// invalid names the field that failed validation.
func invalid(field, message string) *refusal {
	return &refusal{code: codeValidation, items: []failure{{FieldName: &field, Message: message}}}
}

func sessionLost() *refusal {
	return refuse(codeSessionLost, "会话信息已丢失，请重新登录")
}

// asRefusal gives err as a refusal; an error of no kind is one of the parameters.
func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return refuse(codeParameter, err.Error())
}

type status struct {
	ErrorCode       int `json:",omitempty"`
	IsSuccess       bool
	Errors          []failure
	SuccessEntitys  []entity
	SuccessMessages []string
	MsgCode         int
}

// entity names a document that a call dealt with.
type entity struct {
	ID     int64 `json:"Id"`
	Number string
	DIndex int
}

func (r *refusal) status() status {
	return status{ErrorCode: 500, Errors: r.items, SuccessEntitys: []entity{}, SuccessMessages: []string{}, MsgCode: r.code}
}

func succeeded(done ...entity) status {
	if done == nil {
		done = []entity{}
	}
	return status{IsSuccess: true, Errors: []failure{}, SuccessEntitys: done, SuccessMessages: []string{}, MsgCode: codeOK}
}

// result wraps what stands beside a ResponseStatus.
func result(st status, more map[string]any) map[string]any {
	inner := map[string]any{"ResponseStatus": st}
	for name, value := range more {
		inner[name] = value
	}
	return map[string]any{"Result": inner}
}

// nested is how a query reports an error: row 0, cell 0 is an object.
func nested(r *refusal) any { return [][]any{{result(r.status(), nil)}} }

func plain(r *refusal) any { return result(r.status(), nil) }

func writeJSON(w http.ResponseWriter, httpStatus int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(httpStatus)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone cannot be told
}
