// Package token keeps the access token by which a connector proves itself to a chat platform.
package token

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Source holds one token. Whoever needs one while it is fetched waits for that fetch, or until its own context ends. It may be used by several goroutines.
type Source struct {
	now   func() time.Time
	fetch func(ctx context.Context) (text string, life time.Duration, err error)
	lock  chan struct{} // a mutex whose waiters can give up; guards the rest

	text    string
	renewAt time.Time
}

// New returns a Source that has no token yet. fetch asks the platform for one.
func New(now func() time.Time, fetch func(ctx context.Context) (text string, life time.Duration, err error)) *Source {
	return &Source{now: now, fetch: fetch, lock: make(chan struct{}, 1)}
}

// With runs a call with the token, and once more with a new one where refused says of its error that the platform does not take the token any more.
func (s *Source) With(ctx context.Context, call func(text string) error, refused func(error) bool) error {
	text, err := s.get(ctx, "")
	if err != nil {
		return err
	}
	if err = call(text); err == nil || !refused(err) {
		return err
	}
	if text, err = s.get(ctx, text); err != nil {
		return err
	}
	return call(text)
}

// get returns a token that is not the lost one. One is given up when a tenth of its life is left.
func (s *Source) get(ctx context.Context, lost string) (string, error) {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s.text != "" && s.text != lost && s.now().Before(s.renewAt) {
		return s.text, nil
	}
	asked := s.now()
	text, life, err := s.fetch(ctx)
	if err == nil && (text == "" || life <= 0) {
		err = errors.New("the answer holds no token")
	}
	if err != nil {
		return "", fmt.Errorf("access token: %w", err)
	}
	s.text, s.renewAt = text, asked.Add(life*9/10)
	return text, nil
}
