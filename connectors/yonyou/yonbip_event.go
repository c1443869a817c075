package yonyou

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
)

// A failed push is repeated for up to 24 hours, and nobody says whether with a new timestamp. So an old one is taken: who
// repeats a push that we have seen changes nothing, since its id is known.
const (
	oldestPush  = 25 * time.Hour
	newestPush  = 15 * time.Minute
	mostInEvent = 100 // things that one event may name
)

// pushed is the body of a push, of both generations.
type pushed struct {
	Signature    string `json:"signature"`
	MsgSignature string `json:"msgSignature"`
	Timestamp    any    `json:"timestamp"`
	Nonce        string `json:"nonce"`
	Encrypt      string `json:"encrypt"`
}

// event is what a push says once it is opened.
type event struct {
	Type      string `json:"type"`
	EventID   string `json:"eventId"`
	Timestamp any    `json:"timestamp"`
	TenantID  string `json:"tenantId"`
	Content   any    `json:"content"` // JSON text, or an object
}

// Verify checks the signature, the time and for whom a push is. The error wraps connectors.ErrUnauthorized,
// connectors.ErrStale or connectors.ErrBadRecord.
func (c *Conn) Verify(_ http.Header, body []byte, now time.Time) (string, error) {
	p, err := c.signedPush(body)
	if err != nil {
		return "", fmt.Errorf("yonyou %q: %w", c.id, err)
	}
	ms, err := strconv.ParseInt(text(p.Timestamp), 10, 64)
	at := time.UnixMilli(ms)
	if err != nil || now.Sub(at) > oldestPush || at.Sub(now) > newestPush {
		return "", fmt.Errorf("yonyou %q: %w: sent at %q", c.id, connectors.ErrStale, text(p.Timestamp))
	}
	e, plainText, err := c.opened(p)
	if err != nil {
		return "", fmt.Errorf("yonyou %q: %w", c.id, err)
	}
	if id := strings.TrimSpace(e.EventID); id != "" && len(id) <= 100 {
		return id, nil
	}
	sum := sha256.Sum256(plainText)
	return hex.EncodeToString(sum[:]), nil
}

// signedPush reads a push and checks the signature of either generation.
func (c *Conn) signedPush(body []byte) (pushed, error) {
	var p pushed
	if err := decodeJSON(body, &p); err != nil || p.Encrypt == "" {
		return p, fmt.Errorf("%w: it is no encrypted event", connectors.ErrBadRecord)
	}
	at := text(p.Timestamp)
	good := false
	switch {
	case p.Signature != "":
		good = hmac.Equal([]byte(p.Signature), []byte(eventSignature(c.cfg.AppSecret, at, p.Nonce, p.Encrypt)))
	case p.MsgSignature != "":
		good = hmac.Equal([]byte(strings.ToLower(p.MsgSignature)), []byte(oldEventSignature(c.cfg.AppSecret, at, p.Nonce, p.Encrypt)))
	}
	if !good {
		return p, fmt.Errorf("%w: the event's signature does not match", connectors.ErrUnauthorized)
	}
	return p, nil
}

// opened decrypts a push.
func (c *Conn) opened(p pushed) (e event, plainText []byte, err error) {
	plainText, err = unseal(p.Encrypt, c.cfg.AppSecret, c.cfg.AppKey)
	if err != nil {
		return e, nil, fmt.Errorf("%w: %w", connectors.ErrUnauthorized, err)
	}
	if err := decodeJSON(plainText, &e); err != nil || e.Type == "" {
		return e, nil, fmt.Errorf("%w: the event has no type", connectors.ErrBadRecord)
	}
	if c.cfg.TenantID != "" && e.TenantID != "" && e.TenantID != c.cfg.TenantID {
		return e, nil, fmt.Errorf("%w: the event is of another tenant", connectors.ErrUnauthorized)
	}
	return e, plainText, nil
}

func (c *Conn) event(body []byte) (event, error) {
	p, err := c.signedPush(body)
	if err != nil {
		return event{}, fmt.Errorf("yonyou %q: %w", c.id, err)
	}
	e, _, err := c.opened(p)
	if err != nil {
		return e, fmt.Errorf("yonyou %q: %w", c.id, err)
	}
	return e, nil
}

