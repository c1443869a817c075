package kingdee

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lingke/connectors"
)

// document is the rows of one customer or order.
type document struct {
	id    string
	stamp string    // its time as told
	at    time.Time // its time, naive
	rows  [][]cell
}

// page asks once and groups the rows that come. full says that there may be more. A document without a readable id or time has no place in the order of the others; it is handed on
// as one that cannot be read.
func (w *walk) page(ctx context.Context, q query) (docs []document, full bool, err error) {
	rows, err := w.conn.query(ctx, q, len(w.lay.keys))
	if err != nil {
		return nil, false, err
	}
	docs, stray := group(rows)
	full = len(rows) >= q.Limit
	if full && len(docs) == 0 {
		return nil, false, fmt.Errorf("a page of %d rows without a readable id and time: %w", len(rows), connectors.ErrBadRecord)
	}
	for _, d := range stray {
		if err := w.deliver(ctx, d); err != nil {
			return nil, false, err
		}
	}
	return docs, full, nil
}

// group joins neighbouring rows with one id. Those without a readable id, or time, are stray.
func group(rows [][]cell) (docs, stray []document) {
	docs = make([]document, 0, len(rows))
	for from, to := 0, 0; from < len(rows); from = to {
		d := document{id: rows[from][0].identifier(), stamp: rows[from][1].text}
		for to = from + 1; to < len(rows) && rows[to][0].identifier() == d.id; to++ {
		}
		d.rows = rows[from:to]
		var err error
		d.at, err = naiveTime(d.stamp)
		switch n := len(docs); {
		case d.id == "" || err != nil:
			stray = append(stray, d)
		case n > 0 && docs[n-1].id == d.id: // a stray row stood between its lines
			docs[n-1].rows = slices.Concat(docs[n-1].rows, d.rows)
		default:
			docs = append(docs, d)
		}
	}
	return docs, stray
}
