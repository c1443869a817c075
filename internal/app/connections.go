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
		all = append(all, s)
	}
	return all, nil
}
