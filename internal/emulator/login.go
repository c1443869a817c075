package emulator

import "net/http"

// postCode gives what a page inside a person's DingTalk gets from dd.requestAuthCode: a browser has no such client around it.
func (e *Emulator) postCode(r *http.Request) (any, error) {
	var req struct{ Person string }
	if err := read(r, &req); err != nil {
		return nil, err
	}
	_, person, err := e.who("dingtalk", req.Person)
	if err != nil {
		return nil, err
	}
	return map[string]string{"code": e.dingtalk.InAppCode(person.DingTalk)}, nil
}
