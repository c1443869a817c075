package yonyou

import (
	"context"
	"fmt"

	"lingke/connectors"
)

// Pull emits the orders, the customers and, once a day, the receivables that changed since the cursor. Orders come first:
// a customer that follows its orders is judged by all of them at once, and nobody is shown a long-standing buyer as a new
// lead while a back-fill runs.
func (c *Conn) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return c.PullAlong(ctx, since, emit, nobody)
}

// PullAlong is Pull that tells its cursor after every page.
func (c *Conn) PullAlong(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	return c.pullAlong(ctx, "yonyou", since, emit, reached,
		list{"orders", c.pullOrders}, list{"customers", c.pullCustomers}, list{"receivables", c.pullReceivables})
}

// Check tries tenant, credentials and the grant of each interface that is read, with one row each.
func (c *Conn) Check(ctx context.Context) error {
	checks := []struct {
		name string
		try  func() error
	}{
		{"customers", func() error {
			rows, err := c.customerRows(ctx, nil, 1, sampleRows)
			c.doubt(ctx, "customers", c.cfg.Mapping, connectors.Customer, rows)
			return err
		}},
		{"orders", func() error {
			rows, err := c.orderRows(ctx, orderQuery{PageIndex: 1, PageSize: sampleRows})
			c.doubt(ctx, "orders", c.cfg.Mapping, connectors.Order, rows)
			return err
		}},
		{"receivables", func() error { return c.checkReceivables(ctx) }},
	}
	for _, check := range checks {
		if err := check.try(); err != nil {
			return fmt.Errorf("yonyou %q: check %s: %w", c.id, check.name, err)
		}
	}
	return nil
}
