package kingdee

import (
	"context"
	"fmt"
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

// page asks once and groups the rows that come. full says that there may be more.
func (w *walk) page(ctx context.Context, q query) (docs []document, full bool, err error) {
	rows, err := w.conn.query(ctx, q, len(w.lay.keys))
	if err != nil {
		return nil, false, err
	}
	docs, err = group(rows)
	return docs, len(rows) >= q.Limit, err
}

// group joins neighbouring rows with one id. A row without a readable id or time makes the page useless, since what is
// ordered by them cannot be continued.
func group(rows [][]cell) ([]document, error) {
	docs := make([]document, 0, len(rows))
	for i, row := range rows {
		id := row[0].identifier()
		if n := len(docs); n > 0 && docs[n-1].id == id {
			docs[n-1].rows = rows[i-len(docs[n-1].rows) : i+1]
			continue
		}
		at, err := naiveTime(row[1].text)
		if id == "" || err != nil {
			return nil, fmt.Errorf("row %d: id %q with time %q: %w", i, id, row[1].text, connectors.ErrBadRecord)
		}
		docs = append(docs, document{id: id, stamp: row[1].text, at: at, rows: rows[i : i+1]})
	}
	return docs, nil
}
