package budget_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lingke/connectors/budget"
)

// clock passes only while somebody sleeps by it.
type clock struct {
	now   time.Time
	slept []time.Duration
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

func TestNoMinuteHasMoreCallsThanTheBudget(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	b := budget.New(3, func() time.Time { return c.now }, c.sleep)
	var calls []time.Time
	for range 10 {
		if err := b.Take(t.Context(), "/list"); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, c.now)
		c.now = c.now.Add(7 * time.Second)
	}
	for i := 3; i < len(calls); i++ {
		if calls[i].Sub(calls[i-3]) < time.Minute {
			t.Errorf("calls %d to %d lie within %s", i-3, i, calls[i].Sub(calls[i-3]))
		}
	}
	if len(c.slept) == 0 {
		t.Error("nobody had to wait")
	}
	before := len(c.slept)
	if err := b.Take(t.Context(), "/other"); err != nil || len(c.slept) != before {
		t.Errorf("another interface waits: %v", err)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	b := budget.New(1, func() time.Time { return now }, nil)
	if err := b.Take(t.Context(), "/list"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := b.Take(ctx, "/list"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestAClockThatIsSetBackDoesNotBlock(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	b := budget.New(1, func() time.Time { return c.now }, c.sleep)
	if err := b.Take(t.Context(), "/list"); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(-time.Hour)
	if err := b.Take(t.Context(), "/list"); err != nil || len(c.slept) > 0 {
		t.Errorf("%v after %v", err, c.slept)
	}
}
