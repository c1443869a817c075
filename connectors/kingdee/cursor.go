package kingdee

import (
	"encoding/json"
	"fmt"
	"time"

	"lingke/connectors"
)

// cursor is what a connectors.Cursor holds, as JSON: a mark per form and key of time ("BD_Customer/FModifyDate"). Every
// version of a document whose time is before the mark has been emitted.
type cursor struct {
	Version int             `json:"v"`
	Marks   map[string]mark `json:"marks"`
}

// mark is a second of the site's clock, and inside that second an id: documents of the second with ids up to it have been
// emitted too. The id lets a pull resume in the middle of a mass import, whose documents all carry one time.
type mark struct {
	At    string `json:"at"`
	After string `json:"after,omitempty"`
}

func readCursor(c connectors.Cursor) (*cursor, error) {
	if c == "" {
		return &cursor{Version: 1, Marks: map[string]mark{}}, nil
	}
	out := &cursor{}
	if err := json.Unmarshal([]byte(c), out); err != nil {
		return nil, fmt.Errorf("the cursor is not one of this connector: %w", connectors.ErrConfig)
	}
	if out.Version != 1 || out.Marks == nil {
		return nil, fmt.Errorf("the cursor has version %d, expected 1: %w", out.Version, connectors.ErrConfig)
	}
	for name, m := range out.Marks {
		if _, err := time.Parse(filterTime, m.At); err != nil {
			return nil, fmt.Errorf("the cursor's time of %s cannot be read: %w", name, connectors.ErrConfig)
		}
	}
	return out, nil
}

func (c *cursor) text() connectors.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // texts and one number: cannot fail
		panic(err)
	}
	return connectors.Cursor(b)
}

// place is how far a walk has come, in naive time. Every document before the second at is done, and in that second, where
// inside is set, those with ids up to after.
type place struct {
	at     time.Time
	inside bool
	after  string
}

// beginning is older than any document, and a time that every database can compare with.
var beginning = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

func (m mark) place() place {
	at, err := time.Parse(filterTime, m.At)
	if err != nil {
		return place{at: beginning}
	}
	return place{at: at, inside: m.After != "", after: m.After}
}

// settled is the age from which a second counts as complete: nothing that carries it becomes visible later, whatever the
// site's transactions and the difference between its clock and ours.
const settled = 24 * time.Hour

// mark is the mark for next time. Near now it goes back by overlap. A time in the future (the site's clock was wrong, or
// somebody typed the date) counts as now, else nothing after it would ever be read. Older places stay as they are, so that
// the middle of a long first pull is resumed exactly and an idle site is not read again and again. It is never before start.
func (p place) mark(start place, now time.Time, overlap time.Duration) mark {
	now = now.Truncate(time.Second)
	if p.at.After(now) {
		p = place{at: now}
	}
	if now.Sub(p.at) <= max(settled, 2*overlap) {
		p = place{at: p.at.Add(-overlap)}
	}
	if p.at.Before(start.at) {
		p = start
	}
	return mark{At: p.at.Truncate(time.Second).Format(filterTime), After: p.after}
}
