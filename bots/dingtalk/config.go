package dingtalk

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/bots"
)

// The hosts of the real platform, used where Config leaves them empty.
const (
	DefaultBaseURL = "https://api.dingtalk.com"
	defaultOapiURL = "https://oapi.dingtalk.com"
)

// Config is what the console of the open platform gives to one in-house app. It prints without its secrets.
type Config struct {
	ClientID     string // AppKey
	ClientSecret string // AppSecret
	RobotCode    string // ClientID where empty: the usual case of an in-house bot
	CardTemplate string // id of the published card template ("….schema"); empty: cards are shown as text
	CorpID       string // organisation; accepted beside ClientID as the owner of encrypted events
	AgentID      int64  // AgentId of the app, which only work notices need; 0 where there are none

	// CardRouteKey chooses HTTP callbacks for cards; empty means that clicks come over the stream.
	CardRouteKey string
	// CardSecret is the apiSecret that was registered with CardRouteKey; without it card callbacks are refused.
	CardSecret  string
	EventToken  string // signs encrypted events of HTTP mode
	EventAESKey string // 43 characters; encrypts them

	Robots map[string]GroupRobot // group robots, by the name under which bots.RobotPrefix finds them

	BaseURL string // the v1.0 API; https://api.dingtalk.com where empty
	OapiURL string // the old API and reply addresses; https://oapi.dingtalk.com where empty
}

// String names the app and leaves every secret out.
func (c Config) String() string { return fmt.Sprintf("dingtalk app %q", c.ClientID) }

// GoString keeps %#v from printing secrets.
func (c Config) GoString() string { return c.String() }

// LogValue keeps slog from printing secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// withDefaults fills what may be left empty.
func (c Config) withDefaults() Config {
	if c.RobotCode == "" {
		c.RobotCode = c.ClientID
	}
	c.BaseURL = orDefault(c.BaseURL, DefaultBaseURL)
	c.OapiURL = orDefault(c.OapiURL, defaultOapiURL)
	return c
}

func orDefault(address, fallback string) string {
	if address == "" {
		return fallback
	}
	return strings.TrimRight(address, "/")
}

// Validate reports everything that is missing or malformed, joined.
func (c Config) Validate() error {
	var problems []error
	if c.ClientID == "" {
		problems = append(problems, errors.New("client_id is empty"))
	}
	if c.ClientSecret == "" {
		problems = append(problems, errors.New("client_secret is empty"))
	}
	problems = append(problems, checkURL("base_url", c.BaseURL), checkURL("oapi_url", c.OapiURL))
	if c.EventAESKey != "" {
		if _, err := eventKey(c.EventAESKey); err != nil {
			problems = append(problems, fmt.Errorf("event_aes_key: %w", err))
		}
	}
	return errors.Join(problems...)
}

func checkURL(name, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%s is not an http(s) address", name)
	}
	return nil
}

// secrets lists what must never appear in an error or a log.
func (c Config) secrets() []string {
	var all []string
	for _, s := range []string{c.ClientSecret, c.CardSecret, c.EventToken, c.EventAESKey} {
		if s != "" {
			all = append(all, s)
		}
	}
	for _, r := range c.Robots {
		all = append(all, r.Token, r.Secret)
	}
	return all
}

// Option changes what a Bot uses instead of its defaults.
type Option func(*Bot)

// WithClock makes the bot read the time from now.
func WithClock(now func() time.Time) Option { return func(b *Bot) { b.now = now } }

// WithHTTPClient makes the bot's own calls go through c. Redirects are never followed: they would carry the token along.
// The stream's calls are the SDK's, which has a client of its own.
func WithHTTPClient(c *http.Client) Option { return func(b *Bot) { b.http = c } }

// WithLogger makes the bot write to log instead of nowhere.
func WithLogger(log *slog.Logger) Option { return func(b *Bot) { b.log = log } }

// WithMeter makes m keep the budget of the calls that the platform counts.
func WithMeter(m bots.Meter) Option { return func(b *Bot) { b.meter = m } }

// WithStream changes the stream's timing; zero fields keep their defaults.
func WithStream(s StreamConfig) Option { return func(b *Bot) { b.stream = s } }
