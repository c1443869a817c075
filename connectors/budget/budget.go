// Package budget keeps a connector's calls below what its platform grants, so that a quota is not met as an error.
package budget

import (
	"context"
	"sync"
	"time"

	"lingke/connectors/egress"
)

// Budget bounds the calls of each interface within any minute. It may be used by several goroutines.
type Budget struct {
	perMinute int
	now       func() time.Time
	sleep     func(ctx context.Context, d time.Duration) error

	mu   sync.Mutex
	used map[string][]time.Time // the last calls of each path, oldest first
}

// New returns a budget of so many calls a minute and interface. sleep waits, and returns early with the context's error; nil is a plain timer.
func New(perMinute int, now func() time.Time, sleep func(ctx context.Context, d time.Duration) error) *Budget {
	if sleep == nil {
		sleep = egress.Wait
	}
	return &Budget{perMinute: perMinute, now: now, sleep: sleep, used: map[string][]time.Time{}}
}

// Take waits until a call of an interface, named by its path, is within the budget, and books it. The error is the context's.
func (b *Budget) Take(ctx context.Context, path string) error {
	for {
		wait := b.spend(path)
		if wait <= 0 {
			return ctx.Err()
		}
		if err := b.sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// spend books a call, or tells how long to wait for the next.
func (b *Budget) spend(path string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, calls := b.now(), b.used[path]
	for len(calls) > 0 && (now.Sub(calls[0]) >= time.Minute || calls[0].After(now)) {
		calls = calls[1:]
	}
	if len(calls) >= b.perMinute {
		b.used[path] = calls
		return calls[0].Add(time.Minute).Sub(now)
	}
	b.used[path] = append(calls, now)
	return 0
}
