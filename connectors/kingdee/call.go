package kingdee

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"lingke/connectors"
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
	for attempt := 1; ; attempt++ {
		err := c.named(op, c.inSession(ctx, service, body, read))
		if !errors.Is(err, connectors.ErrThrottled) || attempt == attempts {
			return err
		}
		wait := backOff(attempt, err)
		c.log.LogAttrs(ctx, slog.LevelWarn, "the site asks to slow down", slog.String("op", op),
			slog.Int("attempt", attempt), slog.Duration("wait", wait))
		if err := c.sleep(ctx, wait); err != nil {
			return fmt.Errorf("%s: waiting because the site asks to slow down: %w", op, err)
		}
	}
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
	answer, err := readLimited(resp.Body, c.limit)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	if resp.StatusCode != http.StatusOK {
		return httpRefusal(resp, answer)
	}
	if p.keep != nil {
		p.keep(resp)
	}
	return read(answer)
}

func readLimited(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > most {
		return nil, fmt.Errorf("it is longer than %d bytes", most)
	}
	return body, nil
}

// httpRefusal classifies an answer by its status. 519 is the gateway's own: {"errcode","description","description_cn"},
// with 5001 for an unknown address, 4002 and 4006 for a missing app id and an old timestamp.
func httpRefusal(resp *http.Response, body []byte) *Error {
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
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		e.wait = time.Duration(min(s, int(longWait/time.Second))) * time.Second
	}
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

// backOff is the wait after a number of attempts; the site's own wish goes first.
func backOff(attempt int, err error) time.Duration {
	var e *Error
	if errors.As(err, &e) && e.wait > 0 {
		return e.wait
	}
	return min(firstWait<<(attempt-1), longWait)
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
	return fmt.Errorf("%s: %w", op, &redacted{text: c.clean(err.Error()), err: err})
}

// redacted shows another text than the error it stands for.
type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.err }
