package kingdee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"lingke/connectors"
)

// auth hands out what a request proves itself with.
type auth interface {
	pass(ctx context.Context) (pass, error)
	// renew replaces a pass that the site no longer knows. Callers that lost the same pass share one login.
	renew(ctx context.Context, lost pass) (pass, error)
}

// pass is the proof for one request.
type pass struct {
	apply func(*http.Request) error
	keep  func(*http.Response) // told of each answer with status 200; may be nil
	login int                  // which login it came from
}

func newAuth(c *Conn) auth {
	if c.cfg.Auth == AuthSigned {
		return signed{c}
	}
	return &session{conn: c, lock: make(chan struct{}, 1)}
}

// signed needs no session: each request is signed afresh.
type signed struct{ conn *Conn }

func (s signed) pass(context.Context) (pass, error) {
	return pass{apply: func(r *http.Request) error {
		return sign(r.Header, s.conn.cfg, r.URL.EscapedPath(), millis(s.conn.now()))
	}}, nil
}

func (s signed) renew(ctx context.Context, _ pass) (pass, error) { return s.pass(ctx) }

// sessionIdle is after how long without a call we log in again by ourselves; sites forget a session after 20 minutes.
const sessionIdle = 15 * time.Minute

// session logs in when it must and shares the session among all callers.
type session struct {
	conn    *Conn
	lock    chan struct{} // a mutex whose waiters can give up
	login   int           // counts logins
	id      string
	cookies string
	used    time.Time
}

func (s *session) pass(ctx context.Context) (pass, error) { return s.get(ctx, -1) }

func (s *session) renew(ctx context.Context, lost pass) (pass, error) { return s.get(ctx, lost.login) }

// get returns the session, after a login where there is none, where it rested too long, or where it is the lost one.
func (s *session) get(ctx context.Context, lost int) (pass, error) {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return pass{}, ctx.Err()
	}
	now := s.conn.now()
	if s.id == "" || s.login == lost || now.Sub(s.used) > sessionIdle {
		if err := s.logIn(ctx, now); err != nil {
			s.id = ""
			return pass{}, err
		}
	}
	s.used = now
	id, cookies := s.id, s.cookies
	return pass{login: s.login, apply: func(r *http.Request) error {
		r.Header.Set("kdservice-sessionid", id)
		r.Header.Set("Cookie", cookies)
		return nil
	}}, nil
}

// logged is the answer to a login.
type logged struct {
	LoginResultType int
	Message         string
	KDSVCSessionID  string `json:"KDSVCSessionId"`
	Context         *struct {
		SessionID string `json:"SessionId"`
	}
}

func (s *session) logIn(ctx context.Context, now time.Time) error {
	service, parameters := s.credentials(now)
	body, err := json.Marshal(map[string]any{"parameters": parameters})
	if err != nil {
		return err
	}
	var cookies []*http.Cookie
	var got logged
	p := pass{
		apply: func(*http.Request) error { return nil },
		keep:  func(r *http.Response) { cookies = r.Cookies() },
	}
	err = s.conn.post(ctx, authService+service, body, p, func(answer []byte) (err error) {
		got, err = decodeLogin(answer)
		return err
	})
	if err != nil {
		return s.conn.named("log in", err)
	}
	s.id, s.cookies = got.KDSVCSessionID, cookieHeader(got, cookies)
	s.login++
	return nil
}

// credentials are the service's name and its positional parameters.
func (s *session) credentials(now time.Time) (service string, parameters []any) {
	c := s.conn.cfg
	switch c.Auth {
	case AuthPassword:
		return "ValidateUser", []any{c.AcctID, c.Username, c.Password, c.LCID}
	case AuthSign:
		stamp := seconds(now)
		return "LoginBySign", []any{c.AcctID, c.Username, c.AppID, stamp, loginSign(c, stamp), c.LCID}
	}
	return "LoginByAppSecret", []any{c.AcctID, c.Username, c.AppID, c.AppSecret, c.LCID}
}

// decodeLogin accepts type 1, and type -5 with a session: the site then wants a person to see a form (such as a password
// reminder) but serves the session all the same.
func decodeLogin(answer []byte) (logged, error) {
	answer, err := jsonText(answer)
	if err != nil {
		return logged{}, err
	}
	if s := findStatus(answer, 0); s != nil {
		switch err := s.err(); {
		case errors.Is(err, connectors.ErrThrottled):
			return logged{}, err
		case err != nil: // a lost session here means a wrong account, not one more login
			return logged{}, loginRefused(0, err.Error())
		}
	}
	var got logged
	if err := json.Unmarshal(answer, &got); err != nil {
		return logged{}, fmt.Errorf("%w: the login's answer cannot be read: %s", errNoAnswer, where(err))
	}
	if got.KDSVCSessionID == "" || (got.LoginResultType != 1 && got.LoginResultType != -5) {
		return logged{}, loginRefused(got.LoginResultType, got.Message)
	}
	return got, nil
}

func loginRefused(kind int, message string) *Error {
	text := strings.TrimSpace(unescape(message))
	if text == "" {
		text = "refused without a message"
	}
	if strings.Contains(text, lostText) {
		text += " (acct_id is wrong, or the app is not authorised for this user)"
	}
	return &Error{Kind: connectors.ErrUnauthorized, Op: "log in", Text: fmt.Sprintf("%s (LoginResultType %d)", text, kind)}
}

// cookieHeader sends back what the login set (a load balancer's choice too) and both of Kingdee's cookies, which some
// sites give in the answer only.
func cookieHeader(got logged, set []*http.Cookie) string {
	values := map[string]bool{}
	var parts []string
	add := func(name, value string) {
		if key := strings.ToLower(name); value != "" && !values[key] {
			values[key] = true
			parts = append(parts, (&http.Cookie{Name: name, Value: value}).String()) //nolint:gosec // a header of ours, not a cookie for a browser
		}
	}
	for _, c := range set {
		add(c.Name, c.Value)
	}
	add("kdservice-sessionid", got.KDSVCSessionID)
	if got.Context != nil {
		add("ASP.NET_SessionId", got.Context.SessionID)
	}
	return strings.Join(parts, "; ")
}
