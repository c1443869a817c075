package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/connectors/jsondoc"
)

// How often and how patiently a request is tried again.
const (
	attempts   = 5
	firstDelay = time.Second
	longest    = 5 * time.Minute // a longer Retry-After ends the pull: the next one comes anyway
)

// answer is a page as it came.
type answer struct {
	doc    any
	header http.Header
	sum    [sha256.Size]byte // of the body
}

// fetch gets one page within the budget, again where that may help.
func (c *Conn) fetch(ctx context.Context, u *url.URL) (answer, error) {
	delay := firstDelay
	for attempt := 1; ; attempt++ {
		if err := c.budget(ctx); err != nil {
			return answer{}, err
		}
		got, wait, err := c.get(ctx, u)
		if err == nil || !again(err) || attempt == attempts || ctx.Err() != nil {
			return got, err
		}
		if wait > longest {
			return got, err
		}
		c.log.LogAttrs(ctx, slog.LevelInfo, "trying again", slog.Int("attempt", attempt), slog.Duration("in", max(wait, delay)), slog.Any("err", err))
		if err := c.sleep(ctx, max(wait, delay)); err != nil {
			return got, err
		}
		delay *= 2
	}
}

// budget waits until the next request is allowed.
func (c *Conn) budget(ctx context.Context) error {
	now := c.now()
	if wait := c.free.Sub(now); wait > 0 {
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
	}
	if c.free.Before(now) {
		c.free = now
	}
	c.free = c.free.Add(time.Duration(float64(time.Second) / c.cfg.Rate))
	return ctx.Err()
}

var errAgain = errors.New("it may pass by itself")

func again(err error) bool {
	return errors.Is(err, errAgain) || errors.Is(err, connectors.ErrThrottled)
}

// get makes one request. wait is what the source asks for.
func (c *Conn) get(ctx context.Context, u *url.URL) (got answer, wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return got, 0, fmt.Errorf("the address cannot be used: %w", connectors.ErrConfig)
	}
	req.Header.Set("Accept", "application/json")
	for name, value := range c.cfg.Headers {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		plain := egress.Plain(err)
		if errors.Is(plain, egress.ErrForbidden) {
			return got, 0, fmt.Errorf("public_only: %w: %w", plain, connectors.ErrConfig)
		}
		return got, 0, fmt.Errorf("%w: %w", errAgain, plain)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := refused(resp.StatusCode); err != nil {
		return got, egress.RetryAfter(resp.Header, c.now()), err
	}
	return c.read(resp)
}

func (c *Conn) read(resp *http.Response) (answer, time.Duration, error) {
	text, err := egress.Read(resp.Body, bodyLimit)
	if errors.Is(err, egress.ErrTooLarge) {
		return answer{}, 0, err
	}
	if err != nil {
		return answer{}, 0, fmt.Errorf("%w: reading the answer: %w", errAgain, err)
	}
	doc, err := jsondoc.Parse(bytes.TrimPrefix(text, []byte("\ufeff")), docDepth)
	if err != nil {
		return answer{}, 0, fmt.Errorf("%w: %w", connectors.ErrBadRecord, err)
	}
	return answer{doc, resp.Header, sha256.Sum256(text)}, 0, nil
}

// refused says what a status means.
func refused(status int) error {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return fmt.Errorf("status %d: %w", status, connectors.ErrUnauthorized)
	case status == http.StatusTooManyRequests:
		return fmt.Errorf("status %d: %w", status, connectors.ErrThrottled)
	case status >= 500 || status == http.StatusRequestTimeout:
		return fmt.Errorf("status %d: %w", status, errAgain)
	case status/100 == 3:
		return fmt.Errorf("status %d: the address has moved, and redirects are not followed: %w", status, connectors.ErrConfig)
	}
	return fmt.Errorf("status %d: %w", status, connectors.ErrConfig)
}
