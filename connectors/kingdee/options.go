package kingdee

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"lingke/connectors/egress"
)

// Option changes what most callers leave alone.
type Option func(*Conn)

// WithHTTPClient sends through another client. Redirects are not followed whatever it says.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Conn) { c.http = egress.OneHost(h) }
}

// WithLogger says where warnings go; without it nowhere.
func WithLogger(l *slog.Logger) Option { return func(c *Conn) { c.log = l } }

// WithClock replaces time.Now for timestamps, session age and watermarks.
func WithClock(now func() time.Time) Option { return func(c *Conn) { c.now = now } }

// WithSleep replaces the wait between attempts; it returns early with the context's error.
func WithSleep(s func(ctx context.Context, d time.Duration) error) Option {
	return func(c *Conn) { c.sleep = s }
}

// WithBodyLimit bounds one answer, in bytes after decompression (64 MiB without it).
func WithBodyLimit(n int64) Option { return func(c *Conn) { c.limit = n } }
