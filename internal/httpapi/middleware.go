package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// apiTimeout bounds the work on one API request.
const apiTimeout = 10 * time.Second

// headerRequestID names a request to the caller and in the log. A caller, or a proxy before us, may choose it.
const headerRequestID = "X-Request-Id"

// request is what is known of the request under way.
type request struct {
	id      string
	err     error  // why it failed, for the log
	token   string // which API token opened it
	path    string
	command string // method, path and query
}

// failure is what the log says of err. It may quote what was sent, so phone numbers are masked here too.
func (r *request) failure() string {
	if r.err == nil {
		return ""
	}
	return maskText(r.err.Error())
}

type requestKey struct{}

// requestOf returns the request of a context; of another context an empty one.
func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return new(request)
}

// observe gives the request its id, and measures and logs it when it is over: one line, an error where we failed. Neither addresses nor
// headers nor bodies are logged, only the route.
func (s *server) observe(c *gin.Context) {
	started := s.Now()
	req := &request{id: requestID(c.GetHeader(headerRequestID)), path: bounded(c.Request.URL.Path), command: bounded(c.Request.Method + " " + c.Request.URL.RequestURI())}
	c.Header(headerRequestID, req.id)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey{}, req))
	c.Next()
	took, status := s.Now().Sub(started), c.Writer.Status()
	s.Metrics.observeRequest(c.FullPath(), c.Request.Method, status, took)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.LogAttrs(c.Request.Context(), level, "http request",
		slog.String("request", req.id), slog.String("method", boundedMethod(c.Request.Method)), slog.String("route", c.FullPath()),
		slog.Int("status", status), slog.Duration("took", took), slog.String("err", req.failure()))
}

// requestID keeps a given id that is safe to print, else makes one.
func requestID(given string) string {
	safe := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("._-", r)
	}
	if given != "" && len(given) <= 64 && strings.IndexFunc(given, func(r rune) bool { return !safe(r) }) < 0 {
		return given
	}
	return strings.ToLower(rand.Text())
}

// recover turns a panic into a 500. What was panicked with is logged only by its type and place, since a value may hold anything.
func (s *server) recover(c *gin.Context) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(http.ErrAbortHandler) // the server's own way to cut a connection
		}
		s.Log.LogAttrs(c.Request.Context(), slog.LevelError, "panic", slog.String("request", requestOf(c.Request.Context()).id),
			slog.String("route", c.FullPath()), slog.String("stack", string(debug.Stack())))
		s.refuse(c, fmt.Errorf("%w: %T", errPanic, r))
	}()
	c.Next()
}

// secure sets the headers of every answer. Nothing here is a page; pages set a policy of their own.
func secure(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	c.Next()
}

// deadline bounds the work on a request.
func deadline(limit time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), limit)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}

// refuse answers an error outside of Huma. It writes nothing into an answer that has begun.
func (s *server) refuse(c *gin.Context, err error) {
	c.Abort()
	p := s.failed(c.Request.Context(), err)
	if c.Writer.Written() {
		return
	}
	for name, values := range p.headers {
		c.Writer.Header()[name] = values
	}
	writeJSON(c, p.Status, problemType, p)
}

// failed notes an error for the request's log line and returns its answer.
func (s *server) failed(ctx context.Context, err error) *Problem {
	req := requestOf(ctx)
	req.err = err
	return s.problemOf(err, req.id)
}

// writeJSON answers with v as it is, without HTML escapes.
func writeJSON(c *gin.Context, status int, contentType string, v any) {
	c.Header("Content-Type", contentType)
	c.Status(status)
	enc := json.NewEncoder(c.Writer)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the caller went away: nobody is left to tell
}

// bounded keeps what the read log says of a request short, without telephone numbers and printable.
func bounded(text string) string {
	const most = 500
	if unescaped, err := url.QueryUnescape(text); err == nil && utf8.ValidString(unescaped) {
		text = unescaped
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, maskText(text))
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return text
}
