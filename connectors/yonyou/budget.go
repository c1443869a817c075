package yonyou

import (
	"context"
	"sync"
	"time"
)

// budget keeps the calls of each interface below a number a minute, so that the platform's quota is not met as an error.
type budget struct {
	perMinute int
	now       func() time.Time
	sleep     func(ctx context.Context, d time.Duration) error

	mu   sync.Mutex
	used map[string][]time.Time // the last calls of each path, oldest first
}

// take waits until a call of path is within the budget.
func (b *budget) take(ctx context.Context, path string) error {
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
func (b *budget) spend(path string) time.Duration {
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
