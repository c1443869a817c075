// Package approval takes what people file in DingTalk approvals (审批): when a form is approved, its fields become values of a customer.
//
//	event bpms_instance_change (finish, agree) ──Follow──▶ GET processInstances ──▶ form components ──Mapping──▶ Record
//
// The platform offers no list of approvals for this permission, so there is nothing to pull: an approval that ended while no gateway took events is delivered again by the platform
// until one does. The event is a hint; what counts is the instance as the platform then has it.
//
// Platform facts: documents event-bpms-instance-change and obtains-the-details-of-a-single-approval-instance-pop.
package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/budget"
	"lingke/connectors/mapping"
	"lingke/connectors/token"
)

// eventInstance is the event about an approval.
const eventInstance = "bpms_instance_change"

// defaultCalls is Config.CallsPerMinute where it says nothing.
const defaultCalls = 900

// defaultBaseURL is the real platform.
const defaultBaseURL = "https://api.dingtalk.com"

// Config is what an operator sets for one approval form.
type Config struct {
	ClientID     string `yaml:"client_id"`
	ClientSecret string `yaml:"client_secret"`
	BaseURL      string `yaml:"base_url"` // empty: the real platform
	// CallsPerMinute bounds the calls of each interface; 0 is 900, under the 20 a second that the platform grants one app and interface.
	CallsPerMinute int `yaml:"calls_per_minute"`
	// ProcessCode is the form's, PROC-…, from the address of its page in the approval console.
	ProcessCode string `yaml:"process_code"`
	// Mapping says which field of the form fills which of ours: "name": "客户名称". A field of the form is named by its alias (bizAlias), its id (TextField-…) or its label; the
	// label is what administrators may change. The target "id" is what says which customer it is about, such as a customer number; without a rule for it that is the
	// credit_code, and where that is empty too each approval is about a customer of its own.
	Mapping mapping.Mapping `yaml:"mapping"`
	// Location is where a date without a time zone is meant; nil is China.
	Location *time.Location `yaml:"-"`
}

// String names the connection without its secret.
func (c Config) String() string {
	return fmt.Sprintf("approval(%s app %s)", c.ProcessCode, c.ClientID)
}

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Option changes what most callers leave alone.
type Option func(*Conn)

// WithHTTPClient sends through another client.
func WithHTTPClient(h *http.Client) Option { return func(c *Conn) { c.api.http = h } }

// WithClock replaces time.Now for the token's age.
func WithClock(now func() time.Time) Option { return func(c *Conn) { c.api.now = now } }

// Conn is one approval form. It may be used by several goroutines.
type Conn struct {
	id     string
	cfg    Config
	fields *mapping.Fields
	api    *api
	keep   bool // see KeepRaw
}

var (
	_ connectors.Follower = (*Conn)(nil)
	_ connectors.Checker  = (*Conn)(nil)
	_ connectors.Rereader = (*Conn)(nil)
)

// Open checks the settings and returns the connection; it sends nothing yet. id is the connector's name in errors. The error wraps connectors.ErrConfig and names every wrong key.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	if c.BaseURL == "" {
		c.BaseURL = defaultBaseURL
	}
	if c.CallsPerMinute == 0 {
		c.CallsPerMinute = defaultCalls
	}
	if c.Location == nil {
		c.Location = time.FixedZone("CST", 8*60*60)
	}
	problems := c.problems()
	fields, err := c.Mapping.Compile(connectors.Customer, c.Location)
	if err != nil {
		problems = append(problems, err.Error())
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("approval %q: %s: %w", id, strings.Join(problems, "; "), connectors.ErrConfig)
	}
	conn := &Conn{id: id, cfg: c, fields: fields, api: newAPI(c)}
	for _, o := range opts {
		o(conn)
	}
	conn.api.budget = budget.New(c.CallsPerMinute, conn.api.now, nil)
	conn.api.tokens = token.New(conn.api.now, conn.api.fetchToken)
	return conn, nil
}

func (c Config) problems() []string {
	var out []string
	for _, k := range []struct{ key, value string }{
		{"client_id", c.ClientID}, {"client_secret", c.ClientSecret}, {"process_code", c.ProcessCode},
	} {
		if strings.TrimSpace(k.value) == "" {
			out = append(out, k.key+" is missing")
		}
	}
	if c.CallsPerMinute < 1 {
		out = append(out, "calls_per_minute is not above 0")
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		out = append(out, "base_url is not the address of a service")
	}
	if _, ok := c.Mapping[connectors.FieldName]; !ok {
		out = append(out, "mapping: say which field of the form holds the customer's name")
	}
	return out
}

// Follows reports whether an event says that one of the form's approvals was granted.
func (c *Conn) Follows(e connectors.Event) bool {
	return e.Platform == "dingtalk" && e.Type == eventInstance && e.Fields["processCode"] == c.cfg.ProcessCode &&
		e.Fields["type"] == "finish" && e.Fields["result"] == "agree"
}

// Follow reads the approval that an event tells of. There is no record where it is not granted after all.
func (c *Conn) Follow(ctx context.Context, e connectors.Event) ([]connectors.Record, error) {
	id := e.Fields["processInstanceId"]
	if id == "" {
		return nil, fmt.Errorf("%w: approval %q: the event names no processInstanceId", connectors.ErrBadRecord, c.id)
	}
	i, err := c.api.instance(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("approval %q: instance %s: %w", c.id, id, err)
	}
	if i.Status != "COMPLETED" || i.Result != "agree" {
		return nil, nil
	}
	r, err := c.record(id, i, finished(e, i))
	if err == nil && c.keep {
		r.Raw, err = json.Marshal(rawInstance{id, i})
	}
	if err != nil {
		return nil, fmt.Errorf("approval %q: instance %s: %w", c.id, id, err)
	}
	return []connectors.Record{r}, nil
}

// finished is when the approval ended: the event says so to the millisecond, the instance to the minute. Third-party variants misspell the event's field.
func finished(e connectors.Event, i instance) time.Time {
	for _, name := range []string{"finishTime", "finshTime"} {
		if ms, err := strconv.ParseInt(e.Fields[name], 10, 64); err == nil && ms > 0 {
			return time.UnixMilli(ms).UTC()
		}
	}
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, i.FinishTime); err == nil {
			return t.UTC()
		}
	}
	return e.At.UTC().Truncate(time.Millisecond)
}

// Check tries the credentials and the permission: it asks for an approval that does not exist.
func (c *Conn) Check(ctx context.Context) error {
	_, err := c.api.instance(ctx, "lingke-check")
	if err == nil || errors.Is(err, errNoInstance) {
		return nil
	}
	return fmt.Errorf("approval %q: %w", c.id, err)
}
