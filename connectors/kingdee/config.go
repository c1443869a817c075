package kingdee

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/budget"
	"lingke/connectors/egress"
	"lingke/connectors/mapping"
)

// The ways to prove who we are (Config.Auth).
const (
	AuthSigned    = "signed"     // every request carries signatures; nothing to log in to (the default)
	AuthAppSecret = "app_secret" // session, LoginByAppSecret
	AuthSign      = "sign"       // session, LoginBySign: the secret itself is never sent
	AuthPassword  = "password"   // session, ValidateUser
)

// What a Config has where it says nothing.
const (
	defaultLCID     = 2052 // simplified Chinese
	defaultOrgNum   = "0"  // what the official client sends when no organisation is named
	maxPageSize     = 2000 // the lowest limit that any version documents
	defaultOverlap  = 5 * time.Minute
	defaultCalls    = 1200 // a minute: more than sessions that answer one call after another ever reach
	maxCalls        = 60_000
	defaultBodySize = 64 << 20

	defaultReceivableDays = 2 * 365
	mostReceivableDays    = 10 * 365
)

// Config is what an operator sets for one data centre.
type Config struct {
	BaseURL   string `yaml:"base_url"` // the site, up to and with /k3cloud/
	AcctID    string `yaml:"acct_id"`  // 账套 ID, not its name
	Username  string `yaml:"username"`
	Password  string `yaml:"password"` // only for auth: password
	AppID     string `yaml:"app_id"`
	AppSecret string `yaml:"app_secret"`
	OrgNum    string `yaml:"org_num"` // organisation code; may be empty
	LCID      int    `yaml:"lcid"`    // language of names and messages: 2052, 3076 or 1033
	Auth      string `yaml:"auth"`    // one of the Auth constants

	PageSize int `yaml:"page_size"` // rows of one query, 1 to 2000
	// CallsPerMinute bounds the calls of each interface. The platform publishes no number; 0 is 1200.
	CallsPerMinute int           `yaml:"calls_per_minute"`
	Overlap        time.Duration `yaml:"overlap"` // how much is read again before the newest record
	// Deliveries reads 销售出库单 as activities, Receivables adds 应收单 up by customer once a day (receivable_amount, overdue_amount, overdue_days).
	Deliveries  bool `yaml:"deliveries"`
	Receivables bool `yaml:"receivables"`
	// ReceivableDays is how far back settled receivables are looked at (730 days where it is 0): a customer whose receivables of that time are all settled owes nothing.
	ReceivableDays int `yaml:"receivable_days"`
	// Mapping says which field keys fill which of our fields, on top of the defaults (see defaultCustomer): "industry": "F_LK_INDUSTRY". A rule
	// of nothing removes a default. A field named here is told even when it is empty in Kingdee, and then empties ours; a default that is empty there
	// is left alone. "order.margin": "F_…" does the same for an order.
	Mapping mapping.Mapping
	// Write says which key on BD_Customer takes which of our fields in WriteBack: {tier: F_LK_TIER}. A key is a text field (F_…), or FGroup. What
	// is written there is ours, so no key may stand in Mapping too.
	Write map[string]string `yaml:"write_back"`
	// Location is the zone of the site's clock, since its times carry none; nil is Asia/Shanghai.
	Location *time.Location `yaml:"-"`
}

// String names the connection without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("kingdee(%s acct %s user %s)", c.BaseURL, c.AcctID, c.Username)
}

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. id is the connector's name
// in errors and logs. The error wraps connectors.ErrConfig and names every wrong key.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	c = c.withDefaults()
	problems := c.problems()
	forms, err := newForms(c)
	if err != nil {
		problems = append(problems, err.Error())
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("kingdee %q: %s: %w", id, strings.Join(problems, "; "), connectors.ErrConfig)
	}
	conn := &Conn{
		id: id, cfg: c, base: strings.TrimRight(c.BaseURL, "/") + "/", forms: forms, http: newHTTPClient(),
		log: slog.New(slog.DiscardHandler), now: time.Now, sleep: egress.Wait, limit: defaultBodySize,
	}
	if c.Receivables {
		conn.receivables = newReceivables()
	}
	for _, o := range opts {
		o(conn)
	}
	conn.log = conn.log.With(slog.String("connector", id))
	conn.secrets = redactor(c)
	conn.auth = newAuth(conn)
	conn.budget = budget.New(c.CallsPerMinute, conn.now, conn.sleep)
	return conn, nil
}

