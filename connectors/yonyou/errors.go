package yonyou

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// ErrTokenLost is the kind of the error when the platform does not know the token, even one that was fetched just now.
var ErrTokenLost = fmt.Errorf("the token is not valid: %w", connectors.ErrUnauthorized)

// errNoAnswer says that what came is no answer of this interface: a web page, half a text, something far too long.
var errNoAnswer = errors.New("the answer cannot be read")

// Error is a refusal by the platform, in its own words.
type Error struct {
	Kind error // one of the kinds of connectors, ErrTokenLost, or nil: it may pass by itself
	Op   string
	HTTP int    // status, 0 where it was 200
	Code string // the platform's code, "" where it gave none
	Text string // never a secret
	wait time.Duration
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + ": ")
	if e.HTTP != 0 {
		b.WriteString("HTTP " + strconv.Itoa(e.HTTP) + ": ")
	}
	b.WriteString(e.Text)
	if e.Code != "" {
		b.WriteString(" (code " + e.Code + ")")
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

// shortText bounds what is shown of a platform's words, in characters.
const shortText = 300

// excerpt is the start of an answer, on one line, for an error text.
func excerpt(body []byte) string {
	const most = 2000 // a secret that this cut has split lies beyond shortText
	return strings.ToValidUTF8(strings.Join(strings.Fields(string(body[:min(len(body), most)])), " "), "?")
}

// refusedByStatus classifies an answer by its HTTP status alone.
func refusedByStatus(r reply) *Error {
	e := &Error{HTTP: r.status, Text: excerpt(r.body), wait: r.wait}
	switch {
	case r.status == http.StatusTooManyRequests, r.status == http.StatusServiceUnavailable:
		e.Kind = connectors.ErrThrottled
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		e.Kind = connectors.ErrUnauthorized
	case r.status == http.StatusNotFound, r.status == http.StatusMethodNotAllowed:
		e.Kind = connectors.ErrConfig
	case r.status >= 300 && r.status < 400:
		e.Kind, e.Text = connectors.ErrConfig, "the platform redirects elsewhere; correct the address"
	}
	return e
}
