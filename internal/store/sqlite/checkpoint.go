package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/vfs"
)

// The log of changes (WAL, https://sqlite.org/wal.html) is copied back into the file beside the writer, which alone would keep every write waiting for it. SQLite makes a copy durable only where it reaches
// the end of the log, which is in the writer's part (below): so each copy is made durable here, or the writer would wait for all of it. Copies are of copyPages pages at least: smaller ones write the same pages
// more often, larger ones keep the disk from the writer for longer. In bulk they are larger, since there are at most 20 a second.
//
// From logPages pages (32 MB) on, what is written meanwhile is copied in further rounds, and the last restPages pages by the writer itself between two transactions: only where everything is copied does the log begin
// anew instead of growing, and a page that the file system has to find room for first takes several times as long to become durable.
const (
	copyPages = 1000
	copyPause = time.Second / 20
	logPages  = 8000
	restPages = 100
	maxRounds = 4
)

// checkpointer copies the log back beside a writer.
type checkpointer struct {
	db    *sql.DB
	conn  *sql.Conn
	file  vfs.File // as conn has it
	next  atomic.Int64
	full  chan struct{} // holds one where the log has next pages or more
	ended chan struct{}

	pages int // of the log after the last commit; for the writer only, as is wrote
	wrote int // pages since lately was called
}

// openCheckpointer makes the writer's connection tell how long the log is, in place of SQLite's own copying.
func openCheckpointer(ctx context.Context, abs string, writer *sql.Conn) (*checkpointer, error) {
	db, err := openPool(dsn(abs, "deferred", 1))
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: db, full: make(chan struct{}, 1), ended: make(chan struct{})}
	c.next.Store(copyPages)
	if c.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	err = within(c.conn, func(own *sqlite3.Conn) error {
		file, err := own.FileControl("", sqlite3.FCNTL_FILE_POINTER)
		c.file, _ = file.(vfs.File)
		return err
	})
	if err == nil {
		err = within(writer, func(own *sqlite3.Conn) error {
			own.WALHook(c.written)
			return nil
		})
	}
	if err != nil {
		return nil, errors.Join(err, c.conn.Close(), db.Close())
	}
	return c, nil
}

// within calls f with the driver's connection.
func within(conn *sql.Conn, f func(*sqlite3.Conn) error) error {
	return conn.Raw(func(conn any) error {
		own, ok := conn.(driver.Conn)
		if !ok {
			return fmt.Errorf("connection of another driver: %T", conn)
		}
		return f(own.Raw())
	})
}

// written is called by the writer's connection after each commit.
func (c *checkpointer) written(_ *sqlite3.Conn, _ string, pages int) error {
	if pages < c.pages { // the log began anew
		c.next.Store(copyPages)
		c.pages = 0
	}
	c.wrote += pages - c.pages
	c.pages = pages
	if int64(pages) >= c.next.Load() {
		select {
		case c.full <- struct{}{}:
		default:
		}
	}
	return nil
}

// lately returns how many pages were written since it was called last.
func (c *checkpointer) lately() int {
	wrote := c.wrote
	c.wrote = 0
	return wrote
}

// run copies whenever the log is full, until stop is closed. Where the writer is to copy the rest, nothing is copied meanwhile: two at once would hinder each other.
func (c *checkpointer) run(rest chan<- struct{}, stop <-chan struct{}) {
	defer close(c.ended)
	for {
		select {
		case <-c.full:
		case <-stop:
			return
		}
		pause := time.After(copyPause)
		if c.copy() {
			select {
			case rest <- struct{}{}:
				continue // a long log is not left to grow
			case <-stop:
				return
			}
		}
		select {
		case <-pause:
		case <-stop:
			return
		}
	}
}

// copy copies, and reports whether the writer is to copy the rest so that the log begins anew. After an error the log just grows until the next time.
func (c *checkpointer) copy() bool {
	for range maxRounds {
		pages, left, err := copyBack(c.conn)
		if err == nil {
			err = c.file.Sync(vfs.SYNC_NORMAL)
		}
		c.next.Store(int64(pages - left + copyPages))
		if err != nil || pages < logPages {
			return false
		}
		if left <= restPages {
			break
		}
	}
	return true
}

// close ends the connection after run.
func (c *checkpointer) close() error {
	<-c.ended
	return errors.Join(c.conn.Close(), c.db.Close())
}

// copyBack copies what of the log can be copied without keeping anybody waiting, and returns how many pages the log has and how many of them are left.
func copyBack(conn *sql.Conn) (pages, left int, err error) {
	var busy, copied int
	if err := conn.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied); err != nil {
		return 0, 0, fmt.Errorf("copying the log back: %w", err)
	}
	return pages, pages - copied, nil
}
