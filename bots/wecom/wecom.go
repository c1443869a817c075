// Package wecom is Lingke's bot for WeCom (企业微信): one self-built app of one enterprise.
//
// Outwards: Send and Update render a bots.Outgoing (card.go, text.go), take the app's access token (tokens.go) and call the
// platform through github.com/silenceper/wechat/v2. That library keeps one HTTP client for the whole process, without
// context; route.go lends it a one-use ticket in the token's place, by which the call finds back to its Bot. What the
// platform answers becomes an error kind of package bots in errors.go.
//
// Inwards: Callback checks the signature and the time window, decrypts (crypto.go), scans the XML (scan.go, event.go) and
// hands a Message or a Click to the handler. A click on a card that is closed by then is answered with the closed button;
// that passive answer changes the card of the one who clicked only, everybody else's copy follows by Update.
//
// Protocol facts are those of developer.work.weixin.qq.com: documents 91039 (token), 90236 (send), 94888 (update), 91144
// (callback encryption), 90240 (events), 90313 (error codes).
package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

// DefaultBaseURL is the real platform.
const DefaultBaseURL = "https://qyapi.weixin.qq.com"

// callTimeout bounds one HTTP call when the caller brings no client of its own.
const callTimeout = 10 * time.Second

// Config is what the admin console shows for one app. Secret, Token and EncodingAESKey are secrets.
type Config struct {
	CorpID         string            // 企业ID
	AgentID        int               // AgentId of the app
	Secret         string            // Secret of the app
	Token          string            // 接收消息: Token
	EncodingAESKey string            // 接收消息: EncodingAESKey, 43 letters and digits
	Robots         map[string]string // keys of group robots, by the name under which bots.RobotPrefix finds them
	BaseURL        string            // empty means DefaultBaseURL; a path in it is kept as a prefix
}

// String names the app and none of its secrets.
func (c Config) String() string { return fmt.Sprintf("wecom app %d of %s", c.AgentID, c.CorpID) }

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String, so that a log prints no secret either.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Bot is one opened app. Its methods may be called from several goroutines.
type Bot struct {
	cfg    Config
	base   *url.URL
	cipher envelopeCipher
	tokens *tokens
	http   *http.Client
	log    *slog.Logger
	now    func() time.Time
	guard  ReplayGuard
	refuse func(reason Refusal)
	pace   bots.RobotPace
	meter  bots.Meter
}

var (
	_ bots.Bot      = (*Bot)(nil)
	_ bots.Updater  = (*Bot)(nil)
	_ bots.Receiver = (*Bot)(nil)
)

// Option changes a knob that few callers need.
type Option func(*Bot)

// WithNow replaces time.Now.
func WithNow(now func() time.Time) Option { return func(b *Bot) { b.now = now } }

// WithHTTPClient replaces the client, its timeout and its connection pool. Redirects are never followed.
func WithHTTPClient(c *http.Client) Option { return func(b *Bot) { b.http = c } }

// WithLogger replaces slog.Default.
func WithLogger(l *slog.Logger) Option { return func(b *Bot) { b.log = l } }

// WithMeter makes m keep the budget of the calls that the platform counts: all but sending, for which other limits hold.
func WithMeter(m bots.Meter) Option { return func(b *Bot) { b.meter = m } }

// WithReplayGuard asks guard about each genuine callback inside the time window.
func WithReplayGuard(guard ReplayGuard) Option { return func(b *Bot) { b.guard = guard } }

// WithRefusalHook calls hook for each refused callback, for a counter per reason. It must not block.
func WithRefusalHook(hook func(reason Refusal)) Option { return func(b *Bot) { b.refuse = hook } }

// Open checks cfg and returns the bot; it calls nobody. The error wraps bots.ErrMisconfigured and names every setting
// that is missing or wrong, never its value.
func Open(cfg Config, opts ...Option) (*Bot, error) {
	base, err := cfg.validate()
	if err != nil {
		return nil, fmt.Errorf("wecom: %w: %w", bots.ErrMisconfigured, err)
	}
	cipher, err := newEnvelopeCipher(cfg)
	if err != nil {
		return nil, fmt.Errorf("wecom: %w: %w", bots.ErrMisconfigured, err)
	}
	b := &Bot{
		cfg: cfg, base: base, cipher: cipher, now: time.Now, log: slog.Default(), http: defaultClient(),
		refuse: func(Refusal) {}, meter: bots.Unmetered{},
	}
	for _, o := range opts {
		o(b)
	}
	b.http = withoutRedirects(b.http)
	b.log = b.log.With("bot", "wecom", "corp", cfg.CorpID, "agent", cfg.AgentID)
	b.tokens = &tokens{fetch: b.fetchToken, now: b.now}
	shareHTTPClient()
	return b, nil
}

// Platform is bots.WeCom.
func (b *Bot) Platform() bots.Platform { return bots.WeCom }

// Check tries the app's credentials, and that the platform takes calls from this address: it asks where callbacks come from, which every app may.
func (b *Bot) Check(ctx context.Context) error {
	const op = "check the app"
	return b.call(ctx, op, func(t ticket) error {
		answer, err := util.HTTPGetContext(ctx, platformURL+"/cgi-bin/getcallbackip?access_token="+string(t))
		if err != nil {
			return err
		}
		return util.DecodeWithCommonError(answer, op)
	})
}

// String names the app and none of its secrets.
func (b *Bot) String() string { return b.cfg.String() }

// validate joins every problem and returns the parsed base URL.
func (c Config) validate() (*url.URL, error) {
	var problems []error
	for _, s := range []struct{ name, value string }{
		{"corp_id", c.CorpID}, {"secret", c.Secret}, {"token", c.Token}, {"encoding_aes_key", c.EncodingAESKey},
	} {
		if s.value == "" {
			problems = append(problems, fmt.Errorf("%s is empty", s.name))
		}
	}
	if c.AgentID <= 0 {
		problems = append(problems, errors.New("agent_id must be a positive number"))
	}
	base, err := parseBase(c.BaseURL)
	return base, errors.Join(append(problems, err)...)
}

// parseBase does not wrap the parser's error: that would repeat a URL that may carry a password.
func parseBase(raw string) (*url.URL, error) {
	if raw == "" {
		raw = DefaultBaseURL
	}
	u, err := url.Parse(strings.TrimRight(raw, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("base_url must be http://host or https://host")
	}
	return u, nil
}

// defaultClient keeps more idle connections than net/http's two, since all calls go to one host.
func defaultClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 16
	return &http.Client{Transport: t, Timeout: callTimeout}
}

// withoutRedirects copies c: the platform redirects only plain http, and following it would carry the token along.
func withoutRedirects(c *http.Client) *http.Client {
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}
