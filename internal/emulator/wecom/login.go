package wecom

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"lingke/internal/emulator/world"
)

// authorize is the page of open.weixin.qq.com to which an H5 page sends the client's browser; no other may open it. The real client knows its member; here the page asks.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(strings.ToLower(r.UserAgent()), "wxwork") {
		http.Error(w, "请在企业微信客户端打开链接", http.StatusForbidden)
		return
	}
	if q := r.URL.Query(); q.Get("response_type") != "code" || q.Get("scope") != "snsapi_base" {
		http.Error(w, "参数错误", http.StatusBadRequest)
		return
	}
	s.login(w, r)
}

// scan is the page of open.work.weixin.qq.com for browsers outside the client: its code is scanned with the phone of whoever it is. Here the page asks.
func (s *Server) scan(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("agentid") != strconv.Itoa(s.opts.AgentID) {
		http.Error(w, "参数错误", http.StatusBadRequest)
		return
	}
	s.login(w, r)
}

// login sends the browser back with a code, if the app is known and the address lies in its trusted domain.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	back, err := url.Parse(r.URL.Query().Get("redirect_uri"))
	if r.URL.Query().Get("appid") != s.opts.CorpID || err != nil || s.opts.TrustedDomain != "" && back.Host != s.opts.TrustedDomain {
		http.Error(w, "50001 redirect_url未登记可信域名", http.StatusBadRequest)
		return
	}
	s.world.Login(w, r, "企业微信登录", func(p world.Person) string { return p.WeCom }, func(user string) string { return s.codes.Issue(user, s.world.Now()) }, "code")
}

// userOfCode is /cgi-bin/auth/getuserinfo: a code counts once and for five minutes.
func (s *Server) userOfCode(r *http.Request, _ []byte) answer {
	user, fine := s.codes.Take(r.URL.Query().Get("code"), s.world.Now())
	if !fine {
		return fail(40029, "invalid code")
	}
	return ok(map[string]any{"userid": user})
}
