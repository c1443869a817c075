package contact

import (
	"context"
	"fmt"

	"lingke/connectors"
)

var _ connectors.Lister = (*Conn)(nil)

// Lists says that contacts can be listed.
func (c *Conn) Lists() []connectors.Kind { return []connectors.Kind{connectors.Customer} }

// EachID lists the contacts that somebody of the staff still has, some repeatedly: every pull reads all of them.
func (c *Conn) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	if kind != connectors.Customer {
		return fmt.Errorf("contact %q: list %s: %w", c.id, kind, connectors.ErrConfig)
	}
	_, err := c.Pull(ctx, "", func(r connectors.Record) error { return fn(r.ID) })
	return err
}
