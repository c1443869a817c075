package dingtalk

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
)

// The permissions that the emulated calls need.
const (
	scopeCard     = "Card.Instance.Write"
	scopeRobot    = "qyapi_robot_sendmsg"
	scopeUser     = "qyapi_get_member"
	scopeWorkflow = "Workflow.Instance.Read"
	scopeNotice   = "qyapi_message_corpconversation_asyncsend"
)

// call is one API: its permission, whether it counts against the month, and what it does with a request that has
// passed the gate.
type call struct {
	scope string
	free  bool // does not count against the month's calls
	do    func(r *http.Request) (result any, f *failure)
}

func (s *Server) apiCalls() map[string]call {
	return map[string]call{
		"POST /v1.0/robot/oToMessages/batchSend":     {scope: scopeRobot, do: s.batchSend},
		"POST /v1.0/robot/groupMessages/send":        {scope: scopeRobot, do: s.groupSend},
		"GET /v1.0/robot/oToMessages/readStatus":     {scope: scopeRobot, do: s.readStatus},
		"POST /v1.0/robot/otoMessages/batchRecall":   {scope: scopeRobot, do: s.recall},
		"POST /v1.0/robot/groupMessages/recall":      {scope: scopeRobot, do: s.recall},
		"POST /v1.0/robot/groupMessages/query":       {scope: scopeRobot, do: s.groupQuery},
		"POST /v1.0/robot/messageFiles/download":     {scope: scopeRobot, do: s.fileAddress},
		"POST /v1.0/card/instances":                  {scope: scopeCard, do: s.createCard},
		"PUT /v1.0/card/instances":                   {scope: scopeCard, do: s.updateCard},
		"POST /v1.0/card/instances/deliver":          {scope: scopeCard, do: s.deliverCard},
		"PUT /v1.0/card/instances/spaces":            {scope: scopeCard, do: s.addSpaces},
		"POST /v1.0/card/instances/createAndDeliver": {scope: scopeCard, do: s.createAndDeliver},
		"POST /v1.0/card/callbacks/register":         {scope: scopeCard, do: s.registerCallback},
		"GET /v1.0/workflow/processInstances":        {scope: scopeWorkflow, do: s.processInstance},
	}
}

func (s *Server) oapiCalls() map[string]call {
	return map[string]call{
		"/topapi/message/corpconversation/asyncsend_v2":    {scope: scopeNotice, do: s.noticeSend},
		"/topapi/message/corpconversation/getsendprogress": {scope: scopeNotice, do: s.noticeProgress},
		"/topapi/message/corpconversation/getsendresult":   {scope: scopeNotice, do: s.noticeResult},
		"/topapi/message/corpconversation/recall":          {scope: scopeNotice, do: s.noticeRecall},
		"/topapi/v2/user/get":                              {scope: scopeUser, free: true, do: s.userGet},
		"/topapi/v2/user/getuserinfo":                      {scope: scopeUser, free: true, do: s.userOfCode},
		"/topapi/user/getbyunionid":                        {scope: scopeUser, free: true, do: s.userByUnion},
		"/topapi/v2/user/getbymobile":                      {scope: scopeUser, free: true, do: s.userByMobile},
		"/topapi/user/listid":                              {scope: scopeUser, free: true, do: s.userIDs},
		"/topapi/user/listsimple":                          {scope: scopeUser, free: true, do: s.userNames},
		"/topapi/v2/user/list":                             {scope: scopeUser, free: true, do: s.userList},
		"/topapi/v2/department/listsub":                    {scope: scopeUser, free: true, do: s.departments},
		"/topapi/v2/department/get":                        {scope: scopeUser, free: true, do: s.department},
	}
}

// gate lets a call of the api host through that has a valid token, the permission, and budget left.
func (s *Server) gate(api string, c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f := s.admit(api, c, r.Header.Get("x-acs-dingtalk-access-token"), remoteIP(r)); f != nil {
			writeFailure(w, f)
			return
		}
		result, f := c.do(r)
		if f != nil {
			writeFailure(w, f)
			return
		}
		writeJSON(w, http.StatusOK, result)
	}
}

// oapiGate is gate for the oapi host.
func (s *Server) oapiGate(api string, c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f := s.admit(api, c, r.URL.Query().Get("access_token"), remoteIP(r)); f != nil {
			writeOapi(w, nil, f)
			return
		}
		result, f := c.do(r)
		if flat, ok := result.(beside); ok {
			writeBeside(w, flat, f)
			return
		}
		writeOapi(w, result, f)
	}
}

// beside are results that stand beside errcode instead of inside "result", as in the older calls of this host.
type beside map[string]any

func writeBeside(w http.ResponseWriter, members beside, f *failure) {
	if f != nil {
		writeOapi(w, nil, f)
		return
	}
	members["errcode"], members["errmsg"], members["request_id"] = 0, "ok", strings.ToLower(requestID())
	writeJSON(w, http.StatusOK, members)
}

func (s *Server) admit(api string, c call, token, ip string) *failure {
	now := s.world.Now()
	switch {
	case len(s.opt.TrustedIPs) > 0 && !slices.Contains(s.opt.TrustedIPs, ip):
		return &failure{status: http.StatusForbidden, code: "Forbidden.AccessDenied.IpNotInWhiteList", errcode: 60020, text: "访问ip不在白名单之中,request ip=" + ip}
	case !s.tokens.valid(token, now):
		return &failure{code: "InvalidAuthentication", errcode: 40014, text: "不合法的access_token"}
	case slices.Contains(s.opt.Denied, c.scope):
		return &failure{
			status: http.StatusForbidden, code: "Forbidden.AccessDenied.AccessTokenPermissionDenied", errcode: 60011,
			text: "应用尚未开通所需的权限：[" + c.scope + "]", scopes: []string{c.scope},
		}
	case !s.limits.second(api, now):
		return &failure{
			status: http.StatusForbidden, code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", errcode: 90018,
			text: "您的服务器调用钉钉开放平台当前接口的频率过高，请1秒后再试",
		}
	case !c.free && !s.limits.call(now):
		return &failure{
			status: http.StatusForbidden, code: "Forbidden.AccessDenied.ApiCountLimitForOrg", errcode: 90020,
			text: "企业当月的API调用次数已用完",
		}
	}
	return nil
}

// decode reads a JSON body.
func decode(r *http.Request, into any) *failure {
	err := json.NewDecoder(r.Body).Decode(into)
	switch {
	case errors.Is(err, io.EOF):
		return &failure{code: "Missingbody", errcode: 40035, text: "body is mandatory for this action."}
	case err != nil:
		return &failure{code: "param.invalid", errcode: 40035, text: "不合法的参数"}
	}
	return nil
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
