// Package sqlite is the store of a team on one machine: one file, no set-up, durable.
//
// The way of a write: the caller's goroutine encodes the record and queues a request; one writer goroutine (writer.go) takes all
// requests that wait, events before others, runs them in one transaction and commits once, so that sixty simultaneous writes cost one fsync. A
// request is answered only after that commit. Reads go to a small pool of connections of their own, which see the last commit.
//
// Records are JSON documents beside the columns that queries and guards need (schema.go). What changes often or is not part of a
// record's JSON has columns too: the state of a delivery (deliveryrow.go), the effects and the Rev of a customer. So the writer moves
// texts that others encoded, and decodes next to nothing. Times are kept as milliseconds since 1970, UTC.
//
// Other processes may open the same file: SQLite's own lock lets one of them write at a time. The file must lie on a local disk.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"lingke/internal/store"
)

// busyTimeout is how long a write waits for another process to finish its transaction.
const busyTimeout = 10 * time.Second

// ErrClosed is the error of every write after Close.
var ErrClosed = errors.New("store is closed")

// Store keeps everything in one SQLite file. Its methods may be called from any number of goroutines.
type Store struct {
	*writer
	*reader
}

var _ store.Store = (*Store)(nil)

// Option changes a rare setting of Open.
type Option func(*settings)

type settings struct {
	readers int
	batch   int
}

func settingsOf(opts []Option) settings {
	set := settings{readers: 4, batch: 4096}
	for _, opt := range opts {
		opt(&set)
	}
	return set
}

// WithReaders sets how many reads run at once (default 4).
func WithReaders(n int) Option { return func(s *settings) { s.readers = max(n, 1) } }

// withBatch sets how many waiting writes are committed together at most; 1 shows what one transaction for each write costs.
func withBatch(n int) Option { return func(s *settings) { s.batch = n } }

// Open opens the store in the file at path and brings its schema up to date; file and folder are created if they are missing, for
// this user only. ErrNewer where a newer version of the program wrote the file.
func Open(ctx context.Context, path string, opts ...Option) (*Store, error) {
	set := settingsOf(opts)
	abs, err := createFile(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	w, err := openWriter(ctx, abs, set.batch)
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening %s: %w", path, err)
	}
	r, err := openReader(abs, set.readers)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: opening %s: %w", path, err), w.close())
	}
	return &Store{writer: w, reader: r}, nil
}

// Ping reports whether the file can be read and the writer still takes requests.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.do(ctx, func(*tx) error { return nil }); err != nil {
		return err
	}
	return s.reader.db.PingContext(ctx)
}

// Close finishes the writes under way, refuses later ones and closes the file. Closing again does nothing.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.reader.close())
}

// createFile makes sure that the file exists and is private, and returns its absolute path.
func createFile(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return "", fmt.Errorf("%q is no file name", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	return abs, f.Close()
}

// dsn carries the pragmas, so that each connection of a pool has them.
func dsn(abs, txlock string, cacheMB int, pragmas ...string) string {
	all := append([]string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "temp_store(memory)",
		"cache_size(-" + strconv.Itoa(cacheMB<<10) + ")", "wal_autocheckpoint(" + strconv.Itoa(logPages) + ")", "journal_size_limit(67108864)",
	}, pragmas...)
	query := url.Values{"_txlock": {txlock}, "_pragma": all}
	return "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath() + "?" + query.Encode()
}

// openPool and the imports above are all that ties the package to one driver. Its connections keep the plan of a prepared statement
// whatever is bound to it (QPSG, https://sqlite.org/c3ref/c_dbconfig_defensive.html): without that, SQLite parses a statement with
// "LIMIT ?" again at nearly every execution, in case the number makes another plan better, but here plans name their indexes.
func openPool(dsn string) (*sql.DB, error) {
	return driver.Open(dsn, func(c *sqlite3.Conn) error {
		_, err := c.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true)
		return err
	})
}

// ms and instant turn instants into columns and back.
func ms(t time.Time) int64       { return t.UnixMilli() }
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// never is the column of the zero time, which instant turns into the zero time again.
var never = ms(time.Time{})

// found names what is missing.
func found(err error, what, id string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s %q: %w", what, id, store.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s %q: %w", what, id, err)
	}
	return nil
}
