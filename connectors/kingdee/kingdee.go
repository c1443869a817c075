// Package kingdee reads customers (BD_Customer), sales orders (SAL_SaleOrder) and, where the settings say so, deliveries (SAL_OUTSTOCK) and receivables
// (AR_receivable) from Kingdee 金蝶云·星空 through its WebAPI, and writes a customer's tier back.
//
// The way of one Pull:
//
//	Cursor ──▶ a mark per form ──▶ walk: page after page of ExecuteBillQuery, ordered by modification time
//	                                 │ rows, grouped by document (an order is one row per line)
//	                                 ▼
//	                    customerRecord / orderRecord ──▶ emit ──▶ a new mark
//
// A page follows the one before it by its last modification time, never by a row number: what somebody changes meanwhile
// moves to the end of the order, so nothing slips between two pages. Every call goes through call.go, which signs it or
// logs in, logs in again once when the session is lost, and waits when the site asks to slow down. An answer that is not
// certainly rows (an error inside an array, a web page, half a JSON text) is an error, never "no rows".
//
// Deletions do not show up in this interface; EachID lists what is there, so that what is not is found.
package kingdee

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/budget"
)

// The compiler keeps these promises.
var (
	_ connectors.Resumable = (*Conn)(nil)
	_ connectors.Writer    = (*Conn)(nil)
	_ connectors.Checker   = (*Conn)(nil)
	_ connectors.Lister    = (*Conn)(nil)
	_ connectors.Rereader  = (*Conn)(nil)
)

// Conn is a connection to one data centre (账套) of one site. WriteBack and Check may be called at any time and from
// several goroutines; one Pull runs at a time.
type Conn struct {
	id      string
	cfg     Config
	base    string // ends in a slash
	auth    auth
	http    *http.Client
	log     *slog.Logger
	now     func() time.Time
	sleep   func(ctx context.Context, d time.Duration) error
	limit   int64 // bytes of one answer, decompressed
	secrets *strings.Replacer
	forms   []*form // customers last: see newForms
	budget  *budget.Budget
	keep    bool // see KeepRaw

	receivables *form // nil where they are not read
}

// Pull emits the orders, the deliveries and then the customers that changed since the cursor, and once a day what each customer owes. The last Config.Overlap before the newest
// record is read again each time, because a document may become visible some time after the moment it carries.
func (c *Conn) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return c.PullAlong(ctx, since, emit, func(connectors.Cursor) error { return nil })
}

// PullAlong is Pull that reports its cursor after every page.
func (c *Conn) PullAlong(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	cur, err := readCursor(since)
	if err != nil {
		return since, fmt.Errorf("kingdee %q: %w", c.id, err)
	}
	along := func() error { return reached(cur.text()) }
	for _, f := range c.forms {
		if err := c.pullForm(ctx, f, cur, emit, along); err != nil {
			return cur.text(), fmt.Errorf("kingdee %q: pull %s: %w", c.id, f.id, err)
		}
	}
	err = c.pullReceivables(ctx, cur, emit)
	return cur.text(), err
}
