package app

import (
	"context"
	"maps"
	"slices"

	"lingke/internal/connections"
	"lingke/internal/ingest"
)

// track is a pull whose outcome is kept.
func (a *App) track(ctx context.Context, name string, pull func() (ingest.Report, error)) (report ingest.Report, err error) {
	run, err := a.ledger.Track(ctx, name, func() (int, int, error) {
		var pullErr error
		report, pullErr = pull()
		return report.Records, report.Bad, pullErr
	})
	a.metrics.ObservePull(name, run)
	return report, err
}

// firstRefused is how many refused things are told in full.
const firstRefused = 5

// Refused tells how many things of a connector's source could not be taken in so far, and why of the first few.
func (a *App) Refused(ctx context.Context, name string) (n int, first []connections.Refusal, err error) {
	if n, err = a.store.CountRefused(ctx, name); err != nil || n == 0 {
		return n, nil, err
	}
	page, _, err := a.store.Refused(ctx, name, "", firstRefused)
	for _, r := range page {
		what := string(r.Kind) + " " + r.Thing
		if r.Thing == "" {
			what = string(r.Kind) + " without an id"
		}
		first = append(first, connections.Refusal{What: what, Why: r.Why})
	}
	return n, first, err
}

// Connections returns how every connector does, by name.
func (a *App) Connections(ctx context.Context) ([]connections.Status, error) {
	all := make([]connections.Status, 0, len(a.cfg.Connectors))
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Connectors)) {
		s, err := a.ledger.Status(ctx, name)
		if err != nil {
			return nil, err
		}
		s.Type = a.cfg.Connectors[name].Type
		_, s.Pulls = a.connectors[name]
		if spec, ok := a.syncs[name]; ok {
			s.Next = spec.Next(a.now()).UTC()
		}
		if s.Refused, s.First, err = a.Refused(ctx, name); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
