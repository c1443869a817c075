package yonyou

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"lingke/connectors"
)

// The fields of a customer that receivables fill.
const (
	fieldReceivable    = "receivable_amount"
	fieldOverdueAmount = "overdue_amount"
	fieldOverdueDays   = "overdue_days"
)

// ledger is one of the lists of receivables and where its values stand.
type ledger struct {
	path      string
	customer  []string
	amount    []string
	dateBegin string // the filter by date of the document
	overdue   string // the filter by due date; "" where it has none
	open      func(object) bool
}

func ledgers() map[string]ledger {
	return map[string]ledger{
		ReceivablesOAR: {
			path: "/yonbip/fi/oar/list", customer: []string{"detail_customer", "customer"}, amount: []string{"localbalance", "balance"},
			dateBegin: "open_vouchdate_begin", overdue: "open_maturitydate_end",
			open: func(r object) bool { return r.text("auditstatus") != "2" },
		},
		ReceivablesEFI: {
			path: "/yonbip/EFI/receivable/list", customer: []string{"bodyItemCustomer"}, amount: []string{"bodyItemLocalTaxIncludedAmount"},
			dateBegin: "open_billDate_begin",
			open:      func(r object) bool { return r.text("verifyState") == "2" && r.text("writeOffState") != "1" },
		},
	}
}

// mostReceivables is the limit of a page of both lists.
const mostReceivables = 500

// debt is what one customer owes.
type debt struct {
	total, overdue big.Rat
	days           int
}

// pullReceivables emits what each customer owes, once a day: days overdue grow without anybody changing a document, so
// the whole is added up anew. A customer whose documents are all settled gets zeros.
func (c *Conn) pullReceivables(ctx context.Context, f *flow) error {
	book, ok := ledgers()[c.cfg.Receivables]
	if !ok {
		return nil
	}
	now := c.now()
	if m := f.cur.Marks["receivable"]; m != nil && m.From != "" && m.From[:len(time.DateOnly)] == now.In(shanghai).Format(time.DateOnly) {
		return nil
	}
	debts, due, err := c.debts(ctx, book, now)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(debts)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec := connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: now.UTC().Truncate(time.Millisecond), Fields: debts[id].fields(book, due)}
		if err := f.emit(rec); err != nil {
			return err
		}
	}
	f.cur.Marks["receivable"] = &mark{From: stamp(now)}
	return nil
}

func (d *debt) fields(book ledger, due bool) map[string]string {
	out := map[string]string{fieldReceivable: plain(&d.total)}
	if book.overdue == "" {
		return out
	}
	out[fieldOverdueAmount] = plain(&d.overdue)
	if due {
		out[fieldOverdueDays] = fmt.Sprint(d.days)
	}
	return out
}

// debts adds up the documents of a ledger. due tells whether their rows name their due dates; where none does, the overdue
// ones are asked for by the filter that is documented, and the days stay untold.
func (c *Conn) debts(ctx context.Context, book ledger, now time.Time) (out map[string]*debt, due bool, err error) {
	out = map[string]*debt{}
	today := now.In(shanghai)
	open := false
	begin := map[string]any{book.dateBegin: today.AddDate(0, 0, -c.cfg.ReceivableDays).Format(time.DateOnly)}
	err = c.eachReceivable(ctx, book, begin, func(d *debt, row object, amount *big.Rat) {
		if amount.Sign() == 0 {
			return
		}
		d.total.Add(&d.total, amount)
		open = true
		at, ok := row.instant("maturitydate", "maturityDate", "expireDate")
		if !ok {
			return
		}
		due = true
		if days := daysBetween(at, now); days > 0 {
			d.overdue.Add(&d.overdue, amount)
			d.days = max(d.days, days)
		}
	}, out)
	if err != nil || due || !open || book.overdue == "" {
		return out, due || !open, err
	}
	begin[book.overdue] = today.AddDate(0, 0, -1).Format(time.DateOnly)
	err = c.eachReceivable(ctx, book, begin, func(d *debt, _ object, amount *big.Rat) { d.overdue.Add(&d.overdue, amount) }, out)
	return out, false, err
}

// daysBetween counts midnights in China.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		t = t.In(shanghai)
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}

// eachReceivable hands the documents of a ledger that are approved to add, each once, with what of it is open.
func (c *Conn) eachReceivable(ctx context.Context, book ledger, filter map[string]any, add func(*debt, object, *big.Rat), out map[string]*debt) error {
	seen := map[string]bool{}
	id := func(r object) string { return r.id("id") + "/" + r.id("bodyItemId", "detail_id") }
	walk := pages{size: min(c.cfg.PageSize, mostReceivables), id: id, fetch: func(ctx context.Context, page, size int) ([]object, error) {
		return c.receivableRows(ctx, book, filter, page, size)
	}}
	return walk.walk(ctx, 0, "", func(row object) error {
		customer := row.id(book.customer...)
		if seen[id(row)] || customer == "" || len(customer) > longestID {
			return nil
		}
		seen[id(row)] = true
		d := out[customer]
		if d == nil {
			d = &debt{}
			out[customer] = d
		}
		amount := new(big.Rat)
		if book.open(row) {
			amount = first(row, book.amount)
		}
		add(d, row, amount)
		return nil
	})
}

// first is the first of these values that is a number, else zero.
func first(row object, paths []string) *big.Rat {
	for _, p := range paths {
		if r, ok := rational(row.at(p)); ok {
			return r
		}
	}
	return new(big.Rat)
}

func (c *Conn) receivableRows(ctx context.Context, book ledger, filter map[string]any, page, size int) ([]object, error) {
	return rowsUnlessEmpty(c.call(ctx, "list receivables", book.path, map[string]any{
		"pageIndex": fmt.Sprint(page), "pageSize": fmt.Sprint(size), "simple": filter,
	}))
}

func (c *Conn) checkReceivables(ctx context.Context) error {
	book, ok := ledgers()[c.cfg.Receivables]
	if !ok {
		return nil
	}
	_, err := c.receivableRows(ctx, book, nil, 1, 1)
	return err
}
