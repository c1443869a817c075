package kingdee

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/connectors"
)

// walk reads one form from a place on.
//
// Usually a page asks for everything since the second of the last document and so reads that second again; what was
// emitted of it already is skipped. Where one second fills a whole page (a mass import), the walk goes inside that second
// and pages by id, and then on to the next second. Rows are never counted across changes: a document that somebody
// changes leaves the past for a later second, where the walk will find it. The last document of a full page waits for the
// next one, as some of its lines may be there.
type walk struct {
	conn  *Conn
	form  *form
	lay   layout
	at    place
	start place
	seen  map[string]string // ids emitted of the second at, with their times as told
	moved bool              // a row was found: at says more than the old mark
	emit  func(connectors.Record) error
}

// pullForm walks one form in all its passes, and again with fewer fields where the site turns out not to know one. along is called after each page,
// when cur says how far that was.
func (c *Conn) pullForm(ctx context.Context, f *form, cur *cursor, emit func(connectors.Record) error, along func() error) error {
	for {
		err := c.pullPasses(ctx, f, cur, emit, along)
		if err == nil || !c.adapt(ctx, f, err) {
			return err
		}
	}
}

func (c *Conn) pullPasses(ctx context.Context, f *form, cur *cursor, emit func(connectors.Record) error, along func() error) error {
	for _, key := range f.passes() {
		w := &walk{conn: c, form: f, lay: f.layout(key), at: place{at: beginning}, seen: map[string]string{}, emit: emit}
		name := f.id + "/" + key
		if m, ok := cur.Marks[name]; ok {
			w.at = m.place()
		}
		w.start = w.at
		note := func() {
			if w.moved {
				cur.Marks[name] = w.at.mark(w.start, naive(c.now(), c.cfg.Location), c.overlap(w.lay))
			}
		}
		err := w.run(ctx, func() error {
			note()
			return along()
		})
		note() // whether it succeeded or not
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) overlap(l layout) time.Duration {
	if l.timeKey == dateKey {
		return max(businessLookBack, c.cfg.Overlap)
	}
	return c.cfg.Overlap
}

// run reads page after page and calls turned between two of them.
func (w *walk) run(ctx context.Context, turned func() error) error {
	for done := false; !done; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if w.at.inside {
			err = w.pageInside(ctx)
		} else {
			done, err = w.pageSince(ctx)
		}
		if err == nil && !done {
			err = turned()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pageSince reads one page in the order of time and tells whether it was the last.
func (w *walk) pageSince(ctx context.Context) (done bool, err error) {
	from := w.at.at
	docs, full, err := w.page(ctx, w.lay.since(from, w.limit()))
	if err != nil {
		return false, err
	}
	ready := docs
	if full && w.lay.lines != "" {
		ready = docs[:len(docs)-1]
	}
	for _, d := range ready {
		if err := w.take(ctx, d); err != nil {
			return false, err
		}
	}
	if !full {
		return true, nil
	}
	if err := w.reach(docs[len(docs)-1].at); err != nil {
		return false, err
	}
	w.at.inside = w.at.at.Equal(from) // the page did not get out of its first second
	return false, nil
}

// pageInside reads one page of the current second in the order of ids, and leaves the second after its last page.
func (w *walk) pageInside(ctx context.Context) error {
	docs, full, err := w.page(ctx, w.lay.within(w.at.at, w.at.after, w.limit()))
	if err != nil {
		return err
	}
	if full && w.lay.lines != "" {
		if len(docs) == 1 {
			if docs[0], err = w.whole(ctx, docs[0]); err != nil {
				return err
			}
		} else {
			docs = docs[:len(docs)-1]
		}
	}
	for _, d := range docs {
		if err := w.takeInside(ctx, d); err != nil {
			return err
		}
	}
	if !full {
		w.at, w.seen = place{at: w.at.at.Add(time.Second)}, map[string]string{}
	}
	return nil
}

// whole reads a document that has more lines than a page. Inside one second its lines do not move.
func (w *walk) whole(ctx context.Context, d document) (document, error) {
	rows := d.rows[:0:0]
	for {
		page, err := w.conn.query(ctx, w.lay.document(w.at.at, d.id, len(rows), w.limit()), len(w.lay.keys))
		if err != nil {
			return d, err
		}
		rows = append(rows, page...)
		if len(page) < w.limit() {
			break
		}
	}
	if len(rows) > 0 { // none are left where somebody has changed it just now; it will come again
		d.rows = rows
	}
	return d, nil
}

// take emits a document of a page in the order of time.
func (w *walk) take(ctx context.Context, d document) error {
	if err := w.reach(d.at); err != nil {
		return err
	}
	if stamp, ok := w.seen[d.id]; ok && stamp == d.stamp {
		return nil
	}
	if err := w.deliver(ctx, d); err != nil {
		return err
	}
	w.seen[d.id] = d.stamp
	return nil
}

// takeInside emits a document of a page in the order of ids.
func (w *walk) takeInside(ctx context.Context, d document) error {
	if stamp, ok := w.seen[d.id]; !ok || stamp != d.stamp {
		if err := w.deliver(ctx, d); err != nil {
			return err
		}
	}
	w.at.after = d.id
	return nil
}

var errOrder = errors.New("the site does not keep the order that was asked for")

// reach moves the walk to the second of at: all that came before is done.
func (w *walk) reach(at time.Time) error {
	second := at.Truncate(time.Second)
	switch {
	case second.Before(w.at.at):
		return fmt.Errorf("%s %s after %s: %w", w.lay.timeKey, second.Format(filterTime), w.at.at.Format(filterTime), errOrder)
	case second.After(w.at.at):
		w.at, w.seen = place{at: second}, map[string]string{}
	}
	w.moved = true
	return nil
}

// deliver makes the record and emits it, or one that says why a document cannot be read.
func (w *walk) deliver(ctx context.Context, d document) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.moved = true
	rec, err := w.conn.recordOf(w.form, w.lay, d.rows)
	if err != nil {
		unread := connectors.Unreadable(w.form.kind, err)
		unread.ID, unread.ModifiedAt = d.id, rec.ModifiedAt
		rec = unread
	}
	if w.conn.keep {
		if rec.Raw, err = rawOf(w.form, w.lay, d.rows); err != nil {
			return err // cells are JSON
		}
	}
	return w.emit(rec)
}

func (w *walk) limit() int { return w.conn.cfg.PageSize }
