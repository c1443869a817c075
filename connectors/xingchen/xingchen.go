// Package xingchen reads customers and sales orders from Kingdee 金蝶云·星辰 through the open platform (api.kingdee.com).
//
// The way of one Pull:
//
//	Cursor ──▶ a mark per list ──▶ walk (list.go): page after page, again until a round brings nothing new
//	                                 │ rows
//	                                 ▼
//	                   records.go ──▶ emit ──▶ a new mark
//
// Every call goes through call.go, which signs it (sign.go), adds the app-token (token.go), renews that once when it is refused, and waits when the platform asks
// to slow down. The platform has no documented order of its lists, so a walk of several pages is read again until a round brings nothing new, at most three
// times: a row that moves to a page already read is then found, and what is changed later than that carries a later time and comes with the next pull.
//
// What is not certain about the platform is named in the page of the connectors for Kingdee (connectors/kingdee/README.md) and tolerated in both readings here.
package xingchen

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lingke/connectors"
)

// The compiler keeps these promises.
var (
	_ connectors.Resumable = (*Conn)(nil)
	_ connectors.Checker   = (*Conn)(nil)
	_ connectors.Rereader  = (*Conn)(nil)
)

// Conn is a connection to one account (账套). Check may be called at any time; one Pull runs at a time.
type Conn struct {
	id      string
	cfg     Config
	lists   []*list
	http    *http.Client
	log     *slog.Logger
	now     func() time.Time
	sleep   func(ctx context.Context, d time.Duration) error
	secrets atomic.Pointer[strings.Replacer]
	tokens  tokens
	pace    sync.Mutex
	keep    bool      // see KeepRaw
	free    time.Time // when the budget allows the next call
}

// cursor is what a connectors.Cursor holds: the newest modification time that was read of each list.
type cursor struct {
	Version int                  `json:"v"`
	Marks   map[string]time.Time `json:"marks"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	out := cursor{Version: 1, Marks: map[string]time.Time{}}
	if c == "" {
		return out, nil
	}
	if err := json.Unmarshal([]byte(c), &out); err != nil || out.Version != 1 || out.Marks == nil {
		return out, fmt.Errorf("the cursor is not one of this connector: %w", connectors.ErrConfig)
	}
	return out, nil
}

func (c cursor) text() connectors.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // times and texts: cannot fail
		panic(err)
	}
	return connectors.Cursor(b)
}

// Pull emits the orders and then the customers that changed since the cursor. The last Config.Overlap before the newest record is read again each time.
func (c *Conn) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return c.PullAlong(ctx, since, emit, func(connectors.Cursor) error { return nil })
}

// PullAlong is Pull that reports its cursor after each list.
func (c *Conn) PullAlong(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	cur, err := readCursor(since)
	if err != nil {
		return since, fmt.Errorf("xingchen %q: %w", c.id, err)
	}
	for _, l := range c.lists {
		newest, err := c.walk(ctx, l, cur.Marks[l.name], emit)
		if err == nil {
			if newest.After(cur.Marks[l.name]) {
				cur.Marks[l.name] = newest
			}
			err = reached(cur.text())
		}
		if err != nil {
			return cur.text(), fmt.Errorf("xingchen %q: %s: %w", c.id, l.name, err)
		}
	}
	return cur.text(), nil
}

// Check tries the credentials with a page of each list. The platform does not describe its lists, and a row may leave out what is empty, so what the mapping reads
// and none of these rows has is a warning in the log.
func (c *Conn) Check(ctx context.Context) error {
	for _, l := range c.lists {
		p, err := c.page(ctx, l, 1, defaultPageSize, time.Time{})
		if err != nil {
			return fmt.Errorf("xingchen %q: check %s: %w", c.id, l.name, err)
		}
		if err := l.mapping.CheckSource(l.kind, fieldsOf(p.rows)); err != nil {
			c.log.LogAttrs(ctx, slog.LevelWarn, "no row of the first page has a field of the mapping", slog.String("list", l.name), slog.Any("err", err))
		}
	}
	return nil
}
