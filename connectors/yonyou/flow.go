package yonyou

import (
	"context"
	"fmt"

	"lingke/connectors"
)

// flow is one pull under way: where its records go, and how far it has come.
type flow struct {
	emit    func(connectors.Record) error
	reached func(connectors.Cursor) error
	cur     *cursor
}

// along tells how far the pull has come, between two pages.
func (f *flow) along() error { return f.reached(f.cur.text()) }

// nobody is told on the way.
func nobody(connectors.Cursor) error { return nil }

// list is one list that a pull reads.
type list struct {
	name string
	pull func(context.Context, *flow) error
}

// pullAlong reads the lists one after another. A failed one leaves the cursor where nothing is missed.
func (l *link) pullAlong(ctx context.Context, dialect string, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error, lists ...list) (connectors.Cursor, error) {
	cur, err := readCursor(since, dialect)
	if err != nil {
		return since, fmt.Errorf("%s %q: %w", dialect, l.id, err)
	}
	f := &flow{emit: emit, reached: reached, cur: cur}
	for _, one := range lists {
		if err := one.pull(ctx, f); err != nil {
			return cur.text(), fmt.Errorf("%s %q: pull %s: %w", dialect, l.id, one.name, err)
		}
	}
	return cur.text(), nil
}
