// Package clocktest is the clock of tests: it stands until it is moved.
package clocktest

import (
	"context"
	"sync"
	"time"
)

// Clock stands until it is moved. It is safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// At returns a clock that stands at an instant.
func At(at time.Time) *Clock { return &Clock{at: at} }

// Now is what stands in place of time.Now.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Sleep is a wait that is over at once, and moves the clock on by what it would have taken. It returns the context's error.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Pass(d)
	return ctx.Err()
}
