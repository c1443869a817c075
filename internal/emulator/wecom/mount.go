package wecom

import (
	"io"
	"net"
	"net/http"
	"slices"
)

const maxBody = 21 << 20 // an uploaded file has up to 20 MB

// endpoint is one call of the app; s.mu is held while it runs.
type endpoint func(s *Server, r *http.Request, body []byte) answer

// Mount registers the platform's paths. Unknown ones below /cgi-bin/ are 404 without a body.
func (s *Server) Mount(mux *http.ServeMux) {
	mux.HandleFunc("/cgi-bin/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	mux.HandleFunc("/cgi-bin/gettoken", s.serveToken)
	mux.HandleFunc("GET /connect/oauth2/authorize", s.authorize)
	mux.HandleFunc("GET /wwopen/sso/qrConnect", s.scan)
	mux.HandleFunc("/cgi-bin/auth/getuserinfo", s.guarded("", (*Server).userOfCode)) // outside the base frequency rule
	mux.HandleFunc("/cgi-bin/webhook/send", s.open((*Server).robotSend))
	mux.HandleFunc("/cgi-bin/webhook/upload_media", s.open((*Server).robotUpload))
	mux.HandleFunc("GET "+mediaPath+"{id}", s.showMedium)
	for path, run := range map[string]endpoint{
		"getcallbackip": (*Server).addresses, "get_api_domain_ip": (*Server).addresses,
		"media/upload": (*Server).mediaUpload, "agent/get": (*Server).agentGet,
		"menu/create": (*Server).menuCreate, "menu/get": (*Server).menuGet, "menu/delete": (*Server).menuDelete, "message/update_template_card": (*Server).updateCard, "message/recall": (*Server).recall,
		"user/get": (*Server).userGet, "user/simplelist": (*Server).userSimpleList, "user/list": (*Server).userList,
		"department/simplelist": (*Server).departmentSimpleList, "department/get": (*Server).departmentGet, "department/list": (*Server).departmentList,
		"appchat/create": (*Server).chatCreate, "appchat/update": (*Server).chatUpdate, "appchat/get": (*Server).chatGet, "appchat/send": (*Server).chatSend,
	} {
		mux.HandleFunc("/cgi-bin/"+path, s.guarded(path, run))
	}
	for path, run := range map[string]endpoint{
		"get_follow_user_list": (*Server).followUsers, "list": (*Server).externalList, "get": (*Server).externalGet, "batch/get_by_user": (*Server).externalBatch,
		"get_corp_tag_list": (*Server).tagList, "add_corp_tag": (*Server).tagAdd, "mark_tag": (*Server).markTag,
	} {
		mux.HandleFunc("/cgi-bin/externalcontact/"+path, s.guarded("externalcontact/"+path, contactCall(run)))
	}
	mux.HandleFunc("/cgi-bin/message/send", s.guarded("", (*Server).send)) // outside the base frequency rule
}

// open runs a call that needs no token.
func (s *Server) open(run endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.reply(w, r, fail(40058, "request body too large"))
			return
		}
		s.mu.Lock()
		a := run(s, r, body)
		s.mu.Unlock()
		s.reply(w, r, a)
	}
}

// guarded checks the token before anything else, then the address, then how often the API was called.
func (s *Server) guarded(api string, run endpoint) http.HandlerFunc {
	return s.open(func(s *Server, r *http.Request, body []byte) answer {
		if a := s.checkToken(r.URL.Query().Get("access_token")); a.code != 0 {
			return a
		}
		if ip := remoteIP(r); len(s.opts.TrustedIPs) > 0 && !slices.Contains(s.opts.TrustedIPs, ip) {
			return fail(60020, "not allow to access from your ip")
		}
		if api != "" && !s.limits.api(api, s.world.Now(), s.opts.CallsPerMin) {
			return s.limited()
		}
		return run(s, r, body)
	})
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// addresses answers both lists of the platform's addresses.
func (s *Server) addresses(*http.Request, []byte) answer {
	return ok(map[string]any{"ip_list": []string{"127.0.0.1"}})
}
