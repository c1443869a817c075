package demo

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"lingke/internal/emulator"
	"lingke/internal/emulator/sample"
)

// opening is how many leads appear at once, so that every sales team finds something on its first screen.
const opening = 3

// trickle lets new leads appear until ctx ends: visitors of the company's website, and customers that are entered in the emulated ERP, in turn.
// The first ones come at once, the others one after each every.
func trickle(ctx context.Context, em *emulator.Emulator, gateway string, every time.Duration, log *slog.Logger) {
	if every <= 0 {
		return
	}
	rnd := rand.New(rand.NewPCG(seed, uint64(time.Now().UnixNano()))) //nolint:gosec // a sample company
	site := &website{url: "http://" + gateway + "/hooks/website", rnd: rnd, now: em.World().Now}
	arrivals := []func(context.Context) error{
		site.hot,
		site.warm,
		func(context.Context) error {
			return em.Kingdee().PutRecord("BD_Customer", sample.NewLead(rnd, em.World().Now()))
		},
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for n := 0; ; n++ {
		if err := arrivals[n%len(arrivals)](ctx); err != nil && ctx.Err() == nil {
			log.LogAttrs(ctx, slog.LevelError, "new lead", slog.Any("err", err))
		}
		if n < opening-1 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
