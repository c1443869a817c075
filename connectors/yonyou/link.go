package yonyou

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/connectors/budget"
	"lingke/connectors/egress"
)

// How long a call waits when the platform asks to slow down. Quotas are by the minute, so the waits of all attempts
// together are longer than one.
const (
	attempts     = 5
	firstWait    = 5 * time.Second
	longWait     = time.Minute
	defaultLimit = 32 << 20
)

// link is one connection to a cloud: how requests go out, and how failures are told.
type link struct {
	id      string
	http    *http.Client
	log     *slog.Logger
	now     func() time.Time
	sleep   func(ctx context.Context, d time.Duration) error
	limit   int64 // bytes of one answer, decompressed
	secrets []string
	tokens  tokens
	budget  *budget.Budget
	keep    bool // see KeepRaw
}

func newLink(id string, perMinute int, secrets []string, opts []Option) *link {
	l := &link{
		id: id, http: newHTTPClient(), log: slog.New(slog.DiscardHandler), now: time.Now, sleep: egress.Wait,
		limit: defaultLimit, secrets: secrets,
	}
	for _, o := range opts {
		o(l)
	}
	l.log = l.log.With(slog.String("connector", id))
	l.budget = budget.New(perMinute, l.now, l.sleep)
	l.tokens = tokens{lock: make(chan struct{}, 1), now: l.now}
	return l
}

// newHTTPClient waits longer than the platform's own limit of 30 seconds a call. It follows no redirect: a token must not
// reach another host.
func newHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 2
	t.ResponseHeaderTimeout = 40 * time.Second
	return egress.OneHost(&http.Client{Transport: t, Timeout: 90 * time.Second})
}

// request is one HTTP request; a nil body is sent as none.
type request struct {
	method, url string
	header      map[string]string
	body        []byte
}

// reply is the answer to a request, whatever its status.
type reply struct {
	status int
	wait   time.Duration // Retry-After
	body   []byte
}

// exchange is one HTTP exchange. Its error names no address: tokens stand in them.
func (l *link) exchange(ctx context.Context, r request) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return reply{}, errors.New("the address cannot be used")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return reply{}, egress.Plain(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out := reply{status: resp.StatusCode, wait: egress.RetryAfter(resp.Header, l.now())}
	if out.body, err = egress.Read(resp.Body, l.limit); err != nil {
		return out, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return out, nil
}

// patiently tries, waits while the platform throttles, and tries again. op says what is done, for errors.
func (l *link) patiently(ctx context.Context, op string, try func(context.Context) error) error {
	patience := egress.Patience{Attempts: attempts, First: firstWait, Longest: longWait, Sleep: l.sleep, Log: l.log}
	return patience.Try(ctx, op, func(ctx context.Context) error { return l.named(op, try(ctx)) })
}

// withToken makes one attempt, and one more with a new token where the platform does not know the first any more.
func (l *link) withToken(ctx context.Context, do func(context.Context, token) error) error {
	t, err := l.tokens.get(ctx)
	if err != nil {
		return err
	}
	err = do(ctx, t)
	if !errors.Is(err, ErrTokenLost) {
		return err
	}
	if t, err = l.tokens.renew(ctx, t); err != nil {
		return err
	}
	return do(ctx, t)
}

// named says in an error what was being done, and takes out of it what nobody may see.
func (l *link) named(op string, err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		own := *e
		own.Text = l.clean(e.Text)
		if own.Op == "" {
			own.Op = op
		}
		return &own
	}
	return fmt.Errorf("%s: %w", op, egress.Instead(err, l.clean(err.Error())))
}

// clean makes an error's text fit to be seen.
func (l *link) clean(text string) string {
	for _, s := range append(l.tokens.known(), l.secrets...) {
		if s != "" {
			text = strings.NewReplacer(s, "[secret]", url.QueryEscape(s), "[secret]").Replace(text)
		}
	}
	if r := []rune(text); len(r) > shortText {
		return string(r[:shortText]) + "…"
	}
	return text
}
