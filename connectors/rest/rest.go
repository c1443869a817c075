// Package rest pulls records from any JSON interface over HTTP: one block of settings says which addresses there are, where in an answer the records stand, how the next
// page is asked for, and how to ask for what changed only.
//
//	Cursor ──▶ a mark per resource ──▶ page after page: fetch (fetch.go: budget, retries, limits) ──▶ mapping.Reader ──▶ emit ──▶ a new mark
//
// A resource without `since` is read whole each time, which changes nothing where nothing changed. A mark moves when its resource was read to the end, to the newest
// modification time seen; the next pull goes back by Config.Overlap, because a record may become visible some time after the moment it carries.
package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
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
	"lingke/connectors/jsondoc"
)

// The compiler keeps these promises.
var (
	_ connectors.Connector = (*Conn)(nil)
	_ connectors.Checker   = (*Conn)(nil)
	_ connectors.Rereader  = (*Conn)(nil)
)

// Conn is a connection to one interface. Check may be called at any time; one Pull runs at a time.
type Conn struct {
	id        string
	cfg       Config
	resources []*resource
	http      *http.Client
	log       *slog.Logger
	now       func() time.Time
	sleep     func(ctx context.Context, d time.Duration) error
	free      time.Time // when the budget allows the next request
}

// Pull emits what changed since the cursor, orders and activities before customers: a customer that follows its orders is judged by all of them at once.
func (c *Conn) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	marks, err := readMarks(since)
	if err != nil {
		return since, fmt.Errorf("rest %q: %w", c.id, err)
	}
	for _, r := range c.resources {
		newest, err := c.walk(ctx, r, marks[r.name], emit)
		if err != nil {
			return marks.cursor(), fmt.Errorf("rest %q: %s: %w", c.id, r.name, err)
		}
		if newest.After(marks[r.name]) {
			marks[r.name] = newest
		}
	}
	return marks.cursor(), nil
}

// walk reads one resource to its end and returns the newest modification time in it.
func (c *Conn) walk(ctx context.Context, r *resource, mark time.Time, emit func(connectors.Record) error) (newest time.Time, err error) {
	at := r.first(mark, c.cfg)
	for range maxPages {
		got, err := c.fetch(ctx, at.url)
		if err != nil {
			return newest, fmt.Errorf("page %d: %w", at.number, err)
		}
		records, bad, err := r.reader.Read(got.doc, maxItems)
		if err != nil {
			return newest, fmt.Errorf("page %d: %w", at.number, err)
		}
		for _, rec := range append(records, bad...) {
			if rec.Raw != nil {
				rec.Raw = r.mark(rec.Raw)
			}
			if rec.Bad == nil && rec.ModifiedAt.After(newest) && !rec.ModifiedAt.After(c.now().Add(c.cfg.Overlap)) { // a time from the future would hide what comes
				newest = rec.ModifiedAt
			}
			if err := cmp.Or(emit(rec), ctx.Err()); err != nil {
				return newest, err
			}
		}
		next, more, err := r.next(at, got)
		if err != nil || !more {
			return newest, err
		}
		at = next
	}
	return newest, fmt.Errorf("more than %d pages", maxPages)
}

// Check asks for the first page of every resource and names what it lacks.
func (c *Conn) Check(ctx context.Context) error {
	for _, r := range c.resources {
		if err := c.check(ctx, r); err != nil {
			return fmt.Errorf("rest %q: check %s: %w", c.id, r.name, err)
		}
	}
	return nil
}

func (c *Conn) check(ctx context.Context, r *resource) error {
	got, err := c.fetch(ctx, r.first(time.Time{}, c.cfg).url)
	if err != nil {
		return err
	}
	if _, found := r.reader.Found(got.doc); !found {
		return fmt.Errorf("items: %q is not in the answer: %w", r.Items.String(), connectors.ErrConfig)
	}
	records, bad, err := r.reader.Read(got.doc, maxItems)
	if err != nil {
		return err
	}
	if len(records) == 0 && len(bad) > 0 {
		return fmt.Errorf("no record of the first page can be read: %w: %w", connectors.ErrConfig, bad[0].Bad)
	}
	if err := r.reader.Lacking(got.doc); err != nil {
		c.log.LogAttrs(ctx, slog.LevelWarn, "no record of the first page has a field of the mapping", slog.String("resource", r.name), slog.Any("err", err))
	}
	return nil
}

// marks are how far each resource was read, by its name.
type marks map[string]time.Time

var errCursor = errors.New("the cursor is not one of this connector")

