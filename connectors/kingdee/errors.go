package kingdee

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// ErrSessionLost is the kind of the error when the site says again, right after a new login or with a fresh signature, that
// it knows no session. The usual reasons are a wrong acct_id, or an integration user that is not authorised for the app.
var ErrSessionLost = fmt.Errorf("the session is lost: %w", connectors.ErrUnauthorized)

// MsgCode values of ResponseStatus (KDOC; also the Java and Go clients).
const (
	codeSessionLost  = 1
	codeNoPermission = 2
	codeNoForm       = 5
	codeLicence      = 7
	codeNotFound     = 9 // a field or value that does not exist
	codeThrottled    = 14
	codeAdminLogin   = 15
)

// Error is a refusal by the site, in its own words.
type Error struct {
	Kind    error // one of the kinds of connectors, ErrSessionLost, or nil: it may pass by itself
	Op      string
	HTTP    int    // status, 0 where it was 200
	MsgCode int    // Kingdee's code, 0 where it gave none
	Text    string // never a secret
	Field   string // the field key that the site does not know, where that is the complaint
	wait    time.Duration
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + ": ")
	if e.HTTP != 0 {
		b.WriteString("HTTP " + strconv.Itoa(e.HTTP) + ": ")
	}
	b.WriteString(e.Text)
	if e.MsgCode != 0 {
		b.WriteString(" (MsgCode " + strconv.Itoa(e.MsgCode) + ")")
	}
	if e.Kind != nil {
		b.WriteString(": " + e.Kind.Error())
	}
	return b.String()
}

// Unwrap returns the kind, so that errors.Is(err, connectors.ErrThrottled) works.
func (e *Error) Unwrap() error { return e.Kind }

// RetryAfter is how long the platform asks to wait, 0 where it does not say.
func (e *Error) RetryAfter() time.Duration { return e.wait }

// lostText is how a session's end is told where the code is missing.
const lostText = "会话信息已丢失"

var (
	unknownField = regexp.MustCompile(`标识为[^A-Za-z]*([A-Za-z][A-Za-z0-9_.]*).{0,3}的字段不存在`)
	escaped      = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
)

// refusal classifies what a site said, by code first and by words second.
func refusal(code int, text string) *Error {
	e := &Error{MsgCode: code, Text: unescape(text)}
	if e.Text == "" {
		e.Text = "refused without a message"
	}
	if m := unknownField.FindStringSubmatch(e.Text); m != nil {
		e.Field = m[1]
	}
	switch {
	case code == codeSessionLost, strings.Contains(e.Text, lostText):
		e.Kind = ErrSessionLost
	case code == codeThrottled:
		e.Kind = connectors.ErrThrottled
	case code == codeNoPermission, code == codeAdminLogin:
		e.Kind = connectors.ErrUnauthorized
	case e.Field != "", code == codeNoForm, code == codeLicence, strings.Contains(e.Text, "业务对象不存在"):
		e.Kind = connectors.ErrConfig
	}
	return e
}

// unescape reads \uXXXX sequences that are still in a text after decoding: some sites escape twice.
func unescape(s string) string {
	if !strings.Contains(s, `\u`) {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := strconv.ParseUint(m[2:], 16, 16)
		if err != nil {
			return m
		}
		return string(rune(n))
	})
}

// Texts of a site are kept up to longText while they may still hold a secret, and cut to shortText once they hold none:
// a secret that the first cut has split lies beyond the second.
const (
	longText  = 2000
	shortText = 300
)

// excerpt is the start of an answer, on one line, for an error text.
func excerpt(body []byte) string {
	text := unescape(string(body[:min(len(body), longText)]))
	return strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "?")
}

// clean makes an error's text fit to be seen.
func (c *Conn) clean(text string) string {
	r := []rune(c.secrets.Replace(text))
	if len(r) > shortText {
		return string(r[:shortText]) + "…"
	}
	return string(r)
}
