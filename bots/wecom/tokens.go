package wecom

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	"golang.org/x/sync/singleflight"

	"lingke/bots"
)

// holdOff is how long no token is asked for after the platform refused the credentials: repeated wrong secrets block the
// caller's address for an hour.
const holdOff = 30 * time.Second

// tokens is the app's access token: fetched by one goroutine while the others wait, refreshed after nine tenths of its
// life, dropped when a call finds it refused. The library's own handle holds its lock over the network call, ignores a
// refused token and fetches each time where a token lives less than 25 minutes; only its call to the platform is used.
type tokens struct {
	fetch func(context.Context) (token string, life time.Duration, err error)
	now   func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	token  string
	until  time.Time
	held   error     // the refusal that stops further fetches …
	resume time.Time // … until then
}

// get returns a token. It waits for ctx at most; a fetch that others wait for goes on without it.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token, err := t.cached(); token != "" || err != nil {
		return token, err
	}
	done := t.flight.DoChan("", func() (any, error) { return t.refresh(ctx) })
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	}
}

// cached returns the token or the refusal that still stand, or neither.
func (t *tokens) cached() (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.token != "" && now.Before(t.until) {
		return t.token, nil
	}
	if t.held != nil && now.Before(t.resume) {
		return "", t.held
	}
	return "", nil
}

// refresh fetches unless somebody just did. It serves callers with other deadlines too, so that of ctx does not count.
func (t *tokens) refresh(ctx context.Context) (string, error) {
	if token, err := t.cached(); token != "" || err != nil {
		return token, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	token, life, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.hold(err)
		return "", err
	}
	t.token, t.until, t.held = token, t.now().Add(life/10*9), nil
	return token, nil
}

// hold stops fetching for a while where asking again at once does harm.
func (t *tokens) hold(err error) {
	if errors.Is(err, bots.ErrMisconfigured) || errors.Is(err, bots.ErrRateLimited) {
		t.held, t.resume = err, t.now().Add(max(holdOff, bots.RetryAfter(err)))
	}
}

// drop forgets the token if it is still the refused one; another goroutine may have fetched a new one meanwhile.
func (t *tokens) drop(refused string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refused {
		t.token = ""
	}
}

// fetchToken asks the platform (document 91039). The answer's life is in seconds.
func (b *Bot) fetchToken(ctx context.Context) (token string, life time.Duration, err error) {
	const op = "get token"
	var res credential.ResAccessToken
	err = b.through(ctx, url.Values{"corpid": {b.cfg.CorpID}, "corpsecret": {b.cfg.Secret}}, func(t ticket) (err error) {
		res, err = credential.GetTokenFromServerContext(ctx, platformURL+"/cgi-bin/gettoken?access_token="+string(t))
		return err
	})
	switch {
	case res.ErrCode != 0:
		return "", 0, b.refusal(op, res.ErrCode, res.ErrMsg, "")
	case err != nil:
		return "", 0, b.failure(op, err, "")
	case res.AccessToken == "":
		return "", 0, b.failure(op, errors.New("the answer holds no access token"), "")
	}
	return res.AccessToken, time.Duration(res.ExpiresIn) * time.Second, nil
}
