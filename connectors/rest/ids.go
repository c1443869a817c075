package rest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lingke/connectors"
)

var _ connectors.Lister = (*Conn)(nil)

// Lists are the kinds of which every resource is Complete: what such a list lacks was deleted.
func (c *Conn) Lists() (kinds []connectors.Kind) {
	for _, kind := range []connectors.Kind{connectors.Order, connectors.Customer} {
		of := func(r *resource) bool { return r.Kind == kind }
		partial := func(r *resource) bool { return r.Kind == kind && !r.Complete }
		if slices.ContainsFunc(c.resources, of) && !slices.ContainsFunc(c.resources, partial) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// rounds is how often a list of several pages is read at most.
const rounds = 4

// EachID reads the lists of a kind, each until a round brings no new id: what somebody changes meanwhile may move to a page that was read. A list that does not settle, or a
// record that cannot be read, is an error.
func (c *Conn) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	if !slices.Contains(c.Lists(), kind) {
		return fmt.Errorf("rest %q: %s cannot be listed: %w", c.id, kind, connectors.ErrConfig)
	}
	for _, r := range c.resources {
		if r.Kind != kind {
			continue
		}
		if err := c.eachID(ctx, r, fn); err != nil {
			return fmt.Errorf("rest %q: list %s: %w", c.id, r.name, err)
		}
	}
	return nil
}

func (c *Conn) eachID(ctx context.Context, r *resource, fn func(id string) error) error {
	seen := make(map[string]bool)
	for range rounds {
		before := len(seen)
		pages, err := c.eachPage(ctx, r, func(got answer) error {
			records, bad, err := r.reader.Read(got.doc, maxItems)
			if err != nil {
				return err
			}
			for _, rec := range append(records, bad...) { // what cannot be read is there all the same
				if rec.ID == "" {
					return rec.Bad
				}
				if rec.Deleted || seen[rec.ID] {
					continue
				}
				seen[rec.ID] = true
				if err := fn(rec.ID); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil || pages < 2 || len(seen) == before {
			return err
		}
	}
	return fmt.Errorf("it changes faster than it can be read: %w", errPaging)
}

// eachPage reads a resource once, from its first page to its last.
func (c *Conn) eachPage(ctx context.Context, r *resource, fn func(answer) error) (pages int, err error) {
	at := r.first(time.Time{}, c.cfg)
	for ; pages < maxPages; pages++ {
		got, err := c.fetch(ctx, at.url)
		if err != nil {
			return pages, fmt.Errorf("page %d: %w", at.number, err)
		}
		if _, found := r.reader.Found(got.doc); !found {
			return pages, fmt.Errorf("page %d has no %q: %w", at.number, r.Items.String(), connectors.ErrBadRecord)
		}
		if err := fn(got); err != nil {
			return pages, err
		}
		next, more, err := r.next(at, got)
		if err != nil || !more {
			return pages + 1, err
		}
		at = next
	}
	return pages, fmt.Errorf("more than %d pages", maxPages)
}
