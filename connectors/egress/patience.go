package egress

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lingke/connectors"
)

// Wait returns after d of real time, or with the context's error as soon as that ends.
func Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Patience is how long a call waits while a platform throttles: First after the first attempt, twice as long after each further one, at most Longest. What the platform
// asks for goes before that: an error may say it by a method RetryAfter() time.Duration.
type Patience struct {
	Attempts       int
	First, Longest time.Duration
	Sleep          func(ctx context.Context, d time.Duration) error // Wait, but for tests
	Log            *slog.Logger                                     // is warned of each wait
}

// Try calls try until it returns something else than connectors.ErrThrottled, or the attempts are spent. op says in the log and in the error of a wait that was cut short what is being
// done.
func (p Patience) Try(ctx context.Context, op string, try func(context.Context) error) error {
	for attempt := 1; ; attempt++ {
		err := try(ctx)
		if !errors.Is(err, connectors.ErrThrottled) || attempt >= p.Attempts {
			return err
		}
		wait := p.wait(attempt, err)
		p.Log.LogAttrs(ctx, slog.LevelWarn, "the platform asks to slow down", slog.String("op", op), slog.Int("attempt", attempt), slog.Duration("wait", wait))
		if err := p.Sleep(ctx, wait); err != nil {
			return fmt.Errorf("%s: waiting because the platform asks to slow down: %w", op, err)
		}
	}
}

func (p Patience) wait(attempt int, err error) time.Duration {
	if asks := (interface{ RetryAfter() time.Duration })(nil); errors.As(err, &asks) && asks.RetryAfter() > 0 {
		return min(asks.RetryAfter(), p.Longest)
	}
	return min(p.First<<(attempt-1), p.Longest)
}
