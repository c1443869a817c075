package xingchen

import (
	"context"
	"fmt"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

var _ connectors.Lister = (*Conn)(nil)

// Lists says that customers, those out of use too, and orders can be listed.
func (c *Conn) Lists() []connectors.Kind {
	return []connectors.Kind{connectors.Order, connectors.Customer}
}

// EachID reads a list until a round brings no new id, since its order is not documented and a row may move to a page that was read. A list that does not settle, or a row
// without an id, is an error.
func (c *Conn) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	for _, l := range c.lists {
		if l.kind != kind {
			continue
		}
		if err := c.eachID(ctx, l, fn); err != nil {
			return fmt.Errorf("xingchen %q: list %s: %w", c.id, l.name, err)
		}
		return nil
	}
	return fmt.Errorf("xingchen %q: list %s: %w", c.id, kind, connectors.ErrConfig)
}

func (c *Conn) eachID(ctx context.Context, l *list, fn func(id string) error) error {
	seen := make(map[string]bool)
	for range mostRounds {
		before := len(seen)
		pages, err := c.eachRow(ctx, l, func(row jsondoc.Object) error {
			id := text(row, "id")
			switch {
			case id == "":
				return fmt.Errorf("a row without an id: %w", connectors.ErrBadRecord)
			case seen[id]:
				return nil
			}
			seen[id] = true
			return fn(id)
		})
		if err != nil || pages < 2 || len(seen) == before {
			return err
		}
	}
	return fmt.Errorf("it changes faster than it can be read: %w", errPage)
}

// eachRow reads all pages of a list once.
func (c *Conn) eachRow(ctx context.Context, l *list, fn func(jsondoc.Object) error) (pages int, err error) {
	w := walker{conn: c, list: l}
	return w.pages(ctx, func(_ context.Context, row jsondoc.Object) error { return fn(row) })
}
