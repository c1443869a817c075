package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// The log of changes (WAL, https://sqlite.org/wal.html) is copied back into the file when it has logPages pages (32 MB), not SQLite's 1,000: bulk writes get 1.5 times as fast. It is copied beside the
// writer, which alone would keep every write waiting for 10 to 40 ms, twice a second under load. What is written meanwhile is copied in further rounds, and the last restPages pages by the writer
// itself between two transactions: only where everything is copied does the log begin anew instead of growing, and a page that the file system has to find room for first takes several times as long to
// become durable.
const (
	logPages  = 8000
	restPages = 256
	maxRounds = 4
)

// checkpointer copies the log back beside a writer.
type checkpointer struct {
	db    *sql.DB
	full  chan struct{} // holds one where the log has logPages pages or more
	ended chan struct{}
}

// openCheckpointer makes the writer's connection tell how long the log is, in place of SQLite's own copying.
func openCheckpointer(abs string, writer *sql.Conn) (*checkpointer, error) {
	db, err := openPool(dsn(abs, "deferred", 1))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &checkpointer{db: db, full: make(chan struct{}, 1), ended: make(chan struct{})}
	err = writer.Raw(func(conn any) error {
		own, ok := conn.(driver.Conn)
		if !ok {
			return fmt.Errorf("connection of another driver: %T", conn)
		}
		own.Raw().WALHook(c.written)
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

// written is called by the writer's connection after each commit.
func (c *checkpointer) written(_ *sqlite3.Conn, _ string, pages int) error {
	if pages >= logPages {
		select {
		case c.full <- struct{}{}:
		default:
		}
	}
	return nil
}

// run copies whenever the log is full, until stop is closed. Then it has the writer copy the rest, and copies nothing meanwhile: two at once would hinder each other.
func (c *checkpointer) run(rest chan<- struct{}, stop <-chan struct{}) {
	defer close(c.ended)
	for {
		select {
		case <-c.full:
		case <-stop:
			return
		}
		for range maxRounds {
			if left, err := copyBack(c.db); err != nil || left <= restPages {
				break // after an error the log just grows until the next time
			}
		}
		select {
		case rest <- struct{}{}:
		case <-stop:
			return
		}
	}
}

// close ends the connection after run.
func (c *checkpointer) close() error {
	<-c.ended
	return c.db.Close()
}

// copyBack copies what of the log can be copied without keeping anybody waiting, and returns how many pages are left.
func copyBack(on interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (left int, err error) {
	var busy, pages, copied int
	if err := on.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &copied); err != nil {
		return 0, fmt.Errorf("copying the log back: %w", err)
	}
	return pages - copied, nil
}
