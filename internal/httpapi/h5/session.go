package h5

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/lang"
)

// The cookies, and how long each counts. A session ends after a working day, so that a lent phone does not stay open.
const (
	sessionCookie = "lingke_h5"
	loginCookie   = "lingke_h5_login"
	sessionFor    = 10 * time.Hour
	loginFor      = 10 * time.Minute
)

// signed is a value that only we can have made for a purpose, until an instant.
func (s *server) signed(purpose, value string, until time.Time) string {
	head := strconv.FormatInt(until.Unix(), 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(value))
	return head + "." + base64.RawURLEncoding.EncodeToString(s.Keys.Sign(purpose+"\x00"+head, 24))
}

func (s *server) opened(purpose, text string) (value string, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return "", false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	until, timeErr := strconv.ParseInt(parts[0], 36, 64)
	raw, valueErr := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err != nil || timeErr != nil || valueErr != nil || len(mac) != 24 || !s.Keys.Verify(purpose+"\x00"+parts[0]+"."+parts[1], mac) || !s.Now().Before(time.Unix(until, 0)) {
		return "", false
	}
	return string(raw), true
}

// session is who has logged in. Whether they still belong to the staff is looked up each time.
func (s *server) session(r *http.Request) (access.Person, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return access.Person{}, false
	}
	id, ok := s.opened("session", c.Value)
	if !ok {
		return access.Person{}, false
	}
	who, known := s.People.ByID(id) // also who has left: what they did keeps their name
	return who, known && !who.Gone(s.Now())
}

func (s *server) cookie(name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever the pages are
		Name: name, Value: value, Path: "/h5/", MaxAge: int(life / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(s.Links.Base(), "https://"),
	}
}

func (s *server) begin(w http.ResponseWriter, who access.Person) {
	http.SetCookie(w, s.cookie(sessionCookie, s.signed("session", who.ID, s.Now().Add(sessionFor)), sessionFor))
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	if elsewhere(r) {
		s.sorry(w, r, http.StatusForbidden, notDone, reload)
		return
	}
	http.SetCookie(w, s.cookie(sessionCookie, "", -time.Second))
	s.sorry(w, r, http.StatusOK, lang.Text{ZH: "已退出", EN: "Logged out"}, lang.Text{ZH: "需要时从聊天里的链接重新打开。", EN: "Open a link in the chat when you need a page again."})
}

// csrf is what a form of a page must bring back.
func (s *server) csrf(who access.Person) string {
	return s.signed("form", who.ID, s.Now().Add(sessionFor))
}

// elsewhere reports whether another site's page sent a form. Clients that do not say are left to the form's own token.
func elsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin"
}

// act does what a form asks for: only one that a page of ours showed to the person who sends it.
func (s *server) act(do func(w http.ResponseWriter, r *http.Request, who access.Person) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, ok := s.session(r)
		if !ok {
			s.sorry(w, r, http.StatusUnauthorized, lang.Text{ZH: "需要重新登录", EN: "Please log in again"}, reopen)
			return
		}
		if id, ok := s.opened("form", r.PostFormValue("csrf")); !ok || id != who.ID || elsewhere(r) {
			s.sorry(w, r, http.StatusForbidden, notDone, reload)
			return
		}
		if err := do(w, r, who); err != nil {
			if text, refused := s.Refused(err, who); refused {
				back := s.path(who, r.URL.EscapedPath()[:strings.LastIndexByte(r.URL.EscapedPath(), '/')])
				s.sorryBack(w, r, http.StatusConflict, notDone, lang.Text{ZH: text, EN: text}, back)
				return
			}
			s.failed(w, r, err)
		}
	}
}
