package yonyou

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

const (
	u8Relay      = "https://api.yonyouup.com"
	u8TokenLife  = 2 * time.Hour
	u8OldToken   = 110 * time.Minute // after this a refusal without a known reason is taken for the token's end
	u8LookBack   = 31 * 24 * time.Hour
	u8MostRows   = 1000
	u8UsualRows  = 200
	u8UsualQuota = 60
)

// U8Config is what an operator sets for one U8 account set (账套) behind Yonyou's cloud relay.
type U8Config struct {
	BaseURL     string `yaml:"base_url"`     // empty: api.yonyouup.com
	FromAccount string `yaml:"from_account"` // the caller, 调用方
	ToAccount   string `yaml:"to_account"`   // who provides the U8, 提供方; empty: the same
	AppKey      string `yaml:"app_key"`
	AppSecret   string `yaml:"app_secret"`
	DataSource  string `yaml:"ds_sequence"` // number of the data source; empty: 1

	PageSize       int           `yaml:"page_size"`
	CallsPerMinute int           `yaml:"calls_per_minute"` // of each interface
	Overlap        time.Duration `yaml:"overlap"`
	// Mapping says which values of a row fill which of our fields, on top of the defaults: "industry": "self_define1".
	Mapping mapping.Mapping
}

// String names the connection without its secrets.
func (c U8Config) String() string {
	return fmt.Sprintf("u8(account %s app %s)", c.FromAccount, c.AppKey)
}

// GoString is String, so that %#v prints no secret either.
func (c U8Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c U8Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. The error wraps
// connectors.ErrConfig and names every wrong key.
func (c U8Config) Open(id string, opts ...Option) (*U8, error) {
	c.BaseURL = strings.TrimRight(orElse(c.BaseURL, u8Relay), "/")
	c.ToAccount, c.DataSource = orElse(c.ToAccount, c.FromAccount), orElse(c.DataSource, "1")
	c.PageSize, c.CallsPerMinute = orElse(c.PageSize, u8UsualRows), orElse(c.CallsPerMinute, u8UsualQuota)
	c.Overlap = orElse(c.Overlap, 24*time.Hour) // changes are dated by the day
	var wrong problems
	wrong.need("from_account", c.FromAccount)
	wrong.need("app_key", c.AppKey)
	wrong.need("app_secret", c.AppSecret)
	wrong.address("base_url", c.BaseURL)
	wrong.within("page_size", c.PageSize, u8MostRows)
	wrong.within("calls_per_minute", c.CallsPerMinute, 6000)
	wrong.overlap(c.Overlap)
	customers := newFields(connectors.Customer, u8Customer(), c.Mapping, &wrong)
	orders := newFields(connectors.Order, u8Order(), c.Mapping, &wrong)
	if err := wrong.err(); err != nil {
		return nil, fmt.Errorf("u8 %q: %w", id, err)
	}
	u := &U8{link: newLink(id, c.CallsPerMinute, []string{c.AppSecret}, opts), cfg: c, customers: customers, orders: orders}
	u.tokens.fetch = u.fetchToken
	return u, nil
}

// U8 is a connection to one account set. Check may be called at any time; one Pull runs at a time.
type U8 struct {
	*link
	cfg       U8Config
	customers *fields
	orders    *fields
	allAnew   bool // customers are read whole, since the relay refused to filter by change
}

// The compiler keeps these promises.
var (
	_ connectors.Resumable = (*U8)(nil)
	_ connectors.Checker   = (*U8)(nil)
)
