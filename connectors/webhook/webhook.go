// Package webhook takes customer records that any system pushes: a web form, an automation tool, a small script.
//
// A push is one POST, signed as Standard Webhooks 1.0.0 says (signature.go). Verify checks it and gives its id; Decode
// reads the body strictly (json.go) and turns each object into a Record (record.go):
//
//	{"type": "customer.upsert", "timestamp": "2026-03-02T08:30:00+08:00",
//	 "data": {"id": "C-17", "name": "华东精密", "phone": "13800000000", "modified_at": "2026-03-02T08:29:58+08:00"}}
//
// The types are customer.upsert, order.upsert and activity.created. data is one object or an array; an item of an array
// may also be {"type": …, "data": {…}} with a type of its own. Orders and activities name their customer in customer_id.
// Every other member is a field, under its own name or the one that Mapping gives it.
package webhook

import (
	"fmt"
	"log/slog"
	"time"

	"lingke/connectors"
)

// Config is one webhook's block of the configuration.
type Config struct {
	// Secret signs the pushes: "whsec_" and base64, or at least 16 bytes of plain text, used as they are.
	Secret string
	// Mapping renames members: our field name → the sender's. It works for id, customer_id and modified_at too.
	Mapping map[string]string
	// Location is where a date without a time zone is meant; nil is China.
	Location *time.Location
}

// String does not print the secret.
func (c Config) String() string { return fmt.Sprintf("webhook with %d mapped fields", len(c.Mapping)) }

// GoString is String, so that %#v prints no secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String, so that a log prints no secret either.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Open checks c and returns the receiver of the webhook called id. It may be used by several goroutines. The error wraps
// connectors.ErrConfig.
func (c Config) Open(id string) (connectors.Receiver, error) {
	key, err := parseSecret(c.Secret)
	if err != nil {
		return nil, fmt.Errorf("webhook %q: %w: %w", id, connectors.ErrConfig, err)
	}
	r := &receiver{id: id, key: key, ours: map[string]string{}, location: c.Location}
	for ours, theirs := range c.Mapping {
		if twin, taken := r.ours[theirs]; taken {
			return nil, fmt.Errorf("webhook %q: %w: mapping: %q stands for %q and %q", id, connectors.ErrConfig, theirs, min(ours, twin), max(ours, twin))
		}
		if !validName(ours) || theirs == "" {
			return nil, fmt.Errorf("webhook %q: %w: mapping: %q: %q is not a pair of field names", id, connectors.ErrConfig, ours, theirs)
		}
		r.ours[theirs] = ours
	}
	if r.location == nil {
		r.location = time.FixedZone("CST", 8*60*60) // without daylight saving since 1991
	}
	return r, nil
}

// receiver is an opened webhook.
type receiver struct {
	id       string
	key      []byte
	ours     map[string]string // the sender's name → ours
	location *time.Location
}

var _ connectors.Receiver = (*receiver)(nil)

// fieldName is the name under which the sender's member is kept.
func (r *receiver) fieldName(theirs string) string {
	if ours, ok := r.ours[theirs]; ok {
		return ours
	}
	return theirs
}
