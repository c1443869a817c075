package dingtalk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/bots"
)

// maxAnswer bounds what is read of one answer of the platform; the largest that we ask for has a few kilobytes.
const maxAnswer = 1 << 20

// api makes the platform's calls: it adds the token, repeats once with a new one where the platform no longer takes
// the old, and turns refusals into *bots.Error.
type api struct {
	cfg    Config
	http   *http.Client
	now    func() time.Time
	tokens *tokens
	meter  bots.Meter
}

func newAPI(cfg Config, c *http.Client, now func() time.Time) *api {
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	a := &api{cfg: cfg, http: &own, now: now, meter: bots.Unmetered{}}
	a.tokens = &tokens{fetch: a.fetchToken, now: now}
	return a
}

// call makes one v1.0 call with the app's token; out may be nil. op names the call in errors.
func (a *api) call(ctx context.Context, op, method, path string, in, out any) error {
	body, err := encode(in)
	if err != nil {
		return fmt.Errorf("dingtalk: %s: %w", op, err)
	}
	return a.authorised(ctx, op, func(token string) error {
		return a.metered(ctx, method+" "+path, func() error { return a.once(ctx, op, method, a.cfg.BaseURL+path, token, body, out) })
	})
}

// oapi makes one call of the old API, whose token stands in the query; out gets the whole answer and may be nil.
func (a *api) oapi(ctx context.Context, op, path string, in, out any) error {
	body, err := encode(in)
	if err != nil {
		return fmt.Errorf("dingtalk: %s: %w", op, err)
	}
	return a.oapiRaw(ctx, op, path, nil, "application/json", body, out)
}

func (a *api) oapiRaw(ctx context.Context, op, path string, query url.Values, contentType string, body []byte, out any) error {
	return a.authorised(ctx, op, func(token string) error {
		q := url.Values{"access_token": {token}}
		maps.Copy(q, query)
		return a.metered(ctx, path, func() error {
			return a.exchangeJSON(ctx, op, http.MethodPost, a.cfg.OapiURL+path+"?"+q.Encode(), http.Header{"Content-Type": {contentType}}, body, out)
		})
	})
}

// authorised runs do with the app's token, and once more with a new one where the platform no longer takes the old.
func (a *api) authorised(ctx context.Context, op string, do func(token string) error) error {
	for repeated := false; ; repeated = true {
		token, err := a.tokens.get(ctx)
		if err != nil {
			return fmt.Errorf("dingtalk: %s: access token: %w", op, err)
		}
		err = do(token)
		if !staleToken(err) || repeated {
			return err
		}
		a.tokens.drop(token)
	}
}

// metered makes a call that counts in the platform's budgets. One that the platform refuses for its frequency is not counted there.
func (a *api) metered(ctx context.Context, api string, call func() error) error {
	api, _, _ = strings.Cut(api, "?")
	if uncounted(api) {
		return call()
	}
	if err := a.meter.Spend(ctx, api); err != nil {
		return err
	}
	err := call()
	if errors.Is(err, bots.ErrRateLimited) {
		a.meter.Refund(api)
	}
	return err
}

// uncounted are the calls that do not count: "tokens, login, contacts" says the page on the month's budget.
func uncounted(api string) bool {
	for _, prefix := range []string{"/topapi/user/", "/topapi/v2/user/", "/topapi/v2/department/"} {
		if strings.HasPrefix(api, prefix) {
			return true
		}
	}
	return false
}

// fetchToken asks for the app's token: POST /v1.0/oauth2/accessToken, expireIn in seconds.
func (a *api) fetchToken(ctx context.Context) (string, time.Duration, error) {
	body, err := encode(map[string]string{"appKey": a.cfg.ClientID, "appSecret": a.cfg.ClientSecret})
	if err != nil {
		return "", 0, err
	}
	var out struct {
		AccessToken string  `json:"accessToken"`
		ExpireIn    flexInt `json:"expireIn"`
	}
	const op = "get access token"
	if err := a.once(ctx, op, http.MethodPost, a.cfg.BaseURL+"/v1.0/oauth2/accessToken", "", body, &out); err != nil {
		var refusal *bots.Error
		if errors.As(err, &refusal) && errors.Is(refusal, bots.ErrPermanent) {
			refusal.Kind = bots.ErrMisconfigured // it is the app that is refused, not the message that needs the token
		}
		return "", 0, err
	}
	if out.AccessToken == "" || out.ExpireIn <= 0 {
		return "", 0, fmt.Errorf("dingtalk: %s: the answer holds no token", op)
	}
	return out.AccessToken, time.Duration(out.ExpireIn) * time.Second, nil
}

// once makes one HTTP exchange and decodes a success into out.
func (a *api) once(ctx context.Context, op, method, address, token string, body []byte, out any) error {
	header := http.Header{"Content-Type": {"application/json"}}
	if token != "" {
		header.Set("x-acs-dingtalk-access-token", token)
	}
	return a.exchangeJSON(ctx, op, method, address, header, body, out)
}

func (a *api) exchangeJSON(ctx context.Context, op, method, address string, header http.Header, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("dingtalk: %s: %w", op, withoutURL(err))
	}
	req.Header = header
	req.Header.Set("Accept", "application/json")
	status, answered, answer, err := a.exchange(req)
	if err != nil {
		return fmt.Errorf("dingtalk: %s: %w", op, withoutURL(err))
	}
	if refusal := a.refusal(op, status, answered, answer); refusal != nil {
		return refusal
	}
	if out == nil {
		out = new(json.RawMessage) // still JSON, or it was not the platform that answered
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("dingtalk: %s: the answer is not the JSON expected: %w", op, err)
	}
	return nil
}

func (a *api) exchange(req *http.Request) (int, http.Header, []byte, error) {
	resp, err := a.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(answer) > maxAnswer {
		return 0, nil, nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return resp.StatusCode, resp.Header, answer, nil
}

// clean makes the platform's words fit for errors and logs: short, and without anything that we keep secret.
func (a *api) clean(text string) string {
	for _, s := range append(a.cfg.secrets(), a.tokens.current()) {
		if len(s) >= 4 { // a shorter one would blank out ordinary words
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	return bots.CutRunes(text, 300)
}

// withoutURL unwraps the error of net/http to what happened: the address may carry a session or a token.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// encode writes JSON without HTML escapes, which the platform counts as part of its length limits.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}
