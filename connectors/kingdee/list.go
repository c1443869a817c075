package kingdee

import (
	"context"
	"fmt"
	"slices"

	"lingke/connectors"
)

// Lists says that customers and orders can be listed.
func (c *Conn) Lists() []connectors.Kind {
	return []connectors.Kind{connectors.Order, connectors.Customer}
}

// EachID lists customers or orders along their ids. Something that is added or deleted meanwhile moves nothing else, and only a page without rows is the end: a site
// that gives fewer rows than were asked for has more.
func (c *Conn) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	i := slices.IndexFunc(c.forms, func(f *form) bool { return f.kind == kind })
	if i < 0 {
		return fmt.Errorf("kingdee %q: list %s: %w", c.id, kind, connectors.ErrConfig)
	}
	f, after := c.forms[i], ""
	for {
		last, err := c.idsAfter(ctx, f.layout(f.passes()[0]), after, fn)
		switch {
		case err != nil && (after != "" || !c.adapt(ctx, f, err)):
			return fmt.Errorf("kingdee %q: list %s: %w", c.id, f.id, err)
		case err == nil && last == "":
			return nil
		}
		after = last
	}
}

// idsAfter reads one page of ids and returns the last; "" after the end.
func (c *Conn) idsAfter(ctx context.Context, l layout, after string, fn func(id string) error) (last string, err error) {
	rows, err := c.query(ctx, l.idsAfter(after, c.cfg.PageSize), 1)
	for _, row := range rows {
		id := row[0].identifier()
		if id == "" {
			return "", fmt.Errorf("a row without an id: %w", connectors.ErrBadRecord)
		}
		if id == last {
			continue // another line of the same document
		}
		if err := fn(id); err != nil {
			return "", err
		}
		last = id
	}
	if last != "" && last == after {
		return "", fmt.Errorf("%s is after itself: %w", last, errOrder)
	}
	return last, err
}
