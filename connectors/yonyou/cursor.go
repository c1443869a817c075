package yonyou

import (
	"encoding/json"
	"fmt"
	"time"

	"lingke/connectors"
)

// cursor is what a connectors.Cursor holds, as JSON: a mark for each list that is read.
type cursor struct {
	Version int              `json:"v"`
	Dialect string           `json:"d"`
	Marks   map[string]*mark `json:"marks"`
}

// mark is how far one list has come. Everything that the platform changed before From has been emitted. Began is set
// while a walk is under way: it started then, and has done the pages up to Page, or the ids up to After. Times are as the
// platform writes them.
type mark struct {
	From  string `json:"from,omitempty"`
	Began string `json:"began,omitempty"`
	Page  int    `json:"page,omitempty"`
	After string `json:"after,omitempty"`
	// Seen is what recent things looked like, where the platform does not say when they changed.
	Seen map[string]string `json:"seen,omitempty"`
}

// readCursor reads a cursor of a dialect.
func readCursor(c connectors.Cursor, dialect string) (*cursor, error) {
	if c == "" {
		return &cursor{Version: 1, Dialect: dialect, Marks: map[string]*mark{}}, nil
	}
	out := &cursor{}
	if err := json.Unmarshal([]byte(c), out); err != nil || out.Version != 1 || out.Dialect != dialect || out.Marks == nil {
		return nil, fmt.Errorf("the cursor is not one of this connector: %w", connectors.ErrConfig)
	}
	for list, m := range out.Marks {
		if m == nil || !isStamp(m.From) || !isStamp(m.Began) || m.Page < 0 || len(m.After) > longestID {
			return nil, fmt.Errorf("the cursor's mark of %s cannot be read: %w", list, connectors.ErrConfig)
		}
	}
	return out, nil
}

func isStamp(s string) bool {
	_, err := time.Parse(stampLayout, s)
	return s == "" || err == nil
}

func (c *cursor) text() connectors.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // texts and numbers: cannot fail
		panic(err)
	}
	return connectors.Cursor(b)
}

// begin returns the mark of a list with a walk under way: the one that was interrupted, or a new one.
func (c *cursor) begin(list string, now time.Time) *mark {
	m := c.Marks[list]
	if m == nil {
		m = &mark{}
		c.Marks[list] = m
	}
	if m.Began == "" {
		m.Began = stamp(now)
	}
	return m
}

// end closes the walk. The next one starts overlap before this one began: what changed meanwhile is read again, and so is
// what became visible some time after the moment that it carries.
func (m *mark) end(overlap time.Duration) {
	began, err := time.Parse(stampLayout, m.Began)
	if err != nil { // readCursor and begin let nothing else in
		panic(err)
	}
	*m = mark{From: began.Add(-overlap).Format(stampLayout)}
}
