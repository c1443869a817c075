package kingdee

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"time"

	"lingke/connectors"
)

// The fields of a customer that receivables fill.
const (
	fieldReceivable    = "receivable_amount"
	fieldOverdueAmount = "overdue_amount"
	fieldOverdueDays   = "overdue_days"
)

const (
	receivableForm = "AR_receivable"
	writtenOffKey  = "FWRITTENOFFSTATUS"
)

// The keys of a receivable. What is open stands in the entries on some versions and in the header on others; as no other key of the entries is asked for, a
// document has a row for each entry in the former case and one row in the latter, and adding up its rows is right in both.
const (
	colOpen  = "open"
	colTotal = "total"
	colDue   = "due"
)

func newReceivables() *form {
	return &form{id: receivableForm, kind: connectors.Customer, ids: []idKey{{key: "FID"}, {key: "FBillNo", textual: true}}, times: []string{"FDATE"}, cols: []column{
		{field: colCustomer, key: "FCUSTOMERID"},
		{field: colTotal, key: "FALLAMOUNTFOR"},
		{field: colDue, key: "FENDDATE_H"},
		{field: colCancel, key: "FCancelStatus", optional: true},
		{field: colOpen, key: "FNORECEIVEAMOUNT", optional: true}, // without it an open document counts whole
		{field: colStatus, key: writtenOffKey, optional: true},
	}}
}

// debt is what one customer owes.
type debt struct {
	total, overdue big.Rat
	days           int
}

// markReceivables is the mark whose day says when the receivables were added up last.
const markReceivables = "receivables"

// pullReceivables emits what each customer owes, once a day of the site: days overdue grow without anybody changing a document, so the whole is added up
// anew. A customer whose documents of the last Config.ReceivableDays are all settled gets zeros.
func (c *Conn) pullReceivables(ctx context.Context, cur *cursor, emit func(connectors.Record) error) error {
	if c.receivables == nil {
		return nil
	}
	now := c.now()
	today := naive(now, c.cfg.Location).Truncate(24 * time.Hour)
	if cur.Marks[markReceivables].At == today.Format(filterTime) {
		return nil
	}
	debts, err := c.debts(ctx, today)
	if err != nil {
		return fmt.Errorf("kingdee %q: add up %s: %w", c.id, receivableForm, err)
	}
	for _, id := range slices.Sorted(maps.Keys(debts)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec := connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: now.UTC().Truncate(time.Millisecond), Fields: debts[id].fields()}
		if err := emit(rec); err != nil {
			return err
		}
	}
	cur.Marks[markReceivables] = mark{At: today.Format(filterTime)}
	return nil
}

func (d *debt) fields() map[string]string {
	return map[string]string{fieldReceivable: yuan(&d.total), fieldOverdueAmount: yuan(&d.overdue), fieldOverdueDays: strconv.Itoa(d.days)}
}

// yuan is an amount with the digits that it has, at most six behind the point.
func yuan(r *big.Rat) string {
	text, _ := plainDecimal(r.FloatString(6))
	return text
}

// debts adds the documents up by customer.
func (c *Conn) debts(ctx context.Context, today time.Time) (map[string]*debt, error) {
	for {
		out := map[string]*debt{}
		err := c.eachReceivable(ctx, today, func(l layout, rows [][]cell) {
			id := l.cell(rows[0], colCustomer).identifier()
			if id == "" || len(id) > longestID {
				return
			}
			if out[id] == nil {
				out[id] = &debt{}
			}
			out[id].add(l, rows, today)
		})
		if err == nil || !c.adapt(ctx, c.receivables, err) {
			return out, err
		}
	}
}

// add takes one document into account. today is a day of the site's clock.
func (d *debt) add(l layout, rows [][]cell, today time.Time) {
	open := openAmount(l, rows)
	if open.Sign() == 0 {
		return
	}
	d.total.Add(&d.total, open)
	due, err := naiveTime(l.cell(rows[0], colDue).text)
	if err != nil {
		return
	}
	if days := int(today.Sub(due.Truncate(24*time.Hour)) / (24 * time.Hour)); days > 0 {
		d.overdue.Add(&d.overdue, open)
		if open.Sign() > 0 { // a credit note is not late
			d.days = max(d.days, days)
		}
	}
}

// openAmount: FWRITTENOFFSTATUS C is settled, FCancelStatus B is 作废.
func openAmount(l layout, rows [][]cell) *big.Rat {
	sum := new(big.Rat)
	if l.cell(rows[0], colStatus).text == "C" || l.cell(rows[0], colCancel).text == "B" {
		return sum
	}
	told := false
	for _, row := range rows {
		if amount, ok := rational(l.cell(row, colOpen)); ok {
			sum.Add(sum, amount)
			told = true
		}
	}
	if !told {
		if amount, ok := rational(l.cell(rows[0], colTotal)); ok {
			return amount
		}
	}
	return sum
}

func rational(c cell) (*big.Rat, bool) {
	text, ok := c.decimal()
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// eachReceivable hands over every audited document that is open, or of the last days, in the order of ids: what is settled meanwhile moves none of the others.
func (c *Conn) eachReceivable(ctx context.Context, today time.Time, fn func(l layout, rows [][]cell)) error {
	l := c.receivables.layout(c.receivables.passes()[0])
	from := today.AddDate(0, 0, -c.cfg.ReceivableDays)
	for after, done := "", false; !done; {
		recent := l.timeKey + " >= " + quote(from.Format(filterTime))
		if slices.Contains(l.keys, writtenOffKey) {
			recent = "(" + writtenOffKey + " <> 'C' OR " + recent + ")"
		}
		filter := []string{"FDocumentStatus = 'C'", recent}
		if after != "" {
			filter = append(filter, l.idKey+" > "+l.literal(after))
		}
		docs, full, err := c.receivablePage(ctx, l, filter)
		if err != nil {
			return err
		}
		for _, d := range docs {
			fn(l, d.rows)
			after = d.id
		}
		done = !full
	}
	return nil
}

// receivablePage reads whole documents: the last one of a full page waits for the next page, unless it fills the page alone and is read to its end.
func (c *Conn) receivablePage(ctx context.Context, l layout, filter []string) (docs []document, full bool, err error) {
	q := l.ask(c.cfg.PageSize, filter, []string{l.idKey + " ASC"})
	var rows [][]cell
	for {
		more, err := c.query(ctx, q, len(l.keys))
		if err != nil {
			return nil, false, err
		}
		full, rows = len(more) >= q.Limit, append(rows, more...)
		var stray []document
		if docs, stray = group(rows); len(stray) > 0 { // a sum without it would be wrong
			return nil, false, fmt.Errorf("a receivable %q without a readable id and time: %w", stray[0].id, connectors.ErrBadRecord)
		}
		if !full || len(docs) > 1 {
			break
		}
		q.StartRow += q.Limit
	}
	if full {
		docs = docs[:len(docs)-1]
	}
	return docs, full, nil
}

// checkReceivables asks for no row.
func (c *Conn) checkReceivables(ctx context.Context) error {
	if c.receivables == nil {
		return nil
	}
	return c.checkForm(ctx, c.receivables)
}
