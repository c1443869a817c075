package report

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/store"
)

// Made is a report, and as of when it was made.
type Made[T any] struct {
	Name   string    // which one; see KeyOf
	Rules  string    // what it was made by: to other rules it says nothing
	At     time.Time // when its making began
	Report T
}

// documents is the part of the store that keeps reports.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// KeptFor is how long a report that was made is worth showing again: until the next night's takes its place.
const KeptFor = 26 * time.Hour

// mostKept is how many reports of a kind are kept; each takes some kilobytes.
const mostKept = 32

// Cabinet keeps reports of one kind that take long to make, in one document, for all gateways on the store.
type Cabinet[T any] struct {
	Store    documents
	Document string
}

// Find returns the report of a name that was made by these rules, at an instant or later; false where there is none.
func (c Cabinet[T]) Find(ctx context.Context, name, rules string, since time.Time) (m Made[T], found bool, err error) {
	_, all, err := c.read(ctx)
	i := slices.IndexFunc(all, func(x Made[T]) bool { return x.Name == name && x.Rules == rules && !x.At.Before(since) })
	if i < 0 {
		return m, false, err
	}
	return all[i], true, err
}

// Keep keeps reports in place of those of the same names, and forgets those that are not worth showing any more.
func (c Cabinet[T]) Keep(ctx context.Context, made ...Made[T]) error {
	for {
		old, all, err := c.read(ctx)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := gob.NewEncoder(&text).Encode(worth(append(slices.Clone(made), all...))); err != nil {
			return fmt.Errorf("encode reports: %w", err)
		}
		err = c.Store.SwapDocument(ctx, c.Document, old, text.Bytes())
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// worth are the newest of each name.
func worth[T any](all []Made[T]) (out []Made[T]) {
	slices.SortStableFunc(all, func(a, b Made[T]) int { return b.At.Compare(a.At) })
	for _, m := range all {
		if len(out) < mostKept && !m.At.Before(all[0].At.Add(-KeptFor)) && !slices.ContainsFunc(out, func(x Made[T]) bool { return x.Name == m.Name }) {
			out = append(out, m)
		}
	}
	return out
}

// read returns what is kept. What another version of the program kept and this one cannot read is nothing: it is made anew.
func (c Cabinet[T]) read(ctx context.Context) (text []byte, all []Made[T], err error) {
	if text, err = c.Store.Document(ctx, c.Document); err != nil {
		return nil, nil, fmt.Errorf("read what is kept of reports: %w", err)
	}
	if gob.NewDecoder(bytes.NewReader(text)).Decode(&all) != nil { // JSON has no NaN, of which figures are full
		return text, nil, nil //nolint:nilerr // made anew
	}
	return text, all, nil
}
