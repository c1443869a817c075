package yonyou

import (
	"fmt"
	"log/slog"
	"strings"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

const chanjetHost = "https://openapi.chanjet.com"

// ChanjetConfig is what an operator sets for one 畅捷通 T+ account that a self-built app may read.
type ChanjetConfig struct {
	BaseURL       string `yaml:"base_url"` // empty: openapi.chanjet.com
	AppKey        string `yaml:"app_key"`
	AppSecret     string `yaml:"app_secret"`
	MessageSecret string `yaml:"message_secret"` // 消息秘钥, 16 characters: pushes are encrypted with it
	Certificate   string `yaml:"certificate"`    // of the account that the app was authorised for

	PageSize       int `yaml:"page_size"`
	CallsPerMinute int `yaml:"calls_per_minute"`
	// Mapping says which values of a partner (往来单位) fill which of our fields, on top of the defaults. What it reads is
	// asked for too: "phone": "TelephoneNo".
	Mapping mapping.Mapping
}

// String names the connection without its secrets.
func (c ChanjetConfig) String() string { return fmt.Sprintf("chanjet(app %s)", c.AppKey) }

// GoString is String, so that %#v prints no secret either.
func (c ChanjetConfig) GoString() string { return c.String() }

// LogValue is String for slog.
func (c ChanjetConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. The error wraps
// connectors.ErrConfig and names every wrong key.
func (c ChanjetConfig) Open(id string, opts ...Option) (*Chanjet, error) {
	c.BaseURL = strings.TrimRight(orElse(c.BaseURL, chanjetHost), "/")
	c.PageSize, c.CallsPerMinute = orElse(c.PageSize, 200), orElse(c.CallsPerMinute, defaultBudget)
	var wrong problems
	wrong.need("app_key", c.AppKey)
	wrong.need("app_secret", c.AppSecret)
	wrong.need("certificate", c.Certificate)
	if len(c.MessageSecret) != 16 {
		wrong = append(wrong, "message_secret must have 16 characters")
	}
	wrong.address("base_url", c.BaseURL)
	wrong.within("page_size", c.PageSize, 1000)
	wrong.within("calls_per_minute", c.CallsPerMinute, 6000)
	partners := newFields(connectors.Customer, chanjetPartner(), c.Mapping, &wrong)
	if err := wrong.err(); err != nil {
		return nil, fmt.Errorf("chanjet %q: %w", id, err)
	}
	conn := &Chanjet{link: newLink(id, c.CallsPerMinute, []string{c.AppSecret, c.MessageSecret, c.Certificate}, opts), cfg: c, partners: partners}
	conn.tokens.fetch = conn.fetchToken
	return conn, nil
}

// Chanjet is a connection to one account. All methods but Pull may be called at any time and from several goroutines; one
// Pull runs at a time.
//
// A token is given out for a ticket only, which the platform pushes every ten minutes. So a connection can read once it
// has received a push; until then Pull and Check ask for one and say so.
type Chanjet struct {
	*link
	cfg      ChanjetConfig
	partners *fields
	ticket   ticket
}

// The compiler keeps these promises.
var (
	_ connectors.Resumable = (*Chanjet)(nil)
	_ connectors.Checker   = (*Chanjet)(nil)
	_ connectors.Receiver  = (*Chanjet)(nil)
	_ connectors.Answerer  = (*Chanjet)(nil)
)
