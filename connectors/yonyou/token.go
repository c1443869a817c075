package yonyou

import (
	"context"
	"slices"
	"sync"
	"time"
)

// token is what a call proves itself with.
type token struct {
	text    string
	base    string // where calls with it go; "" where the dialect has one address
	issued  time.Time
	expires time.Time
	serial  int
}

// tokens holds the one token of a connection. Whether a second token ends the first is not documented for any of the
// platforms, so that callers that lost the same one share one fetch.
type tokens struct {
	now   func() time.Time
	fetch func(ctx context.Context) (t token, life time.Duration, err error)
	lock  chan struct{} // a mutex whose waiters can give up

	mu      sync.Mutex // guards current for those who only look
	current token
}

func (t *tokens) get(ctx context.Context) (token, error) { return t.after(ctx, -1) }

// renew replaces a token that the platform does not know any more.
func (t *tokens) renew(ctx context.Context, lost token) (token, error) {
	return t.after(ctx, lost.serial)
}

func (t *tokens) after(ctx context.Context, lost int) (token, error) {
	select {
	case t.lock <- struct{}{}:
		defer func() { <-t.lock }()
	case <-ctx.Done():
		return token{}, ctx.Err()
	}
	if have := t.peek(); have.text != "" && have.serial != lost && t.now().Before(have.expires) {
		return have, nil
	}
	at := t.now()
	got, life, err := t.fetch(ctx)
	if err != nil {
		return token{}, err
	}
	got.issued, got.expires, got.serial = at, at.Add(life-margin(life)), t.peek().serial+1
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current = got
	return got, nil
}

// margin is how long before its end a token is given up.
func margin(life time.Duration) time.Duration { return min(life/10, 5*time.Minute) }

func (t *tokens) peek() token {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}

// known are the tokens that no error may tell.
func (t *tokens) known() []string {
	return slices.DeleteFunc([]string{t.peek().text}, func(s string) bool { return s == "" })
}
