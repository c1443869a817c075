package wecom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// answer is what a call gives: a code, and members beside errcode and errmsg.
type answer struct {
	code int
	msg  string
	more map[string]any
}

func ok(more map[string]any) answer { return answer{0, "ok", more} }

func fail(code int, msg string) answer { return answer{code, msg, nil} }

func (a answer) with(name string, value any) answer {
	if a.more == nil {
		a.more = map[string]any{}
	}
	a.more[name] = value
	return a
}

// bare are the codes whose errmsg comes without a hint.
var bare = map[int]bool{0: true, 40014: true, 41001: true, 41004: true, 40013: true, 40001: true}

// reply writes an answer as HTTP 200 with the platform's headers. The hint is a running number that its support would ask for.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, a answer) {
	msg := a.msg
	if !bare[a.code] {
		s.mu.Lock()
		hint := s.next()
		s.mu.Unlock()
		msg = fmt.Sprintf("%s, hint: [%d], from ip: %s, more info at https://open.work.weixin.qq.com/devtool/query?e=%d", msg, hint, remoteIP(r), a.code)
	}
	members := map[string]any{"errcode": a.code, "errmsg": msg}
	for name, value := range a.more {
		members[name] = value
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(members) // members are plain values
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Error-Code", strconv.Itoa(a.code))
	w.Header().Set("Error-Msg", a.msg)
	_, _ = w.Write(out.Bytes()) // a client that has gone cannot be told
}

// decode reads a body; a body that is not the expected JSON is answered with 40058.
func decode(body []byte, into any) (answer, bool) {
	if err := json.Unmarshal(body, into); err != nil {
		return fail(40058, "invalid Request Parameter Warning: wrong json format."), false
	}
	return answer{}, true
}
