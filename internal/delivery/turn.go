package delivery

import (
	"context"
	"fmt"
	"time"
)

// Turn lets one process at a time, of all replicas, do something that would be done twice side by side.
type Turn struct {
	Store documents
	Name  string // of its document
	Now   func() time.Time
}

// Take takes the turn until an instant, unless somebody has it, and returns what gives it back. A holder that dies loses it then.
func (t Turn) Take(ctx context.Context, until time.Time) (release func(context.Context) error, taken bool, err error) {
	was, err := t.Store.Document(ctx, t.Name)
	if err != nil {
		return nil, false, fmt.Errorf("turn %s: %w", t.Name, err)
	}
	if ends, err := time.Parse(time.RFC3339Nano, string(was)); err == nil && ends.After(t.Now()) {
		return nil, false, nil
	}
	mine := []byte(until.UTC().Format(time.RFC3339Nano))
	if err := t.Store.SwapDocument(ctx, t.Name, was, mine); err != nil {
		return nil, false, fmt.Errorf("turn %s: %w", t.Name, err)
	}
	return func(ctx context.Context) error {
		if err := t.Store.SwapDocument(ctx, t.Name, mine, []byte(t.Now().UTC().Format(time.RFC3339Nano))); err != nil {
			return fmt.Errorf("turn %s: %w", t.Name, err)
		}
		return nil
	}, true, nil
}
