// Package connections keeps how each connector does: when it ran last, what that brought, what went wrong, and when it runs next. People read it in chat, over the API and in metrics.
package connections

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// Run is one pull that ended.
type Run struct {
	Began   time.Time     `json:"began"`
	Took    time.Duration `json:"took"` // nanoseconds
	Records int           `json:"records"`
	Refused int           `json:"refused"`
	Error   string        `json:"error,omitempty"`
}

// Status is how a connector does. Times are UTC with milliseconds; the zero time means never.
type Status struct {
	Name  string    `json:"-"`
	Type  string    `json:"-"`
	Pulls bool      `json:"-"` // false for one whose source pushes
	Next  time.Time `json:"-"` // when it is due; zero for one that runs by hand only
	// Last is the last run, and Good when the last one without an error began: what changed at the source since then may be missing.
	Last Run       `json:"last"`
	Good time.Time `json:"good,omitzero"`
	// Failures are the latest failed runs, newest first, at most maxFailures. Failed counts those since the last good one.
	Failures []Run `json:"failures,omitempty"`
	Failed   int   `json:"failed,omitempty"`
	// Scan is the last look for what was deleted at the source.
	Scan Scan `json:"scan,omitzero"`
	// Refused is how many things of the source could not be taken in and wait until they can: the source or the mapping has to change. First are a few of them.
	Refused int       `json:"-"`
	First   []Refusal `json:"-"`
}

// Refusal is a thing that could not be taken in.
type Refusal struct {
	What string // "order 12"
	Why  string
}

// Scan is one look for deletions that ended.
type Scan struct {
	Began time.Time     `json:"began"`
	Took  time.Duration `json:"took"` // nanoseconds
	Gone  int           `json:"gone"` // marked as deleted
	Back  int           `json:"back"` // marked before, and there again
	Error string        `json:"error,omitempty"`
}

// Lag is for how long what changes at the source may have been missing at an instant; 0 where nothing was ever pulled.
func (s Status) Lag(now time.Time) time.Duration {
	if s.Good.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.Good))
}

const maxFailures = 5

// documents is the part of the store that keeps statuses.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	PutDocument(ctx context.Context, name string, text []byte) error
}

// Ledger keeps the statuses. Its methods may be called from several goroutines.
type Ledger struct {
	documents documents
	now       func() time.Time
	mu        sync.Mutex
}

// NewLedger returns a Ledger.
func NewLedger(d documents, now func() time.Time) *Ledger { return &Ledger{documents: d, now: now} }

// Track runs a pull and notes what came of it. The error is the pull's; a note that cannot be made is joined to the error by wrapping only where the pull itself succeeded.
func (l *Ledger) Track(ctx context.Context, name string, pull func() (records, refused int, err error)) (Run, error) {
	began := l.now().UTC().Truncate(time.Millisecond)
	records, refused, err := pull()
	run := Run{Began: began, Took: l.now().Sub(began), Records: records, Refused: refused}
	if err != nil {
		run.Error = err.Error()
	}
	noteErr := l.note(context.WithoutCancel(ctx), name, func(s Status) Status { return s.after(run) })
	if err == nil && noteErr != nil {
		err = fmt.Errorf("note the run of %s: %w", name, noteErr)
	}
	return run, err
}

// TrackScan runs a scan for deletions and notes what came of it, as Track does.
func (l *Ledger) TrackScan(ctx context.Context, name string, scan func() (gone, back int, err error)) error {
	began := l.now().UTC().Truncate(time.Millisecond)
	gone, back, err := scan()
	done := Scan{Began: began, Took: l.now().Sub(began), Gone: gone, Back: back}
	if err != nil {
		done.Error = err.Error()
	}
	noteErr := l.note(context.WithoutCancel(ctx), name, func(s Status) Status {
		s.Scan = done
		return s
	})
	if err == nil && noteErr != nil {
		err = fmt.Errorf("note the scan of %s: %w", name, noteErr)
	}
	return err
}

func (l *Ledger) note(ctx context.Context, name string, change func(Status) Status) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, err := l.Status(ctx, name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(change(s))
	if err != nil {
		return err
	}
	return l.documents.PutDocument(ctx, document(name), text)
}

func (s Status) after(run Run) Status {
	s.Last = run
	if run.Error == "" {
		s.Good, s.Failed = run.Began, 0
		return s
	}
	s.Failed++
	s.Failures = append([]Run{run}, s.Failures...)
	s.Failures = s.Failures[:min(len(s.Failures), maxFailures)]
	return s
}

func document(name string) string { return "connection/" + name }

// Status returns how a connector does, without what only the config knows.
func (l *Ledger) Status(ctx context.Context, name string) (Status, error) {
	s := Status{Name: name}
	text, err := l.documents.Document(ctx, document(name))
	if err != nil || text == nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("status of %s: %w", name, err)
	}
	return s, nil
}
