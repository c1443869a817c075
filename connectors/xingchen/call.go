package xingchen

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/connectors/jsondoc"
)

// How long a call waits when the platform asks to slow down: six attempts, two seconds first, doubled each time, together more than the minute by which it counts.
const (
	attempts  = 6
	firstWait = 2 * time.Second
	longWait  = time.Minute
	depth     = 32 // of an answer's JSON
)

// Error is a refusal by the platform, in its own words.
type Error struct {
	Kind error  // one of the kinds of connectors, or nil: it may pass by itself
	Op   string // what was being done
	HTTP int    // status, 0 where it was 200
	Code string // errcode
	Text string // never a secret
	// token says that the app-token is the complaint, stale that the authorisation's key or secret is.
	token, stale bool
	wait         time.Duration
}

func (e *Error) Error() string {
	text := e.Op + ": " + e.Text
	if e.HTTP != 0 {
		text = fmt.Sprintf("%s (HTTP %d)", text, e.HTTP)
	}
	if e.Code != "" {
		text += " (errcode " + e.Code + ")"
	}
	if e.Kind != nil {
		text += ": " + e.Kind.Error()
	}
	return text
}

// Unwrap returns the kind.
func (e *Error) Unwrap() error { return e.Kind }

// RetryAfter is how long the platform asks to wait, 0 where it does not say.
func (e *Error) RetryAfter() time.Duration { return e.wait }

// request is one signed call.
type request struct {
	op, method, path string
	params           map[string]string
	token, domain    string // of a business call
}

// get makes a business call and returns the answer's data. A refused token is renewed once.
func (c *Conn) get(ctx context.Context, op, path string, params map[string]string) (any, error) {
	lost := ""
	for {
		token, domain, err := c.appToken(ctx, lost)
		if err != nil {
			return nil, err
		}
		data, err := c.patiently(ctx, request{op: op, method: http.MethodGet, path: path, params: params, token: token, domain: domain})
		var e *Error
		if err == nil || lost != "" || !errors.As(err, &e) || !e.token {
			return data, err
		}
		lost = token
	}
}

// patiently repeats a call while the platform throttles.
func (c *Conn) patiently(ctx context.Context, r request) (data any, err error) {
	patience := egress.Patience{Attempts: attempts, First: firstWait, Longest: longWait, Sleep: c.sleep, Log: c.log}
	err = patience.Try(ctx, r.op, func(ctx context.Context) (err error) {
		data, err = c.exchange(ctx, r)
		return err
	})
	return data, err
}

// exchange is one HTTP exchange, within the budget of calls.
func (c *Conn) exchange(ctx context.Context, r request) (any, error) {
	if err := c.turn(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", r.op, err)
	}
	req, err := c.signed(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.op, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.op, egress.Instead(err, c.clean(err.Error())))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := egress.Read(resp.Body, bodyLimit)
	if err != nil {
		return nil, fmt.Errorf("%s: reading the answer: %w", r.op, err)
	}
	return c.answer(r, resp, body)
}

// turn waits until the budget allows one more call.
func (c *Conn) turn(ctx context.Context) error {
	c.pace.Lock()
	now := c.now()
	at := c.free
	if at.Before(now) {
		at = now
	}
	c.free = at.Add(time.Minute / time.Duration(c.cfg.Rate))
	c.pace.Unlock()
	if wait := at.Sub(now); wait > 0 {
		return c.sleep(ctx, wait)
	}
	return ctx.Err()
}

func (c *Conn) signed(ctx context.Context, r request) (*http.Request, error) {
	sent, signed := queries(r.params)
	address := c.cfg.BaseURL + r.path
	if sent != "" {
		address += "?" + sent
	}
	body := io.Reader(http.NoBody)
	if r.method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1<<53))
	if err != nil {
		return nil, err
	}
	nonce, millis := strconv.FormatInt(n.Int64()+1, 10), strconv.FormatInt(c.now().UnixMilli(), 10)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-Api-ClientID": c.cfg.ClientID, "X-Api-Auth-Version": "2.0", "X-Api-TimeStamp": millis, "X-Api-Nonce": nonce,
		"X-Api-SignHeaders": "X-Api-TimeStamp,X-Api-Nonce", "X-Api-Signature": signature(c.cfg.ClientSecret, r.method, req.URL.EscapedPath(), signed, nonce, millis),
	} {
		req.Header.Set(name, value)
	}
	if r.token != "" {
		req.Header.Set("app-token", r.token)
	}
	if r.domain != "" {
		req.Header.Set("X-GW-Router-Addr", r.domain)
	}
	return req, nil
}

