package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"lingke/internal/followup"
	"lingke/internal/ingest"
)

// ruling puts the rules in force together from what the config says and from the cut-offs that were counted; either changes while the gateway runs.
type ruling struct {
	mu   sync.Mutex
	base *ingest.Rules
	cuts ingest.Cuts
}

// setRules puts rules in force, with the cut-offs that were counted for them.
func (a *App) setRules(r *ingest.Rules, k ingest.Cuts) {
	a.ruling.mu.Lock()
	defer a.ruling.mu.Unlock()
	a.ruling.base, a.ruling.cuts = r, k
	if f, ok := r.Follow.(*followup.Rules); ok && f.Churn != nil && f.Churn.Rhythm == nil {
		f.Churn.Rhythm = &a.rhythm
	}
	a.rules.Store(r.WithCuts(k))
}

// setCuts puts cut-offs in force, unless those in force are as new, or they were counted for other models.
func (a *App) setCuts(k ingest.Cuts) {
	a.ruling.mu.Lock()
	defer a.ruling.mu.Unlock()
	if !k.At.After(a.ruling.cuts.At) || !k.For(a.ruling.base) {
		return
	}
	a.ruling.cuts = k
	a.rules.Store(a.ruling.base.WithCuts(k))
}

// loadCuts takes over the cut-offs that the store keeps.
func (a *App) loadCuts(ctx context.Context) error {
	k, err := a.ingest.Cuts(ctx, a.rules.Load())
	if err == nil {
		a.setCuts(k)
	}
	return err
}

// freshCuts is for how long cut-offs serve models that come into force: as long as the nightly count would have let them.
const freshCuts = 26 * time.Hour

// cutsFor are the cut-offs for rules that are to come into force: those of the models' last time if that is just over, so that going back changes
// nothing else; else counted by judging everybody. Without them, or with another model's, ranks would be wrong until the night, and a minimum stay would keep them so.
func (a *App) cutsFor(ctx context.Context, r *ingest.Rules) (ingest.Cuts, error) {
	k, err := a.ingest.Cuts(ctx, r)
	if err == nil && k.At.Add(freshCuts).Before(a.now()) {
		k, err = a.ingest.Count(ctx, r)
	}
	return k, err
}

// cutsEvery is how often a gateway looks whether another one counted.
const cutsEvery = 10 * time.Second

// followCuts takes over what other gateways of the same store count, until ctx ends.
func (a *App) followCuts(ctx context.Context) {
	tick := time.NewTicker(cutsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.loadCuts(ctx); err != nil && ctx.Err() == nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "rank cut-offs", slog.Any("err", err))
		}
	}
}

// Rescore scores every customer anew, counts the ranks and gives the tiers that follow. It returns how many customers there are; progress, if not nil,
// is told how many are done.
func (a *App) Rescore(ctx context.Context, progress func(done int)) (int, error) {
	n, err := a.ingest.RescoreAll(ctx, progress)
	if err != nil {
		return n, err
	}
	_, err = a.rank(ctx)
	return n, err
}

// rank counts the ranks, puts the cut-offs in force and moves the customers whose tiers follow. It returns how many of them were looked at.
func (a *App) rank(ctx context.Context) (int, error) {
	k, err := a.ingest.Rank(ctx)
	if err != nil {
		return 0, fmt.Errorf("ranks: %w", err)
	}
	return a.followRanks(ctx, k)
}

// followRanks puts cut-offs in force and moves the customers whose tiers follow.
func (a *App) followRanks(ctx context.Context, k ingest.Cuts) (int, error) {
	a.setCuts(k)
	n, err := a.ingest.FollowCuts(ctx, k)
	if err != nil {
		return n, fmt.Errorf("tiers by rank: %w", err)
	}
	return n, nil
}

// rankGrown counts the ranks before the night where there are twice as many customers as were counted, so that a new company need not wait a day for
// its first A. Where not, it goes on with the tiers that a process left behind when it ended after a count.
func (a *App) rankGrown(ctx context.Context) (int, error) {
	var count int64
	if err := a.store.EachTotal(ctx, func(float64) { count++ }); err != nil {
		return 0, err
	}
	kept, err := a.ingest.Cuts(ctx, a.rules.Load())
	if err != nil || count == 0 {
		return 0, err
	}
	if count < 2*kept.Count {
		return a.followRanks(ctx, kept)
	}
	return a.rank(ctx)
}