func readMarks(since connectors.Cursor) (marks, error) {
	m := make(marks)
	if since == "" {
		return m, nil
	}
	if err := json.Unmarshal([]byte(since), &m); err != nil {
		return nil, errCursor
	}
	return m, nil
}

func (m marks) cursor() connectors.Cursor {
	text, err := json.Marshal(m)
	if err != nil || len(m) == 0 { // times in a map always encode
		return ""
	}
	return connectors.Cursor(text)
}

// page is one request of a walk.
type page struct {
	url    *url.URL
	number int
	offset int
	token  string
	before [sha256.Size]byte // what the page before this one was
}

// first is the request that begins a walk: everything since mark, less the overlap.
func (r *resource) first(mark time.Time, cfg Config) page {
	u := *r.url
	q := u.Query()
	if r.Since.Param != "" && !mark.IsZero() {
		q.Set(r.Since.Param, r.Since.write(mark.Add(-cfg.Overlap), cfg.Location))
	}
	if r.Page.SizeParam != "" {
		q.Set(r.Page.SizeParam, strconv.Itoa(r.Page.Size))
	}
	p := page{number: *r.Page.First}
	switch r.Page.Style {
	case PageNumber:
		q.Set(r.Page.Param, strconv.Itoa(p.number))
	case PageOffset:
		q.Set(r.Page.Param, "0")
	}
	u.RawQuery = q.Encode()
	p.url = &u
	return p
}

// next is the request for what follows an answer; more is false at the end.
func (r *resource) next(at page, got answer) (next page, more bool, err error) {
	items, _ := r.reader.Found(got.doc)
	if items > 0 && got.sum == at.before {
		return next, false, fmt.Errorf("page %d is the same as the one before: %w", at.number, errPaging)
	}
	next = page{number: at.number + 1, offset: at.offset + items, url: at.url, before: got.sum}
	switch r.Page.Style {
	case PageNumber:
		return next.with(r.Page.Param, strconv.Itoa(next.number)), r.full(items), nil
	case PageOffset:
		return next.with(r.Page.Param, strconv.Itoa(next.offset)), r.full(items), nil
	case PageCursor:
		token, err := r.token(got.doc)
		if err != nil || token == "" {
			return next, false, err
		}
		if token == at.token {
			return next, false, fmt.Errorf("page.next: the cursor stands still: %w", errPaging)
		}
		next.token = token
		return next.with(r.Page.Param, token), true, nil
	case PageLink:
		return r.link(next, got)
	}
	return next, false, nil
}

var errPaging = errors.New("the pages do not end")

// full reports whether a page may be followed by another: a short one is the last where the size is agreed.
func (r *resource) full(items int) bool {
	return items > 0 && (r.Page.SizeParam == "" || items >= r.Page.Size)
}

func (p page) with(param, value string) page {
	u := *p.url
	q := u.Query()
	q.Set(param, value)
	u.RawQuery = q.Encode()
	p.url = &u
	return p
}

func (r *resource) token(doc any) (string, error) {
	found := r.Page.Next.Find(doc, doc)
	if len(found) == 0 {
		return "", nil
	}
	token, err := jsondoc.Text(found[0])
	if err != nil {
		return "", fmt.Errorf("page.next: %w: %w", connectors.ErrBadRecord, err)
	}
	return token, nil
}

// link follows a Link header, or the address at page.next. It stays on the host: our headers may hold a secret.
func (r *resource) link(next page, got answer) (page, bool, error) {
	text := nextLink(got.header)
	if !r.Page.Next.Empty() {
		var err error
		if text, err = r.token(got.doc); err != nil {
			return next, false, err
		}
	}
	if text == "" {
		return next, false, nil
	}
	u, err := next.url.Parse(text)
	switch {
	case err != nil:
		return next, false, fmt.Errorf("the link to the next page is no address: %w", connectors.ErrBadRecord)
	case u.Scheme != r.url.Scheme || u.Host != r.url.Host || u.User != nil:
		return next, false, fmt.Errorf("the link to the next page leads to another host: %w", connectors.ErrBadRecord)
	case u.String() == next.url.String():
		return next, false, fmt.Errorf("the link leads to its own page: %w", errPaging)
	}
	next.url = u
	return next, true, nil
}

// nextLink reads the address of rel="next" from Link headers (RFC 8288).
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for _, link := range strings.Split(line, ",") {
			target, params, ok := strings.Cut(link, ">")
			if !ok {
				continue
			}
			for _, p := range strings.Split(params, ";") {
				name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
				if strings.EqualFold(name, "rel") && strings.EqualFold(strings.Trim(value, `"`), "next") {
					return strings.TrimSpace(strings.Replace(target, "<", "", 1))
				}
			}
		}
	}
	return ""
}