func (c Config) withDefaults() Config {
	if c.Auth == "" {
		c.Auth = AuthSigned
	}
	if c.LCID == 0 {
		c.LCID = defaultLCID
	}
	if c.OrgNum == "" {
		c.OrgNum = defaultOrgNum
	}
	if c.CallsPerMinute == 0 {
		c.CallsPerMinute = defaultCalls
	}
	if c.PageSize == 0 {
		c.PageSize = maxPageSize
	}
	if c.Overlap == 0 {
		c.Overlap = defaultOverlap
	}
	if c.ReceivableDays == 0 {
		c.ReceivableDays = defaultReceivableDays
	}
	if c.Location == nil {
		c.Location = shanghai()
	}
	return c
}

// problems says what is wrong, one sentence per key.
func (c Config) problems() []string {
	out := c.missing()
	if why := wrongURL(c.BaseURL); c.BaseURL != "" && why != "" {
		out = append(out, "base_url "+why)
	}
	if c.CallsPerMinute < 1 || c.CallsPerMinute > maxCalls {
		out = append(out, fmt.Sprintf("calls_per_minute is not between 1 and %d", maxCalls))
	}
	switch c.Auth {
	case AuthSigned, AuthAppSecret, AuthSign, AuthPassword:
	default:
		out = append(out, fmt.Sprintf("auth is %q, expected signed, app_secret, sign or password", c.Auth))
	}
	if _, err := clientSecret(c.AppID); c.Auth == AuthSigned && err != nil {
		out = append(out, "app_id cannot be read: the part after _ is not base64 of at most 32 bytes")
	}
	if c.PageSize < 1 || c.PageSize > maxPageSize {
		out = append(out, fmt.Sprintf("page_size is %d, expected 1 to %d", c.PageSize, maxPageSize))
	}
	if c.ReceivableDays < 1 || c.ReceivableDays > mostReceivableDays {
		out = append(out, fmt.Sprintf("receivable_days is %d, expected 1 to %d", c.ReceivableDays, mostReceivableDays))
	}
	if c.Overlap < 0 {
		out = append(out, "overlap is negative")
	}
	out = append(out, c.wrongWrites()...)
	return out
}

// wrongWrites: what comes back from a field that we write would be taken for news.
func (c Config) wrongWrites() (out []string) {
	for _, field := range slices.Sorted(maps.Keys(c.Write)) {
		key := c.Write[field]
		switch {
		case !slices.Contains(connectors.WriteFields(), field):
			out = append(out, fmt.Sprintf("write_back.%s: only %s can be written back", field, strings.Join(connectors.WriteFields(), ", ")))
		case !plainKey.MatchString(key):
			out = append(out, fmt.Sprintf("write_back.%s: %q is not a field key", field, key))
		}
	}
	if i := slices.IndexFunc(c.Mapping.Sources(connectors.Customer), c.writes); i >= 0 {
		key := c.Mapping.Sources(connectors.Customer)[i]
		out = append(out, fmt.Sprintf("write_back: %s is read by mapping too, so our own writing would come back as news", key))
	}
	return out
}

// writes reports whether what stands under a key of BD_Customer is written by us.
func (c Config) writes(key string) bool {
	for _, written := range c.Write {
		if strings.EqualFold(firstPart(key), written) {
			return true
		}
	}
	return false
}

func (c Config) missing() (out []string) {
	need := func(key, value string) {
		if value == "" {
			out = append(out, key+" is empty")
		}
	}
	need("base_url", c.BaseURL)
	need("acct_id", c.AcctID)
	need("username", c.Username)
	if c.Auth == AuthPassword {
		need("password", c.Password)
		return out
	}
	need("app_id", c.AppID)
	need("app_secret", c.AppSecret)
	return out
}

// Field keys stand unquoted in a query, so nothing but names may get there.
var (
	plainKey  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	dottedKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
)

// wrongURL says what is wrong with a base URL without repeating it: it may hold a password.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "is not an http(s) address like https://erp.example.com/k3cloud/"
	case u.User != nil:
		return "must not hold a user or password"
	case u.RawQuery != "" || u.Fragment != "":
		return "must not hold a query or fragment"
	}
	return ""
}

// shanghai works without the zone database too: China has had one offset since 1991.
func shanghai() *time.Location {
	if l, err := time.LoadLocation("Asia/Shanghai"); err == nil {
		return l
	}
	return time.FixedZone("CST", 8*60*60)
}

// newHTTPClient has the patience of the official client (reading takes up to 180 s there). The signatures must not reach another host.
func newHTTPClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 2
	t.ResponseHeaderTimeout = 150 * time.Second
	return egress.OneHost(&http.Client{Transport: t, Timeout: 3 * time.Minute})
}
