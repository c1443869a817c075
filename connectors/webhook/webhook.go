// Package webhook takes customer records that any system pushes: a web form, an automation tool, a small script.
//
// A push is one POST. Verify checks that it is genuine, in one of three ways (Config.Auth): a signature as in Standard Webhooks 1.0.0 (signature.go), a plain HMAC in a header
// (hmac.go), or a fixed token (token.go). Decode reads the body strictly (package jsondoc) and turns it into records. Without Config.Records a body looks like this (decode.go, record.go):
//
//	{"type": "customer.upsert", "timestamp": "2026-03-02T08:30:00+08:00",
//	 "data": {"id": "C-17", "name": "华东精密", "phone": "13800000000", "modified_at": "2026-03-02T08:29:58+08:00"}}
//
// The types are customer.upsert, order.upsert and activity.created. data is one object or an array; an item of an array
// may also be {"type": …, "data": {…}} with a type of its own. Orders and activities name their customer in customer_id.
// Every other member is a field, under its own name or the one that the mapping gives it.
//
// With Config.Records a body may have any form (free.go): each entry says where records of one kind stand in it and how they are read.
package webhook

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// The ways to know that a push is genuine (Config.Auth).
const (
	AuthStandard = "standard" // Standard Webhooks 1.0.0 (the default)
	AuthHMAC     = "hmac"     // an HMAC of the body in a header
	AuthToken    = "token"    // a fixed text in a header
)

// Config is one webhook's block of the configuration.
type Config struct {
	// Secret signs the pushes: "whsec_" and base64 (AuthStandard only), or at least 16 bytes of plain text, used as they are. For AuthToken it is the token.
	Secret string
	Auth   string
	// Signature says how AuthHMAC is written.
	Signature Signature
	// TokenHeader is where AuthToken expects the token; empty is "Authorization", with "Bearer " before it.
	TokenHeader string
	// IDHeader names the header with the push's id, the same for every redelivery, for AuthHMAC and AuthToken. Where it is empty, the same body again
	// within the same minute counts as a redelivery.
	IDHeader string `yaml:"id_header"`
	// Mapping says which members of the sender's become which fields. It works for id, customer_id and modified_at too.
	Mapping mapping.Mapping
	// Records says where the records are in a body of the sender's own form.
	Records []mapping.Shape
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
	r := &receiver{id: id, location: c.Location, members: make(map[connectors.Kind]*members)}
	if r.location == nil {
		r.location = time.FixedZone("CST", 8*60*60) // without daylight saving since 1991
	}
	var err error
	if r.verifier, err = c.verifier(); err == nil {
		err = r.read(c)
	}
	if err != nil {
		return nil, fmt.Errorf("webhook %q: %w: %w", id, connectors.ErrConfig, err)
	}
	return r, nil
}

// verifier proves that a push is genuine. Its errors wrap connectors.ErrUnauthorized or connectors.ErrStale.
type verifier interface {
	verify(push) (id string, err error)
}

func (c Config) verifier() (verifier, error) {
	if c.Auth != AuthHMAC && c.Signature != (Signature{}) {
		return nil, fmt.Errorf("signature is for auth: %s only", AuthHMAC)
	}
	if c.Auth != AuthToken && c.TokenHeader != "" {
		return nil, fmt.Errorf("token_header is for auth: %s only", AuthToken)
	}
	switch c.Auth {
	case "", AuthStandard:
		if c.IDHeader != "" {
			return nil, errors.New("id_header is for auth: hmac and token only")
		}
		key, err := parseSecret(c.Secret)
		return standard{key}, err
	case AuthHMAC:
		return newPlain(c)
	case AuthToken:
		return newToken(c)
	}
	return nil, fmt.Errorf("auth is %q, expected %s, %s or %s", c.Auth, AuthStandard, AuthHMAC, AuthToken)
}

// read prepares what Decode needs.
func (r *receiver) read(c Config) error {
	if len(c.Records) == 0 {
		for _, kind := range kinds {
			m, err := newMembers(c.Mapping, kind, r.location)
			if err != nil {
				return err
			}
			r.members[kind] = m
		}
		return nil
	}
	for i, shape := range c.Records {
		reader, err := shape.Compile(c.Mapping, r.location)
		if err != nil {
			return fmt.Errorf("records[%d]: %w", i, err)
		}
		r.readers = append(r.readers, reader)
	}
	return nil
}

// receiver is an opened webhook.
type receiver struct {
	id       string
	verifier verifier
	members  map[connectors.Kind]*members
	readers  []*mapping.Reader
	location *time.Location
	keep     bool // see KeepRaw
}

var (
	_ connectors.Receiver = (*receiver)(nil)
	_ connectors.Rereader = (*receiver)(nil)
)
