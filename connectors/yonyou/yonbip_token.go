package yonyou

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"lingke/connectors"
)

// place is where a tenant's data centre is, once it has been looked up.
type place struct {
	mu             sync.Mutex
	gateway, token string
	until          time.Time
}

// placeLife is how long a looked-up address is used. Yonyou says that it can be kept, not for how long.
const placeLife = 24 * time.Hour

func (p *place) known(now time.Time) (gateway, token string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gateway, p.token, p.gateway != "" && now.Before(p.until)
}

func (p *place) learn(gateway, token string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gateway, p.token, p.until = gateway, token, until
}

// dataCentre returns where calls and where requests for a token go, without a slash at the end.
func (c *Conn) dataCentre(ctx context.Context) (gateway, token string, err error) {
	if c.cfg.GatewayURL != "" {
		return c.cfg.GatewayURL, c.cfg.TokenURL, nil
	}
	if gateway, token, ok := c.place.known(c.now()); ok {
		return gateway, token, nil
	}
	address := c.cfg.BaseURL + "/open-auth/dataCenter/getGatewayAddress?" + url.Values{"tenantId": {c.cfg.TenantID}}.Encode()
	r, err := c.exchange(ctx, request{method: http.MethodGet, url: address})
	if err != nil {
		return "", "", fmt.Errorf("look up the data centre: %w", err)
	}
	data, err := openEnvelope(r, "00000")
	if err != nil {
		return "", "", c.named("look up the data centre", unknownTenant(err))
	}
	var found struct{ GatewayURL, TokenURL string }
	if err := decodeJSON(data, &found); err != nil {
		return "", "", fmt.Errorf("look up the data centre: %w", err)
	}
	for _, u := range []string{found.GatewayURL, found.TokenURL} {
		if why := wrongURL(u); why != "" || downgrade(c.cfg.BaseURL, u) {
			return "", "", fmt.Errorf("look up the data centre: the address that came cannot be used: %w", errNoAnswer)
		}
	}
	gateway, token = strings.TrimRight(found.GatewayURL, "/"), strings.TrimRight(found.TokenURL, "/")
	c.place.learn(gateway, token, c.now().Add(placeLife))
	return gateway, token, nil
}

// downgrade tells whether an address would send in the clear what is encrypted elsewhere.
func downgrade(from, to string) bool {
	return strings.HasPrefix(from, "https:") && !strings.HasPrefix(to, "https:")
}

// unknownTenant names the setting that is wrong: a tenant that does not exist is answered with 500 like any trouble.
func unknownTenant(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Kind == nil && e.HTTP == 0 {
		e.Kind, e.Text = connectors.ErrConfig, "tenant_id: "+e.Text
	}
	return err
}

// fetchToken asks for a token of a self-built app (自建应用), on the path of today and, where that is not there, on the one
// before July 2023.
func (c *Conn) fetchToken(ctx context.Context) (token, time.Duration, error) {
	gateway, auth, err := c.dataCentre(ctx)
	if err != nil {
		return token{}, 0, err
	}
	var data []byte
	for _, path := range []string{"/open-auth/selfAppAuth/base/v1/getAccessToken", "/open-auth/selfAppAuth/getAccessToken"} {
		var r reply
		r, err = c.exchange(ctx, request{method: http.MethodGet, url: auth + path + "?" + c.cfg.signed(c.now())})
		if err != nil {
			return token{}, 0, fmt.Errorf("fetch a token: %w", err)
		}
		data, err = openEnvelope(r, "00000")
		if r.status != http.StatusNotFound {
			break
		}
	}
	if err != nil {
		return token{}, 0, c.named("fetch a token", refusedToken(err))
	}
	var got object
	if err := decodeJSON(data, &got); err != nil {
		return token{}, 0, fmt.Errorf("fetch a token: %w", err)
	}
	text := got.text("access_token")
	if text == "" {
		return token{}, 0, fmt.Errorf("fetch a token: it is missing: %w", errNoAnswer)
	}
	return token{text: text, base: gateway}, seconds(got.at("expire"), 2*time.Hour), nil
}

// refusedToken: but for trouble, a token is refused only to somebody with wrong credentials or a wrong clock.
func refusedToken(err error) error {
	var e *Error
	if errors.As(err, &e) && e.HTTP == 0 && !errors.Is(e.Kind, connectors.ErrThrottled) {
		e.Kind, e.Text = connectors.ErrUnauthorized, "app_key, app_secret or the clock: "+e.Text
	}
	return err
}

// seconds reads a life in seconds, within reason.
func seconds(v any, otherwise time.Duration) time.Duration {
	n, err := strconv.ParseInt(text(v), 10, 64)
	if err != nil || n <= 0 {
		return otherwise
	}
	return time.Duration(min(n, 30*24*60*60)) * time.Second
}

// signed is the query that asks for a token.
func (c Config) signed(now time.Time) string {
	timestamp := strconv.FormatInt(now.UnixMilli(), 10)
	return url.Values{
		"appKey": {c.AppKey}, "timestamp": {timestamp},
		"signature": {sign(c.AppSecret, "appKey"+c.AppKey+"timestamp"+timestamp)},
	}.Encode()
}

// sign is HMAC-SHA256 in Base64. For a token it is over all other parameters, sorted by name, names and values joined.
func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
