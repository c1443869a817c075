package kingdee

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
)

// How long a call waits when the site asks to slow down: five attempts, one second first, doubled each time.
const (
	attempts  = 5
	firstWait = time.Second
	longWait  = time.Minute
)

const (
	authService = "Kingdee.BOS.WebApi.ServicesStub.AuthService."
	formService = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService."
)

// call sends one request and reads its answer with read. It waits and repeats while the site throttles, and logs in again
// at most once. op says what is done, for errors.
func (c *Conn) call(ctx context.Context, op, service string, payload any, read func(body []byte) error) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	patience := egress.Patience{Attempts: attempts, First: firstWait, Longest: longWait, Sleep: c.sleep, Log: c.log}
	return patience.Try(ctx, op, func(ctx context.Context) error { return c.named(op, c.inSession(ctx, service, body, read)) })
}

// inSession makes one attempt, and one more with a new login where the first says that the session is lost. It never makes
// a third: the site issues a new session for each attempt and gets slower.
func (c *Conn) inSession(ctx context.Context, service string, body []byte, read func([]byte) error) error {
	pass, err := c.auth.pass(ctx)
	if err != nil {
		return err
	}
	err = c.post(ctx, service, body, pass, read)
	if !errors.Is(err, ErrSessionLost) {
		return err
	}
	if pass, err = c.auth.renew(ctx, pass); err != nil {
		return err
	}
	return c.post(ctx, service, body, pass, read)
}

// post is one HTTP exchange.
func (c *Conn) post(ctx context.Context, service string, body []byte, p pass, read func([]byte) error) error {
	if err := c.budget.Take(ctx, service); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+service+".common.kdsvc", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if err := p.apply(req); err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := egress.Read(resp.Body, c.limit)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if resp.StatusCode != http.StatusOK {
		return httpRefusal(resp, answer, c.now())
	}
	if p.keep != nil {
		p.keep(resp)
	}
	return read(answer)
}

// httpRefusal classifies an answer by its status. 519 is the gateway's own: {"errcode","description","description_cn"},
// with 5001 for an unknown address, 4002 and 4006 for a missing app id and an old timestamp.
func httpRefusal(resp *http.Response, body []byte, now time.Time) *Error {
	e := &Error{HTTP: resp.StatusCode, Text: excerpt(body)}
	switch code := resp.StatusCode; {
	case code == 519:
		e.Kind = gatewayKind(body)
	case code == http.StatusServiceUnavailable, code == http.StatusTooManyRequests:
		e.Kind = connectors.ErrThrottled
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		e.Kind = connectors.ErrUnauthorized
	case code == http.StatusNotFound:
		e.Kind = connectors.ErrConfig
	case code >= 300 && code < 400:
		e.Kind, e.Text = connectors.ErrConfig, "the site redirects elsewhere; correct base_url"
	}
	e.wait = egress.RetryAfter(resp.Header, now)
	return e
}

func gatewayKind(body []byte) error {
	var said struct {
		Code json.Number `json:"errcode"`
	}
	if json.Unmarshal(body, &said) == nil {
		switch said.Code {
		case "5001":
			return connectors.ErrConfig
		case "4002", "4006":
			return connectors.ErrUnauthorized
		}
	}
	return connectors.ErrThrottled
}

// named says in an error what was being done, and takes out of it what nobody may see.
func (c *Conn) named(op string, err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		own := *e
		own.Text = c.clean(e.Text)
		if own.Op == "" {
			own.Op = op
		}
		return &own
	}
	return fmt.Errorf("%s: %w", op, egress.Instead(err, c.clean(err.Error())))
}
