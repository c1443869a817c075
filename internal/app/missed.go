package app

import (
	"context"
	"log/slog"
	"time"

	"lingke/bots"
)

// missedAfter is when a starting gateway asks for the events that nobody took: at once, for a long downtime, and once more for what was pushed just before it came up, which
// the platform gives up after 40 seconds and lists up to five minutes later. From then on once a day: each asking counts in the month's calls.
var missedAfter = []time.Duration{0, 6 * time.Minute}

const missedEvery = 24 * time.Hour

// fetchMissed fetches what a platform pushed while no gateway took it, until ctx ends. The list is emptied by reading, so several gateways do no harm to one another.
func (a *App) fetchMissed(ctx context.Context, p bots.Platform, r bots.Recoverer) {
	for i := 0; ; i++ {
		wait := missedEvery
		if i < len(missedAfter) {
			wait = missedAfter[i]
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		n, err := r.Missed(ctx, a.take)
		level := slog.LevelDebug
		switch {
		case ctx.Err() != nil && n == 0 && err == nil:
			return
		case err != nil:
			level = slog.LevelWarn
		case n > 0:
			level = slog.LevelInfo
		}
		a.log.LogAttrs(ctx, level, "missed events fetched", slog.String("platform", string(p)), slog.Int("n", n), slog.Any("err", err))
	}
}
