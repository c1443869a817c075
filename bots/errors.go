package bots

import (
	"errors"
	"fmt"
	"time"
)

// The kinds of failure, by what helps. A platform's error wraps exactly one of them or none; none means that trying
// again later may help. Test with errors.Is.
var (
	// ErrPermanent: this message will never be accepted; trying again is useless.
	ErrPermanent = errors.New("the platform refuses this message")
	// ErrRateLimited: the platform's budget is used up; RetryAfter tells how long to wait.
	ErrRateLimited = errors.New("the platform's limit is reached")
	// ErrMisconfigured: credentials, permissions or console settings are wrong; a person has to mend them.
	ErrMisconfigured = errors.New("the platform refuses this app")
	// ErrNotUpdatable: the sent card can no longer be changed; send a new one.
	ErrNotUpdatable = errors.New("the card can no longer be changed")
)

// Error is a platform's refusal: its own code and words, and the kind.
type Error struct {
	Kind     error // one of the kinds above, or nil
	Platform Platform
	Op       string        // what was being done: "send card"
	Code     string        // the platform's code, as text
	Text     string        // the platform's words; never a token or secret
	Wait     time.Duration // how long to wait before the next attempt; 0 where the platform did not say
}

func (e *Error) Error() string {
	kind := "temporary"
	if e.Kind != nil {
		kind = e.Kind.Error()
	}
	return fmt.Sprintf("%s: %s: %s: %s (%s)", e.Platform, e.Op, e.Code, e.Text, kind)
}

// Unwrap returns the kind, so that errors.Is(err, ErrPermanent) works.
func (e *Error) Unwrap() error { return e.Kind }

// Refused reports whether the platform will not take what was sent, however often it is tried: the thing itself, or from this app.
func Refused(err error) bool {
	return errors.Is(err, ErrPermanent) || errors.Is(err, ErrMisconfigured)
}

// RetryAfter returns how long the platform asked to wait, or 0.
func RetryAfter(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
