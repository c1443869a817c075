// Package yonyou reads customers, sales orders and receivables from the three products of Yonyou 用友: YonBIP (with
// YonSuite), U8 and 畅捷通. They share a maker and nothing else, so each has its own Config and connection here:
//
//	Config        → Conn     YonBIP: pull, pushed events, write-back of the customer level   yonbip_*.go
//	U8Config      → U8       U8 through the cloud relay: pull of customers and orders        u8_*.go
//	ChanjetConfig → Chanjet  畅捷通 T+: pull of partners, pushed tickets                      chanjet_*.go
//
// What they share is how one talks to a cloud: link (one exchange, waits, errors without secrets), tokens (one fetch
// serves all callers), budget (calls a minute), object (JSON of which the public pages tell half) and pages (a list
// by page number that does not lose what shifts between two pages).
//
// An answer that is not certainly rows is an error, never "no rows": a web page, half a JSON text and a code other than
// success all end the pull, and the cursor stays where it was. Where the public documentation leaves a fact open, both
// readings are taken; README.md names each.
package yonyou

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"lingke/connectors/egress"
)

// Option changes what most callers leave alone.
type Option func(*link)

// WithHTTPClient sends through another client. Redirects are not followed whatever it says.
func WithHTTPClient(h *http.Client) Option {
	return func(l *link) { l.http = egress.OneHost(h) }
}

// WithLogger says where warnings go; without it nowhere.
func WithLogger(log *slog.Logger) Option { return func(l *link) { l.log = log } }

// WithClock replaces time.Now for timestamps, the age of tokens and the cursor.
func WithClock(now func() time.Time) Option { return func(l *link) { l.now = now } }

// WithSleep replaces the wait between attempts; it returns early with the context's error.
func WithSleep(s func(ctx context.Context, d time.Duration) error) Option {
	return func(l *link) { l.sleep = s }
}

// WithBodyLimit bounds one answer, in bytes after decompression (32 MiB without it).
func WithBodyLimit(n int64) Option { return func(l *link) { l.limit = n } }
