package xingchen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// An app-token lives 24 hours. It may be asked for twice a minute.
const (
	tokenLife = 23 * time.Hour
	tokenGap  = 31 * time.Second
)

// tokens shares one app-token among all callers.
type tokens struct {
	lock                chan struct{} // a mutex whose waiters can give up
	key, secret, domain string        // of the authorisation
	token               string
	ends                time.Time
	asked               time.Time // when a token was asked for last
}

// appToken returns the token, a new one where there is none, where it is old, or where it is the lost one. Callers that lost the same token share one call.
func (c *Conn) appToken(ctx context.Context, lost string) (token, domain string, err error) {
	t := &c.tokens
	select {
	case t.lock <- struct{}{}:
		defer func() { <-t.lock }()
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
	if t.token != "" && t.token != lost && c.now().Before(t.ends) {
		return t.token, t.domain, nil
	}
	if t.key == "" || t.secret == "" {
		if err := c.authorise(ctx); err != nil {
			return "", "", err
		}
	}
	err = c.renew(ctx)
	var e *Error
	if errors.As(err, &e) && e.stale && c.cfg.OuterInstanceID != "" { // the secret changes with each authorisation
		if err = c.authorise(ctx); err == nil {
			err = c.renew(ctx)
		}
	}
	return t.token, t.domain, err
}

// renew asks for a token, within its own limit of calls.
func (c *Conn) renew(ctx context.Context) error {
	t := &c.tokens
	if wait := tokenGap - c.now().Sub(t.asked); !t.asked.IsZero() && wait > 0 {
		if err := c.sleep(ctx, wait); err != nil {
			return fmt.Errorf("get app-token: %w", err)
		}
	}
	t.asked, t.token = c.now(), ""
	data, err := c.patiently(ctx, request{op: "get app-token", method: http.MethodGet, path: "/jdyconnector/app_management/kingdee_auth_token",
		params: map[string]string{"app_key": t.key, "app_signature": mac(t.secret, t.key)}})
	if err != nil {
		return err
	}
	o, _ := data.(jsondoc.Object)
	if t.token = text(o, "app-token", "app_token"); t.token == "" {
		return &Error{Op: "get app-token", Text: "the answer holds no app-token"}
	}
	t.ends = c.now().Add(tokenLife)
	return nil
}

// authorise asks for the key and secret of the account's authorisation. Both ways of naming the account are used: the query is documented, the body has been seen.
func (c *Conn) authorise(ctx context.Context) error {
	const op = "get authorisation"
	data, err := c.patiently(ctx, request{op: op, method: http.MethodPost, path: "/jdyconnector/app_management/push_app_authorize",
		params: map[string]string{"outerInstanceId": c.cfg.OuterInstanceID}})
	if err != nil {
		return err
	}
	all, isList := data.([]any)
	if !isList {
		all = []any{data}
	}
	for _, one := range all {
		o, ok := one.(jsondoc.Object)
		if id := text(o, "outerInstanceId"); !ok || id != "" && id != c.cfg.OuterInstanceID && len(all) > 1 {
			continue
		}
		key, secret := text(o, "appKey"), text(o, "appSecret")
		if key == "" || secret == "" {
			continue
		}
		t := &c.tokens
		t.key, t.secret = key, secret
		if domain := text(o, "domain"); domain != "" {
			t.domain = domain
		}
		c.secrets.Store(redactor(c.cfg.ClientSecret, c.cfg.AppSecret, secret))
		return nil
	}
	return &Error{Op: op, Kind: connectors.ErrConfig, Text: "nobody has authorised the app for outer_instance_id"}
}
