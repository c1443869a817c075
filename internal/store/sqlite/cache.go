package sqlite

import (
	"context"
	"database/sql"
	"strconv"
)

// Where SQLite splits a page, it may swap neighbours by way of the page number of its lock, at 1 GiB (balance_nonroot in btree.c). The commit then looks through the whole cache for pages beyond the end of the
// file, which with 64 MB takes as long as many a write: under load every fifth moment of a processor went there. In bulk a commit holds thousands of pages, so that the look is nothing and a large cache
// saves a fifth of the time. So the cache is large for as long as bulk lasts.
const (
	smallCache = 16 // MB
	largeCache = 64
	bulkPages  = 500 // in one commit
	bulkEnds   = 100 // after as many smaller commits
)

// cache is how much of the file the writer's connection keeps in memory.
type cache struct {
	conn *sql.Conn
	bulk int // smaller commits until the cache shrinks; 0 where it is small
}

// committed is told how many pages a commit wrote.
func (c *cache) committed(pages int) {
	switch {
	case pages >= bulkPages:
		if c.bulk == 0 {
			c.resize(largeCache)
		}
		c.bulk = bulkEnds
	case c.bulk > 0:
		if c.bulk--; c.bulk == 0 {
			c.resize(smallCache)
		}
	}
}

// resize matters for speed only, so what goes wrong with it is left.
func (c *cache) resize(mb int) {
	_, _ = c.conn.ExecContext(context.Background(), "PRAGMA cache_size = -"+strconv.Itoa(mb<<10))
}