// answer reads {errcode, description, data}. Some answers have been seen with code 200 for errcode 0.
func (c *Conn) answer(r request, resp *http.Response, body []byte) (any, error) {
	tree, err := jsondoc.Parse(body, depth)
	root, isObject := tree.(jsondoc.Object)
	if resp.StatusCode == http.StatusOK && (err != nil || !isObject) {
		return nil, &Error{Op: r.op, Text: "expected a JSON object, got " + c.excerpt(body)}
	}
	code := text(root, "errcode", "code")
	if resp.StatusCode == http.StatusOK && (code == "0" || code == "" || code == "200") {
		data, _ := root.Get("data")
		return data, nil
	}
	said := text(root, "description_cn", "description", "message", "msg")
	if said == "" {
		said = c.excerpt(body)
	}
	return nil, refusal(r, resp, code, c.clean(said), c.now())
}

var slowDown = regexp.MustCompile(`(?i)频繁|限流|超过.{0,6}(限制|次数)|too many|rate limit`)

// refusal classifies what the platform said. 519 is the gateway's: 5001 unknown address, 4002 no client id, 4006 old timestamp. 400 is a wrong signature, 401 a bad
// token, 1030002006 an authorisation key that is no longer valid. Which code says that there were too many calls is not documented, so the words count too.
func refusal(r request, resp *http.Response, code, said string, now time.Time) *Error {
	e := &Error{Op: r.op, Code: code, Text: said}
	if resp.StatusCode != http.StatusOK {
		e.HTTP = resp.StatusCode
	}
	switch {
	case code == "1030002006":
		e.Kind, e.stale = connectors.ErrUnauthorized, true
	case slowDown.MatchString(said), code == "429", e.HTTP == http.StatusTooManyRequests, e.HTTP == http.StatusServiceUnavailable:
		e.Kind = connectors.ErrThrottled
	case code == "401", e.HTTP == http.StatusUnauthorized:
		e.Kind, e.token = connectors.ErrUnauthorized, r.token != ""
	case code == "400", code == "4002", code == "4006", e.HTTP == http.StatusForbidden:
		e.Kind = connectors.ErrUnauthorized
	case code == "5001", e.HTTP == http.StatusNotFound, e.HTTP >= 300 && e.HTTP < 400:
		e.Kind = connectors.ErrConfig
	}
	e.wait = egress.RetryAfter(resp.Header, now)
	return e
}

// excerpt is the start of an answer on one line.
func (c *Conn) excerpt(body []byte) string {
	return c.clean(strings.ToValidUTF8(strings.Join(strings.Fields(string(body[:min(len(body), 600)])), " "), "?"))
}

// clean takes out of a text what nobody may see, and shortens it.
func (c *Conn) clean(said string) string {
	r := []rune(signatures.ReplaceAllString(c.secrets.Load().Replace(said), "$1=[secret]"))
	if len(r) > 300 {
		return string(r[:300]) + "…"
	}
	return string(r)
}

// signatures are what the address of the call for a token carries.
var signatures = regexp.MustCompile(`(app_signature|app_key)=[^&"\s]+`)

func redactor(secrets ...string) *strings.Replacer {
	var pairs []string
	for _, s := range secrets {
		if s != "" {
			pairs = append(pairs, s, "[secret]")
		}
	}
	return strings.NewReplacer(pairs...)
}

// text is the first of these members that is a text or a number and not empty.
func text(o jsondoc.Object, names ...string) string {
	for _, name := range names {
		switch v, _ := o.Get(name); v := v.(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				return v
			}
		case json.Number:
			return v.String()
		case bool:
			return strconv.FormatBool(v)
		}
	}
	return ""
}
