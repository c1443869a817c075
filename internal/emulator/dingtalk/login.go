package dingtalk

import (
	"net/http"

	"lingke/internal/emulator/world"
)

// authorize is the page of login.dingtalk.com: the browser comes back with authCode.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != s.opt.ClientID || q.Get("response_type") != "code" {
		http.Error(w, "unknown client", http.StatusBadRequest)
		return
	}
	s.world.Login(w, r, "钉钉登录", func(p world.Person) string { return p.DingTalk }, func(user string) string { return s.logins.Issue(user, s.world.Now()) }, "authCode")
}

// InAppCode is what dd.requestAuthCode gives a page inside the client of that person.
func (s *Server) InAppCode(user string) string { return s.inApp.Issue(user, s.world.Now()) }

// userToken is POST /v1.0/oauth2/userAccessToken.
func (s *Server) userToken(w http.ResponseWriter, r *http.Request) {
	var req struct{ ClientID, ClientSecret, Code, GrantType string }
	if f := decode(r, &req); f != nil {
		writeFailure(w, f)
		return
	}
	user, fine := s.logins.Take(req.Code, s.world.Now())
	if !fine || req.ClientID != s.opt.ClientID || req.ClientSecret != s.opt.ClientSecret || req.GrantType != "authorization_code" {
		writeFailure(w, &failure{status: http.StatusBadRequest, code: "invalidCode", text: "不合法的授权码"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"accessToken": s.users.Issue(user, s.world.Now()), "refreshToken": "", "expireIn": 7200, "corpId": s.opt.CorpID})
}

// me is GET /v1.0/contact/users/me with a user's token, which is good for one call here.
func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	user, fine := s.users.Take(r.Header.Get("x-acs-dingtalk-access-token"), s.world.Now())
	p, known := s.world.ByDingTalk(user)
	if !fine || !known {
		writeFailure(w, &failure{status: http.StatusBadRequest, code: "InvalidAuthentication", text: "不合法的access_token"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"nick": p.Name, "unionId": union(user), "openId": union(user)})
}

// userOfCode is /topapi/v2/user/getuserinfo: who opened the page inside the client.
func (s *Server) userOfCode(r *http.Request) (any, *failure) {
	var req struct{ Code string }
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	user, fine := s.inApp.Take(req.Code, s.world.Now())
	p, known := s.world.ByDingTalk(user)
	if !fine || !known {
		return nil, &failure{errcode: 40078, text: "不存在的临时授权码"}
	}
	return map[string]any{"userid": user, "name": p.Name, "unionid": union(user), "sys": false, "sys_level": 0}, nil
}
