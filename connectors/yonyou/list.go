package yonyou

import (
	"context"
	"fmt"
	"log/slog"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// The compiler keeps these promises.
var (
	_ connectors.Lister = (*Conn)(nil)
	_ connectors.Lister = (*U8)(nil)
	_ connectors.Lister = (*Chanjet)(nil)
)

// listed hands every id of a list by page number to fn. Rows that shift between two pages are noticed; see pages. A row without an id makes the list doubtful.
func listed(ctx context.Context, size int, id func(object) string, fetch func(ctx context.Context, page, size int) ([]object, error), fn func(string) error) error {
	p := pages{size: size, id: id, fetch: fetch}
	return p.walk(ctx, 0, "", func(row object) error {
		if id(row) == "" {
			return fmt.Errorf("a row without an id: %w", connectors.ErrBadRecord)
		}
		return fn(id(row))
	})
}

// Lists says that customers and orders can be listed.
func (c *Conn) Lists() []connectors.Kind {
	return []connectors.Kind{connectors.Order, connectors.Customer}
}

// EachID lists customers by page, and orders along their ids, which do not change.
func (c *Conn) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	var err error
	switch kind {
	case connectors.Customer:
		err = listed(ctx, c.cfg.PageSize, rowID, func(ctx context.Context, page, size int) ([]object, error) {
			return c.customerRows(ctx, nil, page, size)
		}, fn)
	case connectors.Order:
		err = c.eachOrderID(ctx, fn)
	default:
		err = connectors.ErrConfig
	}
	if err != nil {
		return fmt.Errorf("yonyou %q: list %s: %w", c.id, kind, err)
	}
	return nil
}

func (c *Conn) eachOrderID(ctx context.Context, fn func(id string) error) error {
	m, size := &mark{}, min(c.cfg.PageSize, mostOrders)
	for {
		rows, err := c.orderRows(ctx, c.changedOrders(m, size))
		if err != nil {
			return err
		}
		for _, row := range rows {
			id := rowID(row)
			if id == m.After {
				continue // another line of the same order
			}
			if !follows(m.After, id) {
				return fmt.Errorf("order %q after %s: %w", id, m.After, errOrder)
			}
			if err := fn(id); err != nil {
				return err
			}
			m.After = id
		}
		if len(rows) == 0 { // a page that is shorter than asked for may be the platform's choice
			return ctx.Err()
		}
	}
}

// Lists says that customers can be listed. Orders cannot: an account set may hold those of its year only.
func (u *U8) Lists() []connectors.Kind { return []connectors.Kind{connectors.Customer} }

// EachID is as in connectors.Lister.
func (u *U8) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	if kind != connectors.Customer {
		return fmt.Errorf("u8 %q: list %s: %w", u.id, kind, connectors.ErrConfig)
	}
	err := listed(ctx, u.cfg.PageSize, u8Code, func(ctx context.Context, page, size int) ([]object, error) {
		return u.rows(ctx, u8Customers, nil, page, size)
	}, fn)
	if err != nil {
		return fmt.Errorf("u8 %q: list customers: %w", u.id, err)
	}
	return nil
}

// Lists says that customers can be listed.
func (c *Chanjet) Lists() []connectors.Kind { return []connectors.Kind{connectors.Customer} }

// EachID is as in connectors.Lister.
func (c *Chanjet) EachID(ctx context.Context, kind connectors.Kind, fn func(id string) error) error {
	if kind != connectors.Customer {
		return fmt.Errorf("chanjet %q: list %s: %w", c.id, kind, connectors.ErrConfig)
	}
	err := listed(ctx, c.cfg.PageSize, func(row object) string { return row.text("Code") }, c.partnerRows, fn)
	if err != nil {
		return fmt.Errorf("chanjet %q: list partners: %w", c.id, err)
	}
	return nil
}

// sampleRows is how many rows a check looks at.
const sampleRows = 50

// doubt warns of what the mapping reads and none of some rows has: the platform does not describe its lists, and a row may leave out what is empty.
func (l *link) doubt(ctx context.Context, list string, m mapping.Mapping, kind connectors.Kind, rows []object) {
	if err := m.CheckSource(kind, mapping.SourceFields(rows)); err != nil {
		l.log.LogAttrs(ctx, slog.LevelWarn, "no row of the first page has a field of the mapping", slog.String("list", list), slog.Any("err", err))
	}
}
