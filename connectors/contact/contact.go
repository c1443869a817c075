// Package contact takes the customers that members of staff have as contacts in WeCom (企业微信客户联系), and puts their tier there as a tag.
//
//	get_follow_user_list → batch/get_by_user pages ──Pull──▶ customers
//	event change_external_contact ──Follow──▶ externalcontact/get ──▶ a customer, and what happened as an activity
//	WriteBack(tier) ──▶ get_corp_tag_list, add_corp_tag, mark_tag for every member who has the contact
//
// A contact is one record, whoever has it: its id is the external_userid. The platform keeps no time of change: what a pull reads counts as of the day's beginning (UTC), so that
// repeated pulls of a day change nothing, and what is read because of an event counts as of then. That the customer has deleted a member (del_follow_user) is an activity "unfollow": a sign that it is leaving. That a member
// has deleted the customer is none.
//
// Platform facts: documents 92113, 92114, 93010, 92117, 92118 and the event pages. The app must stand in 客户联系 → API → 可调用接口的应用, or every call answers 48002.
package contact

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/budget"
	"lingke/connectors/token"
)

// defaultCalls is Config.CallsPerMinute where it says nothing.
const defaultCalls = 6000

// defaultBaseURL is the real platform.
const defaultBaseURL = "https://qyapi.weixin.qq.com"

// The activities that events become.
const (
	ActivityAdded    = "wecom_added" // somebody of the staff and the customer became contacts
	ActivityUnfollow = "unfollow"    // the customer deleted somebody of the staff
)

// Config is what an operator sets for one enterprise.
type Config struct {
	CorpID  string `yaml:"corp_id"`
	Secret  string `yaml:"secret"`   // of a self-built app that may call customer contact
	BaseURL string `yaml:"base_url"` // empty: the real platform
	// CallsPerMinute bounds the calls of each interface; 0 is 6000, under the 10,000 that the platform grants an enterprise and interface.
	CallsPerMinute int `yaml:"calls_per_minute"`
	// TagGroup is the group of enterprise tags in which WriteBack marks a tier, such as 客户层级; empty: nothing is written to WeCom.
	TagGroup string `yaml:"tag_group"`
	// PlayTagGroup is the same for the marks that plays give, such as 客户打法; a group of its own.
	PlayTagGroup string `yaml:"play_tag_group"`
}

// String names the connection without its secret.
func (c Config) String() string { return fmt.Sprintf("contact(corp %s)", c.CorpID) }

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

// Conn is one enterprise. It may be used by several goroutines; Pull by one at a time.
type Conn struct {
	id  string
	cfg Config
	api *api
}

var (
	_ connectors.Connector = (*Conn)(nil)
	_ connectors.Follower  = (*Conn)(nil)
	_ connectors.Writer    = (*Conn)(nil)
	_ connectors.Checker   = (*Conn)(nil)
)

// Open checks the settings and returns the connection; it sends nothing yet. id is the connector's name in errors. The error wraps connectors.ErrConfig and names every wrong key.
func (c Config) Open(id string, opts ...Option) (*Conn, error) {
	if c.BaseURL == "" {
		c.BaseURL = defaultBaseURL
	}
	if c.CallsPerMinute == 0 {
		c.CallsPerMinute = defaultCalls
	}
	var problems []string
	if c.CorpID == "" {
		problems = append(problems, "corp_id is missing")
	}
	if c.Secret == "" {
		problems = append(problems, "secret is missing")
	}
	if c.CallsPerMinute < 1 {
		problems = append(problems, "calls_per_minute is not above 0")
	}
	if c.TagGroup != "" && c.TagGroup == c.PlayTagGroup {
		problems = append(problems, "tag_group and play_tag_group are the same: each takes off what the other put on")
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		problems = append(problems, "base_url is not the address of a service")
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("contact %q: %s: %w", id, strings.Join(problems, "; "), connectors.ErrConfig)
	}
	conn := &Conn{id: id, cfg: c, api: newAPI(c)}
	for _, o := range opts {
		o(conn)
	}
	conn.api.budget = budget.New(c.CallsPerMinute, conn.api.now, nil)
	conn.api.tokens = token.New(conn.api.now, conn.api.fetchToken)
	return conn, nil
}

