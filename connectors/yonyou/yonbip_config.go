package yonyou

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// lookUp is where a tenant's data centre is asked for.
const lookUp = "https://apigateway.yonyoucloud.com"

// The lists of receivables (Config.Receivables).
const (
	ReceivablesNone = "none" // not read (the default)
	ReceivablesOAR  = "oar"  // 应收事项: with balances and due dates
	ReceivablesEFI  = "efi"  // 应收结算清单: amounts that are not settled
)

// Config is what an operator sets for one YonBIP or YonSuite tenant.
type Config struct {
	TenantID  string `yaml:"tenant_id"`
	AppKey    string `yaml:"app_key"`
	AppSecret string `yaml:"app_secret"`
	// BaseURL is where the tenant's data centre is looked up; empty is Yonyou's own. GatewayURL and TokenURL, set together,
	// take the place of the look-up: an installation of one's own has none.
	BaseURL    string `yaml:"base_url"`
	GatewayURL string `yaml:"gateway_url"` // ends in /iuap-api-gateway
	TokenURL   string `yaml:"token_url"`   // ends in /iuap-api-auth

	PageSize       int           `yaml:"page_size"`        // rows of one page, 1 to 5000; lists that allow fewer are asked for 500
	CallsPerMinute int           `yaml:"calls_per_minute"` // of each interface
	Overlap        time.Duration `yaml:"overlap"`          // how much is read again before the last pull
	// Mapping says which values of a row fill which of our fields, on top of the defaults (defaultCustomer):
	// "industry": "customerIndustryCode", "order.margin": "grossProfit". A rule of nothing removes a default.
	Mapping mapping.Mapping
	// Receivables is one of the Receivables constants; which list a tenant has depends on its version of finance. ReceivableDays
	// is how far back it is added up, by the date of the document.
	Receivables    string `yaml:"receivables"`
	ReceivableDays int    `yaml:"receivable_days"`
	// Write says where WriteBack puts which of our fields: {tier: customerLevelCode}, or customerClassCode. Levels are the
	// codes that stand there for what we call it: {A: "01"}; what is not named is written as it is.
	Write  map[string]string `yaml:"write_back"`
	Levels map[string]string `yaml:"levels"`
}

// String names the connection without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("yonyou(tenant %s app %s)", c.TenantID, c.AppKey)
}

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. id is the connector's name
// in errors and logs. The error wraps connectors.ErrConfig and names every wrong key.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	c = c.withDefaults()
	wrong := c.problems()
	customers := newFields(connectors.Customer, defaultCustomer(), c.Mapping, &wrong)
	orders := newFields(connectors.Order, defaultOrder(), c.Mapping, &wrong)
	if err := wrong.err(); err != nil {
		return nil, fmt.Errorf("yonyou %q: %w", id, err)
	}
	conn := &Conn{link: newLink(id, c.CallsPerMinute, []string{c.AppSecret}, opts), cfg: c, customers: customers, orders: orders, place: &place{}}
	conn.tokens.fetch = conn.fetchToken
	return conn, nil
}

func (c Config) withDefaults() Config {
	c.BaseURL = strings.TrimRight(orElse(c.BaseURL, lookUp), "/")
	c.GatewayURL, c.TokenURL = strings.TrimRight(c.GatewayURL, "/"), strings.TrimRight(c.TokenURL, "/")
	c.PageSize = orElse(c.PageSize, defaultPageSize)
	c.CallsPerMinute = orElse(c.CallsPerMinute, defaultBudget)
	c.Overlap = orElse(c.Overlap, defaultOverlap)
	c.Receivables = orElse(c.Receivables, ReceivablesNone)
	c.ReceivableDays = orElse(c.ReceivableDays, 730)
	return c
}

func (c Config) problems() (out problems) {
	if c.GatewayURL == "" {
		out.need("tenant_id", c.TenantID)
	}
	out.need("app_key", c.AppKey)
	out.need("app_secret", c.AppSecret)
	out.address("base_url", c.BaseURL)
	out.address("gateway_url", c.GatewayURL)
	out.address("token_url", c.TokenURL)
	if (c.GatewayURL == "") != (c.TokenURL == "") {
		out = append(out, "gateway_url and token_url must be set together")
	}
	out.within("page_size", c.PageSize, 5000)
	out.within("calls_per_minute", c.CallsPerMinute, 6000)
	out.within("receivable_days", c.ReceivableDays, 3650)
	out.overlap(c.Overlap)
	switch c.Receivables {
	case ReceivablesNone, ReceivablesOAR, ReceivablesEFI:
	default:
		out = append(out, fmt.Sprintf("receivables is %q, expected none, oar or efi", c.Receivables))
	}
	for _, field := range slices.Sorted(maps.Keys(c.Write)) {
		switch {
		case !slices.Contains(connectors.WriteFields(), field):
			out = append(out, fmt.Sprintf("write_back.%s is nothing that is told back, expected one of %s", field, strings.Join(connectors.WriteFields(), ", ")))
		case c.Write[field] != levelKey && c.Write[field] != classKey:
			out = append(out, fmt.Sprintf("write_back.%s is %q, expected %s or %s", field, c.Write[field], levelKey, classKey))
		}
	}
	return out
}

// Conn is a connection to one tenant. All methods but Pull may be called at any time and from several goroutines; one
// Pull runs at a time.
type Conn struct {
	*link
	cfg       Config
	customers *fields
	orders    *fields
	place     *place
	byDate    bool // orders are filtered by date, since the platform refused to filter by change; one Pull at a time
}

// The compiler keeps these promises.
var (
	_ connectors.Resumable = (*Conn)(nil)
	_ connectors.Writer    = (*Conn)(nil)
	_ connectors.Checker   = (*Conn)(nil)
	_ connectors.Receiver  = (*Conn)(nil)
	_ connectors.Fetcher   = (*Conn)(nil)
	_ connectors.Answerer  = (*Conn)(nil)
)