// Decode returns what an event tells by itself: that a customer was deleted. Of everything else it tells only the id, and
// Fetch reads the rest.
func (c *Conn) Decode(body []byte) ([]connectors.Record, error) {
	e, err := c.event(body)
	if err != nil {
		return nil, err
	}
	if e.subject() != connectors.Customer || !strings.HasSuffix(e.Type, "_DELETE") {
		return nil, nil
	}
	at, ok := instant(e.Timestamp)
	if !ok {
		return nil, fmt.Errorf("yonyou %q: %w: the event's timestamp %q is no time", c.id, connectors.ErrBadRecord, text(e.Timestamp))
	}
	var out []connectors.Record
	for _, id := range e.ids() {
		out = append(out, connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: at, Deleted: true, Fields: map[string]string{}})
	}
	return out, nil
}

// Fetch reads the customers and orders that an event names, as they are now. The error wraps connectors.ErrBadRecord
// where the event itself is no use.
func (c *Conn) Fetch(ctx context.Context, body []byte) ([]connectors.Record, error) {
	e, err := c.event(body)
	if err != nil {
		if errors.Is(err, connectors.ErrUnauthorized) { // the secret was changed since it came
			err = fmt.Errorf("%w: %w", connectors.ErrBadRecord, err)
		}
		return nil, err
	}
	if strings.Contains(e.Type, "DELETE") {
		return nil, nil
	}
	var out []connectors.Record
	take := func(r connectors.Record) error {
		out = append(out, r)
		return nil
	}
	for _, id := range e.ids() {
		if err := c.fetchOne(ctx, e.subject(), id, take); err != nil {
			return out, fmt.Errorf("yonyou %q: event %s: %w", c.id, e.Type, err)
		}
	}
	return out, nil
}

// fetchOne hands one customer or order to take; nothing where it is gone.
func (c *Conn) fetchOne(ctx context.Context, kind connectors.Kind, id string, take func(connectors.Record) error) error {
	if kind == connectors.Order {
		lines, err := c.orderLines(ctx, id)
		if err != nil || len(lines) == 0 {
			return err
		}
		return c.emitRows(take, lines, c.orderRecord)
	}
	row, err := c.customerRow(ctx, id)
	if err != nil || row == nil {
		return err
	}
	return c.emitRow(take, row, c.customerRecord)
}

// customerRow is a customer's row; nil where it is gone.
func (c *Conn) customerRow(ctx context.Context, id string) (object, error) {
	rows, err := c.customerRows(ctx, map[string]any{"id": json.Number(id)}, 1, 10)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.id("id") == id {
			return r, nil
		}
	}
	if len(rows) > 0 {
		return nil, fmt.Errorf("asked for customer %s, got %s: %w", id, rows[0].id("id"), errNoAnswer)
	}
	return nil, nil
}

// Answer is what YonBIP takes for "received". The page about it asks for an encrypted text, Yonyou's own receivers send
// this one.
func (c *Conn) Answer([]byte) (contentType string, answer []byte) {
	return "text/plain; charset=utf-8", []byte("success")
}

// subject is what an event is about; "" for what we do not read.
func (e event) subject() connectors.Kind {
	switch {
	case strings.HasPrefix(e.Type, "YXYBASEDOC_AA_MERCHANT"):
		return connectors.Customer
	case strings.HasPrefix(e.Type, "SALE_") && strings.Contains(e.Type, "ORDER"):
		return connectors.Order
	}
	return ""
}

// ids are the numbers of the things that an event names. The samples show them in several places; each is looked at.
func (e event) ids() []string {
	if e.subject() == "" {
		return nil
	}
	content := e.Content
	if s, ok := content.(string); ok {
		if decodeJSON([]byte(s), &content) != nil {
			return nil
		}
	}
	found := idsIn(content, 0)
	return found[:min(len(found), mostInEvent)]
}

func idsIn(v any, depth int) []string {
	const deepest = 4
	var out []string
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if depth < deepest && len(out) < mostInEvent {
				out = append(out, idsIn(item, depth+1)...)
			}
		}
	case map[string]any:
		o := object(v)
		if id := o.id("id", "billId"); isNumber(id) {
			return []string{id}
		}
		for _, key := range []string{"BILL_INFO", "archive", "model", "userObject", "archives", "data"} {
			if inner := o[key]; inner != nil && depth < deepest {
				out = append(out, idsIn(inner, depth+1)...)
			}
		}
	}
	return out
}

// isNumber: ids of YonBIP are numbers of up to 19 digits. Anything else does not get into a query.
func isNumber(id string) bool {
	return id != "" && len(id) <= 19 && strings.Trim(id, "0123456789") == "" && id[0] != '0'
}
