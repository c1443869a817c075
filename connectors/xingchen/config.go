package xingchen

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/connectors/mapping"
)

// What a Config has where it says nothing.
const (
	defaultURL      = "https://api.kingdee.com"
	defaultPageSize = 500 // lists of documents give 100 at most, whatever is asked for
	maxPageSize     = 2000
	defaultOverlap  = 10 * time.Minute // the filter by time has been seen to leave out rows at its edge
	defaultRate     = 300              // calls a minute; the platform allows 500 for an account
	mostRate        = 500
	bodyLimit       = 32 << 20
)

// Config is what an operator sets for one account.
type Config struct {
	BaseURL      string `yaml:"base_url"` // empty: the real platform
	ClientID     string `yaml:"client_id"`
	ClientSecret string `yaml:"client_secret"`
	// OuterInstanceID names the account that authorised the app; the key, secret and domain of the authorisation are then asked for. Where it is empty, AppKey,
	// AppSecret and Domain have to be set, and somebody has to set AppSecret anew when the platform changes it.
	OuterInstanceID string `yaml:"outer_instance_id"`
	AppKey          string `yaml:"app_key"`
	AppSecret       string `yaml:"app_secret"`
	Domain          string `yaml:"domain"` // X-GW-Router-Addr, such as https://tf.jdy.com

	PageSize int           `yaml:"page_size"` // 1 to 2000
	Overlap  time.Duration `yaml:"overlap"`   // how much is read again before the newest record
	Rate     int           `yaml:"rate"`      // calls a minute, 1 to 500
	// Mapping says which member of a row fills which of our fields, on top of the defaults (see defaults): "industry": "custom_field.industry".
	Mapping mapping.Mapping
	// Location is the zone of times that carry none; nil is Asia/Shanghai.
	Location *time.Location `yaml:"-"`
}

// String names the connection without its secrets.
func (c Config) String() string { return fmt.Sprintf("xingchen(%s client %s)", c.BaseURL, c.ClientID) }

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Option changes what most callers leave alone.
type Option func(*Conn)

// WithLogger says where warnings go; without it nowhere.
func WithLogger(l *slog.Logger) Option { return func(c *Conn) { c.log = l } }

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option { return func(c *Conn) { c.now = now } }

// WithSleep replaces the wait between calls; it returns early with the context's error.
func WithSleep(s func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Conn) { c.sleep = s }
}

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. id is the connector's name in errors and logs. The error wraps
// connectors.ErrConfig and names every wrong key.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	c = c.withDefaults()
	problems := c.problems()
	lists, err := newLists(c)
	if err != nil {
		problems = append(problems, err.Error())
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("xingchen %q: %s: %w", id, strings.Join(problems, "; "), connectors.ErrConfig)
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	conn := &Conn{id: id, cfg: c, lists: lists, log: slog.New(slog.DiscardHandler), now: time.Now, sleep: egress.Wait}
	conn.http = egress.OneHost(&http.Client{Timeout: time.Minute})
	for _, o := range opts {
		o(conn)
	}
	conn.log = conn.log.With(slog.String("connector", id))
	conn.secrets.Store(redactor(c.ClientSecret, c.AppSecret))
	conn.tokens = tokens{lock: make(chan struct{}, 1), key: c.AppKey, secret: c.AppSecret, domain: c.Domain}
	return conn, nil
}

func (c Config) withDefaults() Config {
	if c.BaseURL == "" {
		c.BaseURL = defaultURL
	}
	if c.PageSize == 0 {
		c.PageSize = defaultPageSize
	}
	if c.Overlap == 0 {
		c.Overlap = defaultOverlap
	}
	if c.Rate == 0 {
		c.Rate = defaultRate
	}
	if c.Location == nil {
		c.Location = shanghai()
	}
	return c
}

// problems says what is wrong, one sentence per key.
func (c Config) problems() (out []string) {
	need := func(key, value string) {
		if value == "" {
			out = append(out, key+" is empty")
		}
	}
	need("client_id", c.ClientID)
	need("client_secret", c.ClientSecret)
	if c.OuterInstanceID == "" && (c.AppKey == "" || c.AppSecret == "") {
		out = append(out, "outer_instance_id is empty, and so is app_key or app_secret: one way to find the authorisation is needed")
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "http" && u.Scheme != "https") {
		out = append(out, "base_url is not an http(s) address without user and query")
	}
	if c.PageSize < 1 || c.PageSize > maxPageSize {
		out = append(out, fmt.Sprintf("page_size is %d, expected 1 to %d", c.PageSize, maxPageSize))
	}
	if c.Rate < 1 || c.Rate > mostRate {
		out = append(out, fmt.Sprintf("rate is %d, expected 1 to %d calls a minute", c.Rate, mostRate))
	}
	if c.Overlap < 0 {
		out = append(out, "overlap is negative")
	}
	return out
}

// shanghai works without the zone database too: China has had one offset since 1991.
func shanghai() *time.Location {
	if l, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return l
	}
	return time.FixedZone("CST", 8*60*60)
}
