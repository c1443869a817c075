package wecom

import (
	"net/http"

	"lingke/internal/emulator/world"
)

// authorize is the page of open.weixin.qq.com to which an H5 page sends the browser. The real client knows its member; here the page asks.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("appid") != s.opts.CorpID || r.URL.Query().Get("response_type") != "code" {
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
