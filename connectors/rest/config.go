package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// Config is what an operator sets for one interface.
type Config struct {
	BaseURL string            `yaml:"base_url"`
	Headers map[string]string // sent with every request: {Authorization: "Bearer ${SHOP_TOKEN}"}
	// Resources are what is read. Mapping has the fields that they share, by target (order.amount).
	Resources []Resource
	Mapping   mapping.Mapping
	Rate      float64       // requests a second; 0 is 5
	Overlap   time.Duration // how much is asked for again before the newest record; 0 is five minutes
	Timeout   time.Duration // of one request; 0 is a minute
	// PublicOnly refuses addresses that are not of the public Internet, whatever a name resolves to.
	PublicOnly bool `yaml:"public_only"`
	// Location is the zone of times that name none; nil is China.
	Location *time.Location `yaml:"-"`
}

// Resource is one address and what its records are.
type Resource struct {
	Path    string // below base_url, with a fixed query if need be
	Kind    connectors.Kind
	Items   jsondoc.Path
	Mapping mapping.Mapping
	Since   Since
	Page    Page
	// Complete says that without Since.Param the address lists everything of its kind that there is, so that what it lacks was deleted; see connectors.Lister.
	Complete bool
}

// Since says how to ask for what changed only.
type Since struct {
	Param  string // the query's parameter; empty: everything is read each time
	Format string // rfc3339 (the default), unix, unix_ms, or a form such as "yyyy-MM-dd HH:mm:ss" in the source's zone
}

// The ways to page (Page.Style).
const (
	PageNone   = "none"   // one answer has everything (the default)
	PageNumber = "number" // Param counts pages
	PageOffset = "offset" // Param counts items
	PageCursor = "cursor" // Param takes what stood at Next of the answer before; without it the last page is reached
	PageLink   = "link"   // the Link header, or the address at Next
)

// Page says how to ask for the next page.
type Page struct {
	Style     string
	Param     string // page, offset or cursor where it is empty
	SizeParam string `yaml:"size_param"` // sent with Size where it is not empty; a shorter page is then the last
	Size      int    // 0 is 100
	First     *int   // the number of the first page; 1 where it is not set
	Next      jsondoc.Path
}

// Bounds of a pull.
const (
	maxPages  = 100_000
	maxItems  = 10_000   // records of one page
	bodyLimit = 32 << 20 // bytes of one answer
	docDepth  = 32
)

// String names the interface without its headers.
func (c Config) String() string {
	return fmt.Sprintf("rest(%s, %d resources)", c.host(), len(c.Resources))
}

func (c Config) host() string {
	u, err := url.Parse(c.BaseURL)
	if err != nil {
		return "?"
	}
	return u.Host
}

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Option changes what most callers leave alone.
type Option func(*Conn)

// WithLogger says where warnings go; without it nowhere.
func WithLogger(l *slog.Logger) Option { return func(c *Conn) { c.log = l } }

// WithClock replaces time.Now for the budget and for Retry-After.
func WithClock(now func() time.Time) Option { return func(c *Conn) { c.now = now } }

// WithSleep replaces the waits; it returns early with the context's error.
func WithSleep(s func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Conn) { c.sleep = s }
}

// Open checks the settings and returns a connection that is ready to use; it sends nothing yet. The error wraps connectors.ErrConfig.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	c = c.withDefaults()
	conn := &Conn{id: id, cfg: c, http: egress.Client(c.Timeout, c.PublicOnly), log: slog.New(slog.DiscardHandler), now: time.Now, sleep: egress.Wait}
	for _, o := range opts {
		o(conn)
	}
	conn.log = conn.log.With(slog.String("connector", id))
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("rest %q: %w: %w", id, connectors.ErrConfig, err)
	}
	names := make(map[string]int)
	for i, r := range c.Resources {
		made, err := r.compile(c)
		if err != nil {
			return nil, fmt.Errorf("rest %q: resources[%d]: %w: %w", id, i, connectors.ErrConfig, err)
		}
		if names[made.name]++; names[made.name] > 1 {
			made.name += "#" + strconv.Itoa(names[made.name])
		}
		conn.resources = append(conn.resources, made)
	}
	slices.SortStableFunc(conn.resources, func(a, b *resource) int { return cmp.Compare(last(a.Kind), last(b.Kind)) })
	return conn, nil
}

