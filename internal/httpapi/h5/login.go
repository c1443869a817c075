package h5

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"lingke/internal/access"
	"lingke/internal/lang"
)

var notLoggedIn = lang.Text{ZH: "登录没有完成", EN: "You are not logged in"}

// Both platforms end a login at our door with a code that counts once.
const (
	dingTalk = access.DingTalk
	weCom    = access.WeCom
)

// toLogin sends the browser to be told apart: inside WeCom's client without a question, inside DingTalk's by its script, elsewhere by a choice.
func (s *server) toLogin(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/h5/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

// inside tells in which platform's client a page is open.
func inside(r *http.Request) string {
	agent := strings.ToLower(r.UserAgent())
	switch {
	case strings.Contains(agent, "wxwork"):
		return weCom
	case strings.Contains(agent, "dingtalk"):
		return dingTalk
	}
	return ""
}

// ours reports whether an address is a page of ours, so that a login leads nowhere else.
func ours(next string) bool {
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/h5/") && !strings.ContainsAny(next, "\\\r\n")
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if !ours(next) {
		s.sorry(w, r, http.StatusBadRequest, badLink, reopen)
		return
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	state := hex.EncodeToString(raw[:])
	http.SetCookie(w, s.cookie(loginCookie, s.signed("login", state+" "+next, s.Now().Add(loginFor)), loginFor))
	here, l := inside(r), s.language(r)
	if login := s.Logins[weCom]; here == weCom && login != nil {
		http.Redirect(w, r, login.LoginURL(s.comeBack(weCom), state, true), http.StatusSeeOther)
		return
	}
	type choice struct{ Platform, Text, Href string }
	var choices []choice
	for _, p := range []choice{{dingTalk, l.Say("用钉钉登录", "Log in with DingTalk"), ""}, {weCom, l.Say("用企业微信登录", "Log in with WeCom"), ""}} {
		if login := s.Logins[p.Platform]; login != nil {
			p.Href = login.LoginURL(s.comeBack(p.Platform), state, false)
			choices = append(choices, p)
		}
	}
	s.render(w, r, http.StatusOK, "login.html", map[string]any{
		"L": l, "Title": l.Say("登录", "Log in"), "Choices": choices, "State": state,
		"InApp": here == dingTalk && s.CorpID != "" && s.Logins[dingTalk] != nil, "CorpID": s.CorpID, "ClientID": s.ClientID,
	})
}

// comeBack is where a platform's login page sends the browser.
func (s *server) comeBack(platform string) string { return s.Links.Base() + "/h5/login/" + platform }

// expected takes the login that this browser began, if it ends with the state that it began with.
func (s *server) expected(w http.ResponseWriter, r *http.Request, state string) (next string, ok bool) {
	c, err := r.Cookie(loginCookie)
	if err != nil {
		return "", false
	}
	http.SetCookie(w, s.cookie(loginCookie, "", -1))
	value, ok := s.opened("login", c.Value)
	began, next, _ := strings.Cut(value, " ")
	return next, ok && state != "" && began == state && ours(next)
}

// returned ends a login that a platform's page has sent back.
func (s *server) returned(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	next, ok := s.expected(w, r, q.Get("state"))
	platform := r.PathValue("platform")
	code := q.Get("code") + q.Get("authCode") // each platform has its own name for it
	if !ok || s.Logins[platform] == nil || code == "" {
		s.sorry(w, r, http.StatusBadRequest, notLoggedIn, reopen)
		return
	}
	if who, ok := s.identify(w, r, platform, code, false); ok {
		s.begin(w, who)
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // one of our own pages: see ours
	}
}

// inApp ends a login inside DingTalk's client, whose script gave the page a code.
func (s *server) inApp(w http.ResponseWriter, r *http.Request) {
	next, ok := s.expected(w, r, r.PostFormValue("state"))
	if !ok || s.Logins[dingTalk] == nil || r.PostFormValue("code") == "" {
		s.sorry(w, r, http.StatusBadRequest, notLoggedIn, reopen)
		return
	}
	if who, ok := s.identify(w, r, dingTalk, r.PostFormValue("code"), true); ok {
		s.begin(w, who)
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // one of our own pages: see ours
	}
}

// identify finds the person behind a code, or answers why not.
func (s *server) identify(w http.ResponseWriter, r *http.Request, platform, code string, inApp bool) (access.Person, bool) {
	if len(code) > 1024 {
		code = ""
	}
	user, err := s.Logins[platform].Identify(r.Context(), code, inApp)
	if err != nil {
		s.Log.LogAttrs(r.Context(), slog.LevelWarn, "login", slog.String("platform", platform), slog.Any("err", err))
		s.sorry(w, r, http.StatusBadGateway, notLoggedIn,
			lang.Text{ZH: "平台没有认出你，请从聊天里的链接重新打开。", EN: "The platform did not tell who you are. Please open the link in the chat again."})
		return access.Person{}, false
	}
	who, known := s.People.ByPlatform(platform, user)
	if !known {
		s.sorry(w, r, http.StatusForbidden, lang.Text{ZH: "你还不在领客的人员名单里", EN: "Lingke does not know you yet"}, lang.Text{ZH: "请联系管理员添加。", EN: "Please ask an administrator to add you."})
	}
	return who, known
}
