package kingdee

import (
	"io"
	"net/http"
	"strings"
)

// maxBody is far above what a page or a batch needs.
const maxBody = 16 << 20

const (
	authPrefix    = "kingdee.bos.webapi.servicesstub.authservice."
	formPrefix    = "kingdee.bos.webapi.servicesstub.dynamicformservice."
	accountPrefix = "kingdee.bos.servicefacade.servicesstub.account.accountservice."
	suffix        = ".common.kdsvc"
)

// service is one operation of DynamicFormService.
type service struct {
	run    func(*Server, call) (any, error)
	refuse func(*Server, *refusal) any // how it reports an error
}

// services are the operations by lower-case name; clients differ in the case of the first letter.
func services() map[string]service {
	document := func(run func(*Server, call) (any, error)) service {
		return service{run, func(_ *Server, r *refusal) any { return plain(r) }}
	}
	return map[string]service{
		"executebillquery":  {(*Server).executeBillQuery, func(_ *Server, r *refusal) any { return nested(r) }},
		"billquery":         {(*Server).billQuery, (*Server).billQueryError},
		"view":              document((*Server).view),
		"save":              document((*Server).save),
		"draft":             document((*Server).draft),
		"batchsave":         document((*Server).batchSave),
		"submit":            document(moves("ADZ", "B")),
		"audit":             document(moves("B", "C")),
		"unaudit":           document(moves("C", "D")),
		"delete":            document((*Server).remove),
		"excuteoperation":   document((*Server).operate),
		"querybusinessinfo": document((*Server).businessInfo),
		"queryasyncresult":  document((*Server).asyncResult),
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(r.URL.Path)
	name, below := strings.CutPrefix(path, strings.ToLower(s.opts.Path))
	name, ok := strings.CutSuffix(name, suffix)
	if !below || !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodPost {
		http.Error(w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "Request Entity Too Large", http.StatusRequestEntityTooLarge)
		return
	}
	s.dispatch(w, r, name, body)
}

func (s *Server) dispatch(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	c, bodyErr := parseCall(body)
	if login, ok := strings.CutPrefix(name, authPrefix); ok {
		s.serveLogin(w, r, login, c)
		return
	}
	if name == accountPrefix+"getdatacenterlist" {
		writeJSON(w, http.StatusOK, s.dataCentres())
		return
	}
	operation, _ := strings.CutPrefix(name, formPrefix)
	op, ok := services()[operation]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.serveForm(w, r, op, c, bodyErr)
}

func (s *Server) serveLogin(w http.ResponseWriter, r *http.Request, name string, c call) {
	login, ok := s.logins()[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.answerLogin(w, login(c))
}

func (s *Server) serveForm(w http.ResponseWriter, r *http.Request, op service, c call, bodyErr error) {
	caller, done := s.caller(w, r, op)
	if done {
		return
	}
	caller.turn.Lock()
	defer caller.turn.Unlock()
	if !s.throttle.allow(s.now()) {
		writeJSON(w, orStatus(s.opts.ThrottleStatus), op.refuse(s, refuse(codeThrottled, "调用次数超过限制，请稍后再试")))
		return
	}
	answer, err := any(nil), bodyErr
	if err == nil {
		answer, err = op.run(s, c)
	}
	if err != nil {
		answer = op.refuse(s, asRefusal(err))
	}
	if c.asynchronous() {
		answer = s.tasks.begin(answer)
	}
	writeJSON(w, http.StatusOK, answer)
}

func orStatus(code int) int {
	if code == 0 {
		return http.StatusOK
	}
	return code
}

// caller finds the session of a request; done says that the request was refused and answered.
func (s *Server) caller(w http.ResponseWriter, r *http.Request, op service) (_ *session, done bool) {
	now := s.now()
	if !signed(r) {
		live, ok := s.sessions.touch(sessionID(r), now)
		if !ok {
			writeJSON(w, http.StatusOK, op.refuse(s, sessionLost()))
		}
		return live, !ok
	}
	if p := s.checkHeaders(r); p != headersGood {
		s.refuseHeaders(w, op, p)
		return nil, true
	}
	live := s.sessionFor(r, now)
	w.Header().Set("kdservice-sessionid", live.id)
	setSession(w, live.id, "")
	return live, false
}

func (s *Server) refuseHeaders(w http.ResponseWriter, op service, p problem) {
	if s.opts.Gateway {
		gatewayRefusal(w, p)
		return
	}
	writeJSON(w, http.StatusOK, op.refuse(s, sessionLost()))
}

func (s *Server) dataCentres() any {
	return []map[string]any{{"Id": s.opts.AcctID, "Number": "001", "Name": "领客演示账套", "Version": "8.2", "GDCID": "", "AuthenticationMethods": 1}}
}