func last(k connectors.Kind) int {
	if k == connectors.Customer {
		return 1
	}
	return 0
}

func (c Config) withDefaults() Config {
	if c.Rate == 0 {
		c.Rate = 5
	}
	if c.Overlap == 0 {
		c.Overlap = 5 * time.Minute
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Location == nil {
		c.Location = time.FixedZone("CST", 8*60*60) // without daylight saving since 1991
	}
	return c
}

func (c Config) check() error {
	var all []error
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		all = append(all, errors.New("base_url must be an http(s) address like https://api.example.com/v1, without user, ? and #"))
	}
	if c.Rate < 0.01 || c.Rate > 100 {
		all = append(all, fmt.Errorf("rate is %g, expected 0.01 to 100 requests a second", c.Rate))
	}
	if c.Overlap < 0 || c.Timeout < time.Second || c.Timeout > 10*time.Minute {
		all = append(all, errors.New("overlap must not be negative, and timeout from 1s to 10m"))
	}
	if len(c.Resources) == 0 {
		all = append(all, errors.New("resources: name at least one"))
	}
	return errors.Join(all...)
}

// resource is a Resource that is ready to be read.
type resource struct {
	Resource

	name   string // path and kind: what the cursor knows it by
	url    *url.URL
	reader *mapping.Reader
}

func (r Resource) compile(c Config) (*resource, error) {
	u, err := url.Parse(strings.TrimRight(c.BaseURL, "/") + "/" + strings.TrimLeft(r.Path, "/"))
	base, baseErr := url.Parse(c.BaseURL)
	if err = errors.Join(err, baseErr); err != nil || u.Host != base.Host || u.User != nil {
		return nil, errors.New("path is not one below base_url")
	}
	reader, err := mapping.Shape{Kind: r.Kind, Items: r.Items, Mapping: r.Mapping}.Compile(c.Mapping, c.Location)
	if err != nil {
		return nil, err
	}
	if !reader.Dated() {
		return nil, errors.New("mapping.modified_at: is missing: without it nobody knows which version is the newer")
	}
	made := &resource{Resource: r, name: string(r.Kind) + " " + u.Path, url: u, reader: reader}
	made.Page, err = r.Page.withDefaults()
	if err == nil {
		err = r.Since.check()
	}
	return made, err
}

func (p Page) withDefaults() (Page, error) {
	p.Style = cmp.Or(p.Style, PageNone)
	p.Size = cmp.Or(p.Size, 100)
	if p.First == nil {
		one := 1
		p.First = &one
	}
	names := map[string]string{PageNumber: "page", PageOffset: "offset", PageCursor: "cursor", PageLink: "", PageNone: ""}
	name, ok := names[p.Style]
	switch {
	case !ok:
		return p, fmt.Errorf("page.style is %q, expected none, number, offset, cursor or link", p.Style)
	case p.Size < 1 || p.Size > maxItems:
		return p, fmt.Errorf("page.size is %d, expected 1 to %d", p.Size, maxItems)
	case p.Style == PageCursor && p.Next.Empty():
		return p, errors.New("page.next must say where the answer has the next cursor")
	}
	p.Param = cmp.Or(p.Param, name)
	return p, nil
}

func (s Since) check() error {
	switch s.Format {
	case "", "rfc3339", "unix", "unix_ms":
		return nil
	}
	if !strings.Contains(s.Format, "yyyy") {
		return fmt.Errorf(`since.format is %q, expected rfc3339, unix, unix_ms or a form such as "yyyy-MM-dd HH:mm:ss"`, s.Format)
	}
	return nil
}

func (s Since) write(at time.Time, zone *time.Location) string {
	switch s.Format {
	case "", "rfc3339":
		return at.UTC().Format(time.RFC3339)
	case "unix":
		return strconv.FormatInt(at.Unix(), 10)
	case "unix_ms":
		return strconv.FormatInt(at.UnixMilli(), 10)
	}
	return at.In(zone).Format(mapping.Layout(s.Format))
}