// batch is how many members one page asks for: the most that the platform allows.
const batch = 100

// Pull emits every contact of every member who has any. The platform tells no changes, so every pull is a whole one and the cursor stays empty; a contact that several members
// have comes once for each, which ends in the same record.
func (c *Conn) Pull(ctx context.Context, _ connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	day := c.api.now().UTC().Truncate(24 * time.Hour)
	users, err := c.api.followUsers(ctx)
	if err != nil {
		return "", fmt.Errorf("contact %q: members with contacts: %w", c.id, err)
	}
	for len(users) > 0 {
		n := min(batch, len(users))
		if err := c.pullOf(ctx, users[:n], day, emit); err != nil {
			return "", err
		}
		users = users[n:]
	}
	return "", nil
}

func (c *Conn) pullOf(ctx context.Context, users []string, day time.Time, emit func(connectors.Record) error) error {
	for cursor := ""; ; {
		page, err := c.api.contactsOf(ctx, users, cursor)
		if err != nil {
			return fmt.Errorf("contact %q: contacts: %w", c.id, err)
		}
		for _, item := range page.List {
			if item.Contact.ID == "" {
				continue
			}
			if err := emit(record(item.Contact, []relation{item.Info}, day)); err != nil {
				return err
			}
		}
		if page.Next == "" || page.Next == cursor {
			return nil
		}
		cursor = page.Next
	}
}

// follows are the changes of a contact that say something of the customer.
var follows = map[string]bool{"add_external_contact": true, "add_half_external_contact": true, "edit_external_contact": true, "del_follow_user": true}

// Follows reports whether an event tells something of a customer.
func (c *Conn) Follows(e connectors.Event) bool {
	return e.Platform == "wecom" && e.Type == "change_external_contact" && follows[e.Fields["ChangeType"]]
}

// Follow reads the contact that an event tells of, and makes an activity of a beginning or an end.
func (c *Conn) Follow(ctx context.Context, e connectors.Event) ([]connectors.Record, error) {
	id := e.Fields["ExternalUserID"]
	if id == "" {
		return nil, fmt.Errorf("%w: contact %q: the event names no ExternalUserID", connectors.ErrBadRecord, c.id)
	}
	var out []connectors.Record
	asked := c.api.now() // what is read is at least as new; two events of one second have no order of their own
	who, relations, err := c.api.contact(ctx, id)
	switch {
	case err == nil:
		out = append(out, record(who, relations, asked))
	case !errors.Is(err, errNoContact): // the last relation may have ended meanwhile
		return nil, fmt.Errorf("contact %q: %s: %w", c.id, id, err)
	}
	if a, ok := activity(e, id); ok {
		out = append(out, a)
	}
	return out, nil
}

// activity is what an event says that the customer did. Its id is the event's, so that it counts once.
func activity(e connectors.Event, id string) (connectors.Record, bool) {
	kind, text := "", ""
	switch e.Fields["ChangeType"] {
	case "add_external_contact", "add_half_external_contact":
		kind, text = ActivityAdded, "成为 "+e.Fields["UserID"]+" 的企业微信联系人"
	case "del_follow_user":
		kind, text = ActivityUnfollow, "客户删除了企业微信联系人 "+e.Fields["UserID"]
	default:
		return connectors.Record{}, false
	}
	at := e.At.UTC()
	return connectors.Record{Kind: connectors.Activity, ID: e.ID, Customer: id, ModifiedAt: at, Fields: map[string]string{
		connectors.FieldType: kind, connectors.FieldText: text, connectors.FieldDate: at.Format(time.RFC3339),
	}}, true
}

// Check tries the credentials and the right to customer contact.
func (c *Conn) Check(ctx context.Context) error {
	if _, err := c.api.followUsers(ctx); err != nil {
		return fmt.Errorf("contact %q: %w", c.id, err)
	}
	return nil
}
