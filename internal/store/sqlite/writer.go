package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// writer owns the one connection that writes. Requests that wait are run in one transaction and committed together.
//
// Requests do not disturb each other: one that refuses before it has written anything (ErrConflict, ErrLeaseLost, …) just leaves its
// error; if one fails after it wrote, the transaction is rolled back and all its requests are run again, that one alone (settle).
// So a request must be safe to run more than once. A failed commit fails every request of the transaction.
type writer struct {
	db       *sql.DB
	conn     *sql.Conn
	prepared map[string]*sql.Stmt // by text; used by the writer goroutine only
	queue    *queue
	ended    chan struct{}

	cache   cache
	copying *checkpointer
	rest    chan struct{} // is sent to where the writer is to copy the rest of the log back
}

// tx is the transaction that a request runs in. It is valid during the request only.
type tx struct {
	w     *writer
	wrote bool // in the present request
	moved bool // the mark of history was
}

func openWriter(ctx context.Context, abs string, batch int) (*writer, error) {
	db, err := openPool(dsn(abs, "immediate", smallCache))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	copying, err := openCheckpointer(ctx, abs, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	w := &writer{
		db: db, conn: conn, prepared: map[string]*sql.Stmt{}, queue: newQueue(batch), ended: make(chan struct{}),
		cache: cache{conn: conn}, copying: copying, rest: make(chan struct{}),
	}
	go w.loop()
	go copying.run(w.rest, w.ended)
	return w, nil
}

// do queues run and waits for its commit. A context that ends before the writer takes the request withdraws it; after that do waits for the
// outcome, which is then near.
func (w *writer) do(ctx context.Context, run func(*tx) error) error { return w.wait(ctx, run, false) }

// doNow is do for what somebody outside waits for.
func (w *writer) doNow(ctx context.Context, run func(*tx) error) error { return w.wait(ctx, run, true) }

func (w *writer) wait(ctx context.Context, run func(*tx) error, press bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{run: run, press: press, done: make(chan struct{})}
	if err := w.queue.add(r); err != nil {
		return err
	}
	return r.outcome(ctx)
}

// doEach is do for each of 0…n-1, in that order and in few transactions, so that what presses need not wait for all of them. It returns the outcome of each.
func (w *writer) doEach(ctx context.Context, n int, run func(t *tx, i int) error) ([]error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all, outcomes := make([]*request, n), make([]error, n)
	for i := range all {
		all[i] = &request{run: func(t *tx) error { return run(t, i) }, done: make(chan struct{})}
	}
	if err := w.queue.add(all...); err != nil {
		return nil, err
	}
	for i, r := range all {
		outcomes[i] = r.outcome(ctx)
	}
	return outcomes, nil
}

// close lets the writer finish what is queued.
func (w *writer) close() error {
	first := w.queue.close()
	<-w.ended
	if !first {
		return nil
	}
	return errors.Join(w.copying.close(), w.conn.Close(), w.db.Close())
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		batch, ok := w.queue.next()
		if !ok {
			break
		}
		if left := w.settle(batch); len(left) > 0 {
			w.queue.putBack(left)
		}
		w.cache.committed(w.copying.lately())
		select {
		case <-w.rest:
			_, _, _ = copyBack(w.conn) // what cannot be copied now is copied next time
		default:
		}
	}
	for _, stmt := range w.prepared {
		_ = stmt.Close() // nothing is lost with a statement
	}
}

// settle commits a batch and answers its requests, but for those left. A batch with a request that fails is halved until that one is alone: in bulk a transaction for each would take seconds.
func (w *writer) settle(batch []*request) (left []*request) {
	left, ok := w.commit(batch)
	if !ok {
		half := len(batch) / 2
		return slices.Concat(w.settle(batch[:half]), w.settle(batch[half:]))
	}
	for _, r := range batch[:len(batch)-len(left)] {
		close(r.done)
	}
	return left
}

// uncut is how many requests of a batch are committed together even where something presses, so that bulk gets on.
const uncut = 8

// commit runs the batch in one transaction and sets the outcomes. What is left is to be run another time, since something presses. It reports false where one of several failed after it wrote; then nothing is done.
func (w *writer) commit(batch []*request) (left []*request, ok bool) {
	if len(batch) == 0 {
		return nil, true
	}
	t := &tx{w: w}
	if _, err := t.exec("BEGIN IMMEDIATE"); err != nil {
		w.rollback() // in case an earlier one failed
		fail(batch, fmt.Errorf("beginning to write: %w", err))
		return nil, true
	}
	for i, r := range batch {
		if i >= uncut && !r.press && w.queue.presses() {
			batch, left = batch[:i], batch[i:]
			break
		}
		t.wrote = false
		if r.err = r.run(t); r.err != nil && t.wrote {
			w.rollback()
			return nil, len(batch) == 1
		}
	}
	if _, err := t.exec("COMMIT"); err != nil {
		w.rollback()
		fail(batch, fmt.Errorf("committing: %w", err))
	}
	return left, true
}

// rollback ends the transaction; SQLite may have ended it already, which is as good.
func (w *writer) rollback() { _, _ = (&tx{w: w}).exec("ROLLBACK") }

func fail(batch []*request, err error) {
	for _, r := range batch {
		r.err = err
	}
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	stmt, err := t.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		t.wrote = true // perhaps
		return 0, err
	}
	n, err := result.RowsAffected()
	t.wrote = t.wrote || n != 0 || err != nil
	return n, err
}

// change runs a statement that changes rows and returns them, and calls scan for each.
func (t *tx) change(scan func(*sql.Rows) error, query string, args ...any) error {
	t.wrote = true
	return t.rows(scan, query, args...)
}

// rows runs a query and calls scan for each row.
func (t *tx) rows(scan func(*sql.Rows) error, query string, args ...any) error {
	stmt, err := t.prepare(query)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	return each(rows, err, scan)
}

// row reads one row; sql.ErrNoRows.
func (t *tx) row(dest []any, query string, args ...any) error {
	stmt, err := t.prepare(query)
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(context.Background(), args...).Scan(dest...)
}

// prepare keeps every statement: their texts are few.
func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if stmt, ok := t.w.prepared[query]; ok {
		return stmt, nil
	}
	stmt, err := t.w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("preparing: %w", err)
	}
	t.w.prepared[query] = stmt
	return stmt, nil
}
