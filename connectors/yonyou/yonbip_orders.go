package yonyou

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"lingke/connectors"
)

const (
	orderList    = "/yonbip/sd/voucherorder/list"
	mostOrders   = 500 // rows of one page; the limit is not documented
	dateLookBack = 31 * 24 * time.Hour
)

// condition is one of simpleVOs.
type condition struct {
	Field  string `json:"field"`
	Op     string `json:"op"`
	Value1 string `json:"value1"`
}

// orderQuery asks for orders, one row per line, in the order of their ids.
type orderQuery struct {
	PageIndex   int                 `json:"pageIndex"`
	PageSize    int                 `json:"pageSize"`
	IsSum       bool                `json:"isSum"`
	DateBegin   string              `json:"open_vouchdate_begin,omitempty"`
	SimpleVOs   []condition         `json:"simpleVOs,omitempty"`
	QueryOrders []map[string]string `json:"queryOrders,omitempty"`
}

// pullOrders walks the orders that changed since the mark by their ids, which do not change: each page asks for what
// follows the last id, so that nothing slips between two pages.
func (c *Conn) pullOrders(ctx context.Context, f *flow) error {
	m := f.cur.begin("order", c.now())
	size := min(c.cfg.PageSize, mostOrders)
	for {
		rows, err := c.orderRows(ctx, c.changedOrders(m, size))
		if err != nil {
			if c.refusesPubts(ctx, m, err) {
				continue
			}
			return err
		}
		orders, err := c.wholeOrders(ctx, m.After, rows, size)
		if err != nil {
			return err
		}
		for _, lines := range orders {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := c.emitRows(f.emit, lines, c.orderRecord); err != nil {
				return err
			}
			if id := lines[0].id("id"); id != "" {
				m.After = id
			}
		}
		if len(rows) < size {
			break
		}
		if err := f.along(); err != nil {
			return err
		}
	}
	m.end(c.cfg.Overlap)
	return nil
}

func (c *Conn) changedOrders(m *mark, size int) orderQuery {
	q := orderQuery{PageIndex: 1, PageSize: size, QueryOrders: []map[string]string{{"field": "id", "order": "asc"}}}
	if m.After != "" {
		q.SimpleVOs = append(q.SimpleVOs, condition{"id", "gt", m.After})
	}
	if m.From == "" {
		return q
	}
	if c.byDate {
		from, _ := time.Parse(stampLayout, m.From) // readCursor checked it
		q.DateBegin = from.Add(-dateLookBack).Format(time.DateOnly)
		return q
	}
	q.SimpleVOs = append(q.SimpleVOs, condition{"pubts", "gt", m.From})
	return q
}

// refusesPubts tells whether the platform did not take the filter by change, which is not documented for this list, and
// turns to the orders of the last month and what follows: one of them may be audited today.
func (c *Conn) refusesPubts(ctx context.Context, m *mark, err error) bool {
	var e *Error
	if c.byDate || m.From == "" || !errors.As(err, &e) || e.HTTP != 0 || e.Kind != nil && !errors.Is(e.Kind, connectors.ErrConfig) {
		return false
	}
	c.byDate = true
	c.log.LogAttrs(ctx, slog.LevelWarn, "orders cannot be filtered by change; reading those of the last month", slog.Any("err", err))
	return true
}

func (c *Conn) orderRows(ctx context.Context, q orderQuery) ([]object, error) {
	return rowsUnlessEmpty(c.call(ctx, "list orders", orderList, q))
}

var errOrder = errors.New("the platform does not keep the order that was asked for")

// wholeOrders groups a page's rows by order. The last order of a full page may go on, and is left for the next one; where
// it fills the page alone it is read by itself. A row without an id is an order of its own, which nobody can read.
func (c *Conn) wholeOrders(ctx context.Context, after string, rows []object, size int) ([][]object, error) {
	var orders, stray [][]object
	for _, r := range rows {
		id := r.id("id")
		if id == "" {
			stray = append(stray, []object{r})
			continue
		}
		if n := len(orders); n > 0 && orders[n-1][0].id("id") == id {
			orders[n-1] = append(orders[n-1], r)
			continue
		}
		if !follows(after, id) {
			return nil, fmt.Errorf("order %s after %s: %w", id, after, errOrder)
		}
		orders, after = append(orders, []object{r}), id
	}
	switch {
	case len(rows) < size:
		return append(stray, orders...), nil
	case len(orders) > 1:
		return append(stray, orders[:len(orders)-1]...), nil
	case len(orders) == 0:
		return nil, fmt.Errorf("a page of %d rows without an id: %w", len(rows), connectors.ErrBadRecord)
	}
	lines, err := c.orderLines(ctx, orders[0][0].id("id"))
	return append(stray, lines), err
}

// follows compares ids, which are numbers of up to 19 digits without leading zeros.
func follows(before, id string) bool {
	if len(before) != len(id) {
		return len(before) < len(id)
	}
	return before < id
}

// orderLines reads all lines of one order; none where it is gone.
func (c *Conn) orderLines(ctx context.Context, id string) ([]object, error) {
	var lines []object
	for page := 1; ; page++ {
		rows, err := c.orderRows(ctx, orderQuery{PageIndex: page, PageSize: mostOrders, SimpleVOs: []condition{{"id", "eq", id}}})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.id("id") != id {
				return nil, fmt.Errorf("asked for order %s, got %s: %w", id, r.id("id"), errNoAnswer)
			}
		}
		lines = append(lines, rows...)
		if len(rows) < mostOrders {
			return lines, nil
		}
		if len(lines) > 100*mostOrders {
			return nil, fmt.Errorf("order %s has more than %s lines: %w", id, strconv.Itoa(len(lines)), errNoAnswer)
		}
	}
}
