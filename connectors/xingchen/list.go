package xingchen

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// list is one list of the platform and how its rows become records.
type list struct {
	name, path string
	kind       connectors.Kind
	params     map[string]string
	record     func(c *Conn, l *list, row jsondoc.Object) (connectors.Record, error)
	mapping    mapping.Mapping
	made       *mapping.Fields
}

// newLists returns the lists, customers last: a customer that follows its orders is judged by all of them at once.
func newLists(cfg Config) ([]*list, error) {
	lists := []*list{
		{name: "orders", path: "/jdy/v2/scm/sal_order", kind: connectors.Order, record: (*Conn).orderRecord},
		// Customers that are out of use are left out unless asked for.
		{name: "customers", path: "/jdy/v2/bd/customer", kind: connectors.Customer, params: map[string]string{"enable": "-1"}, record: (*Conn).customerRecord},
	}
	for _, l := range lists {
		l.mapping = cfg.Mapping
		var err error
		if l.made, err = cfg.Mapping.Compile(l.kind, cfg.Location); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// page is one page of a list.
type page struct {
	rows  []jsondoc.Object
	pages int // how many there are in all; 0 where the answer does not say
	count int // how many rows there are in all; -1 where the answer does not say
}

// page asks for one page of what was modified since a time.
func (c *Conn) page(ctx context.Context, l *list, number, size int, since time.Time) (page, error) {
	params := map[string]string{"page": strconv.Itoa(number), "page_size": strconv.Itoa(size)}
	for name, value := range l.params {
		params[name] = value
	}
	if !since.IsZero() {
		params["modify_start_time"] = strconv.FormatInt(since.UnixMilli(), 10)
	}
	data, err := c.get(ctx, "list "+l.name, l.path, params)
	if err != nil {
		return page{}, err
	}
	return readPage(data)
}

var errPage = errors.New("the platform gave no usable page")

func readPage(data any) (page, error) {
	o, ok := data.(jsondoc.Object)
	if !ok {
		return page{}, errPage
	}
	p := page{count: -1}
	if n, err := strconv.Atoi(text(o, "count", "total")); err == nil {
		p.count = n
	}
	p.pages, _ = strconv.Atoi(text(o, "total_page"))
	rows, told := o.Get("rows")
	items, isList := rows.([]any)
	if !isList && rows != nil || !told && p.count != 0 {
		return page{}, errPage
	}
	for _, item := range items {
		row, ok := item.(jsondoc.Object)
		if !ok {
			return page{}, errPage
		}
		p.rows = append(p.rows, row)
	}
	return p, nil
}

// How often a list of several pages is read, and how many pages it may have.
const (
	mostRounds = 3
	mostPages  = 100_000
)

// walk emits what was modified since the mark, each version once, and returns the newest modification time.
func (c *Conn) walk(ctx context.Context, l *list, mark time.Time, emit func(connectors.Record) error) (newest time.Time, err error) {
	since := mark
	if !mark.IsZero() {
		since = mark.Add(-c.cfg.Overlap)
	}
	w := walker{conn: c, list: l, since: since, newest: mark, seen: map[string]time.Time{}, emit: emit}
	for range mostRounds {
		before := w.news
		pages, err := w.round(ctx)
		if err != nil {
			return w.newest, err
		}
		if pages < 2 || w.news == before {
			break
		}
	}
	return w.newest, nil
}

// walker is one reading of a list.
type walker struct {
	conn   *Conn
	list   *list
	since  time.Time
	newest time.Time
	seen   map[string]time.Time // the versions emitted, by id
	news   int
	emit   func(connectors.Record) error
}

// round reads all pages. How many rows a page has is the platform's choice: some lists give 100 whatever is asked for. So the end is where the answer says it is, or an
// empty page.
func (w *walker) round(ctx context.Context) (pages int, err error) {
	return w.pages(ctx, w.take)
}

func (w *walker) pages(ctx context.Context, take func(context.Context, jsondoc.Object) error) (pages int, err error) {
	rows := 0
	for n := 1; n <= mostPages; n++ {
		p, err := w.conn.page(ctx, w.list, n, w.conn.cfg.PageSize, w.since)
		if err != nil {
			return n, err
		}
		for _, row := range p.rows {
			if err := take(ctx, row); err != nil {
				return n, err
			}
		}
		rows += len(p.rows)
		if len(p.rows) == 0 || p.pages > 0 && n >= p.pages || p.pages == 0 && p.count >= 0 && rows >= p.count {
			return n, nil
		}
	}
	return mostPages, errPage
}

// take emits a row unless this version was emitted, or is older than what was asked for: the platform may not know the filter. Of a row that cannot be read it says why.
func (w *walker) take(ctx context.Context, row jsondoc.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rec, err := w.list.record(w.conn, w.list, row)
	if w.conn.keep {
		var rawErr error
		if rec.Raw, rawErr = json.Marshal(row); rawErr != nil {
			return rawErr // it was JSON
		}
	}
	if err != nil {
		return w.unread(rec, err)
	}
	if at, ok := w.seen[rec.ID]; ok && !rec.ModifiedAt.After(at) || rec.ModifiedAt.Before(w.since) {
		return nil
	}
	if err := w.emit(rec); err != nil {
		return err
	}
	w.seen[rec.ID] = rec.ModifiedAt
	w.news++
	if rec.ModifiedAt.After(w.newest) && !rec.ModifiedAt.After(w.conn.now()) { // a time from the future would hide what comes
		w.newest = rec.ModifiedAt
	}
	return nil
}

// unread emits what says why a row cannot be read.
func (w *walker) unread(rec connectors.Record, why error) error {
	if !rec.ModifiedAt.IsZero() && rec.ModifiedAt.Before(w.since) {
		return nil
	}
	bad := connectors.Unreadable(w.list.kind, why)
	bad.ID, bad.ModifiedAt, bad.Raw = rec.ID, rec.ModifiedAt, rec.Raw
	return w.emit(bad)
}
