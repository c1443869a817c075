package dingtalk

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// tokens keeps the app's access token. The platform gives the same token, with its life renewed, to whoever asks while
// it lives, and throttles those who ask too often: so one fetch serves all callers.
type tokens struct {
	fetch func(ctx context.Context) (token string, life time.Duration, err error)
	now   func() time.Time

	flight  singleflight.Group
	mu      sync.Mutex
	token   string
	renewAt time.Time
}

// get returns a token that is good for at least a tenth of its life. A caller that gives up does not end the fetch for
// those who wait with it.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token := t.cached(); token != "" {
		return token, nil
	}
	done := t.flight.DoChan("token", func() (any, error) {
		if token := t.cached(); token != "" {
			return token, nil
		}
		return t.renew(context.WithoutCancel(ctx))
	})
	select {
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (t *tokens) cached() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == "" || !t.now().Before(t.renewAt) {
		return ""
	}
	return t.token
}

func (t *tokens) renew(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	asked := t.now()
	token, life, err := t.fetch(ctx)
	if err != nil {
		return "", err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token, t.renewAt = token, asked.Add(life*9/10)
	return token, nil
}

// drop forgets the token that the platform refused, unless somebody has replaced it meanwhile.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refused {
		t.token = ""
	}
}

// current returns the token that is held now, for redaction.
func (t *tokens) current() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.token
}
