// Package leave keeps when people do not work, as they and their managers say while the gateway runs. It lies in one document of the store, so that hand-out, clocks and deadlines follow it on all replicas: whoever changes it applies it at once, the others with
// their next look (Refresh).
package leave

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/store"
)

// The reasons why leave cannot be noted; test with errors.Is.
var (
	ErrOrder = errors.New("the leave ends before it begins")
	ErrPast  = errors.New("the leave is over already")
	ErrLong  = errors.New("the leave is longer than 200 days, or begins in more than a year")
	// ErrDeputy: somebody would stand in for themselves.
	ErrDeputy = errors.New("nobody is their own deputy")
	ErrMany   = errors.New("too many changes of leave at once")
)

// Entry is one leave of one person. Times are UTC with milliseconds; To is the first instant after it.
type Entry struct {
	Person string    `json:"person"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Why    string    `json:"why,omitempty"`
	Deputy string    `json:"deputy,omitempty"` // who gets the person's tasks that are due meanwhile; "": as the config says
	By     string    `json:"by,omitempty"`     // who noted it, where that is not the person
	At     time.Time `json:"at"`               // when it was noted
}

// book is the document.
type book struct {
	Leave []Entry `json:"leave,omitempty"` // by person, then From
}

const (
	name  = "leave"
	kept  = 400 * 24 * time.Hour // how long a leave is kept after it ended, for who asks why something waited
	tries = 50
)

// documents is the part of the store in which the document lies.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// Service keeps leave. Its methods may be called from several goroutines and processes.
type Service struct {
	documents documents
	now       func() time.Time
	changed   func()
	read      atomic.Pointer[state]
}

// state is the document as it was read last.
type state struct {
	text []byte
	book book
}

// New returns a Service of which nothing is known before the first Refresh. changed is called after what is known has changed, by whomever; it may ask All.
func New(d documents, now func() time.Time, changed func()) *Service {
	s := &Service{documents: d, now: now, changed: changed}
	s.read.Store(&state{})
	return s
}

// Refresh reads what others have changed.
func (s *Service) Refresh(ctx context.Context) error {
	text, err := s.documents.Document(ctx, name)
	if err != nil || bytes.Equal(text, s.read.Load().text) {
		return err
	}
	b, err := parse(text)
	if err != nil {
		return err
	}
	s.read.Store(&state{text, b})
	s.changed()
	return nil
}

func parse(text []byte) (b book, err error) {
	if len(text) == 0 {
		return b, nil
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("document %s: %w", name, err)
	}
	return b, nil
}

// All returns everybody's leave as it is known here, by person.
func (s *Service) All() map[string][]calendar.Leave {
	out := make(map[string][]calendar.Leave)
	for _, e := range s.read.Load().book.Leave {
		out[e.Person] = append(out[e.Person], calendar.Leave{From: e.From, To: e.To})
	}
	return out
}

// Entries returns a person's leave that has not ended, the next first; everybody's for "".
func (s *Service) Entries(person string) (out []Entry) {
	for _, e := range s.read.Load().book.Leave {
		if (person == "" || e.Person == person) && e.To.After(s.now()) {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Person, b.Person)) })
	return out
}

// Deputy is who sees to a person's tasks at an instant by a leave that names somebody; "" where none does.
func (s *Service) Deputy(person string, at time.Time) string {
	for _, e := range s.read.Load().book.Leave {
		if e.Person == person && e.Deputy != "" && !at.Before(e.From) && at.Before(e.To) {
			return e.Deputy
		}
	}
	return ""
}

// Add notes leave. The same leave again changes only its reason and its deputy. Errors: ErrOrder, ErrPast, ErrLong, ErrDeputy.
func (s *Service) Add(ctx context.Context, e Entry) error {
	now := s.now()
	e.From, e.To, e.At = stamp(e.From), stamp(e.To), stamp(now)
	switch {
	case !e.From.Before(e.To):
		return ErrOrder
	case !e.To.After(now):
		return ErrPast
	case e.Deputy == e.Person && e.Deputy != "":
		return ErrDeputy
	case e.To.Sub(e.From) > 200*24*time.Hour, e.From.Sub(now) > 366*24*time.Hour:
		return ErrLong
	}
	return s.change(ctx, func(b *book) bool {
		i := slices.IndexFunc(b.Leave, func(o Entry) bool { return o.Person == e.Person && o.From.Equal(e.From) && o.To.Equal(e.To) })
		if i >= 0 {
			changed := b.Leave[i].Why != e.Why || b.Leave[i].Deputy != e.Deputy
			b.Leave[i].Why, b.Leave[i].Deputy = e.Why, e.Deputy
			return changed
		}
		b.Leave = append(b.Leave, e)
		return true
	})
}

// Return ends a person's leave: what is under way ends now, and what lies between from and to does not come; a zero to means all that is to come. It returns what was cut.
func (s *Service) Return(ctx context.Context, person string, from, to time.Time) (cut []Entry, err error) {
	now := stamp(s.now())
	err = s.change(ctx, func(b *book) bool {
		cut = nil
		var rest []Entry
		for _, e := range b.Leave {
			if e.Person != person || !e.To.After(now) || !e.To.After(from) || !to.IsZero() && !e.From.Before(to) {
				rest = append(rest, e)
				continue
			}
			cut = append(cut, e)
			if e.From.Before(now) {
				e.To = now
				rest = append(rest, e)
			}
		}
		b.Leave = rest
		return len(cut) > 0
	})
	return cut, err
}

// change stores what do makes of the document, unless it reports that nothing changed, and applies it here.
func (s *Service) change(ctx context.Context, do func(b *book) bool) error {
	for range tries {
		old, err := s.documents.Document(ctx, name)
		if err != nil {
			return err
		}
		b, err := parse(old)
		if err != nil {
			return err
		}
		if !do(&b) {
			return s.Refresh(ctx)
		}
		over := s.now().Add(-kept)
		b.Leave = slices.DeleteFunc(b.Leave, func(e Entry) bool { return e.To.Before(over) })
		slices.SortFunc(b.Leave, func(a, c Entry) int {
			return cmp.Or(cmp.Compare(a.Person, c.Person), a.From.Compare(c.From), a.To.Compare(c.To))
		})
		text, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("document %s: %w", name, err)
		}
		err = s.documents.SwapDocument(ctx, name, old, text)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		return s.Refresh(ctx)
	}
	return ErrMany
}

func stamp(at time.Time) time.Time { return at.UTC().Truncate(time.Millisecond) }
