package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"lingke/bots"
	"lingke/internal/store"
)

// documents is the part of the store that the books lie in.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// attempts bounds how often a book is swapped again after another gateway was faster.
const attempts = 20

// ErrDoubtful: an address book lacks so many at once that it is rather cut short, by a narrowed visible range for example. Nothing was changed.
var ErrDoubtful = errors.New("the address book lacks too many people at once to be believed")

// Of the people whom a reading lacks, so many are believed to have left at once: this many, or this share of those who were there.
const (
	missedAtLeast = 5
	missedShare   = 0.2
)

// Service keeps the books. Its methods may be called from several goroutines, and on several gateways of one store.
type Service struct {
	documents documents
	books     map[bots.Platform]bots.AddressBook
	now       func() time.Time
}

// New returns a Service that reads the given address books.
func New(d documents, books map[bots.Platform]bots.AddressBook, now func() time.Time) *Service {
	return &Service{documents: d, books: books, now: now}
}

func name(p bots.Platform) string { return "address-book/" + string(p) }

// Book returns what is known of a platform's address book, and its text, by which a change is recognised.
func (s *Service) Book(ctx context.Context, p bots.Platform) (Book, []byte, error) {
	text, err := s.documents.Document(ctx, name(p))
	if err != nil {
		return Book{}, nil, fmt.Errorf("%s: %w", name(p), err)
	}
	b, err := parseBook(text)
	return b, text, err
}

// change swaps a platform's book for what alter makes of it.
func (s *Service) change(ctx context.Context, p bots.Platform, alter func(*Book) error) error {
	for range attempts {
		b, old, err := s.Book(ctx, p)
		if err != nil {
			return err
		}
		if err := alter(&b); err != nil {
			return err
		}
		text, err := json.Marshal(b)
		if err != nil {
			return fmt.Errorf("%s: %w", name(p), err)
		}
		err = s.documents.SwapDocument(ctx, name(p), old, text)
		if !errors.Is(err, store.ErrConflict) || string(old) == string(text) {
			return err
		}
	}
	return fmt.Errorf("%s: %w", name(p), store.ErrConflict)
}

// Concerns reports whether an event speaks of the address book.
func (s *Service) Concerns(p bots.Platform, e bots.Event) bool {
	book, ok := s.books[p]
	if !ok {
		return false
	}
	_, ok = book.Change(e)
	return ok
}

// Apply takes in an event of the address book. Who left is gone with it; who came or changed is looked up first, so that the order of events does not matter.
func (s *Service) Apply(ctx context.Context, p bots.Platform, e bots.Event) error {
	book, ok := s.books[p]
	if !ok {
		return nil
	}
	c, ok := book.Change(e)
	if !ok {
		return nil
	}
	var found []bots.Member
	gone := c.Left
	for _, id := range c.Changed {
		m, err := book.Member(ctx, id)
		switch {
		case errors.Is(err, bots.ErrNoMember):
			gone = append(gone, id)
		case err != nil:
			return err
		default:
			found = append(found, m)
		}
	}
	return s.change(ctx, p, func(b *Book) error {
		for old, now := range c.Renamed {
			b.rename(p, old, now)
		}
		for _, m := range found {
			b.put(p, m)
		}
		for _, id := range gone {
			b.leave(p, id, e.At)
		}
		return nil
	})
}

// Pull reads a whole address book. Who was there and is missing has left, unless so many are missing that the reading is doubtful (ErrDoubtful). It returns how many
// members there are.
func (s *Service) Pull(ctx context.Context, p bots.Platform) (int, error) {
	book, ok := s.books[p]
	if !ok {
		return 0, nil
	}
	began := s.now().UTC()
	before, _, err := s.Book(ctx, p)
	if err != nil {
		return 0, err
	}
	var all []bots.Member
	if err := book.Staff(ctx, func(m bots.Member) error { all = append(all, m); return nil }); err != nil {
		return 0, err
	}
	return len(all), s.change(ctx, p, func(b *Book) error { return b.take(p, all, before, began) })
}

// take puts a whole reading in place of what was known before it began. What events told of somebody meanwhile is newer than the reading and stays: who came during it would have left
// with it, and who left would be back.
func (b *Book) take(p bots.Platform, all []bots.Member, before Book, at time.Time) error {
	told := func(key string) bool { return !reflect.DeepEqual(b.Members[key], before.Members[key]) }
	present := make(map[string]bool, len(all))
	for _, m := range all {
		present[key(p, m.ID)] = true
	}
	var missing []string
	for k, e := range b.Members {
		if e.Left.IsZero() && !present[k] && !told(k) {
			missing = append(missing, e.ID)
		}
	}
	if n := len(missing); n > missedAtLeast && float64(n) > missedShare*float64(b.there()) {
		return fmt.Errorf("%w: %d of %d", ErrDoubtful, n, b.there())
	}
	for _, m := range all {
		if !told(key(p, m.ID)) {
			b.put(p, m)
		}
	}
	for _, id := range missing {
		b.leave(p, id, at)
	}
	b.Read = at
	return nil
}
