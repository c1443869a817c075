package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/ingest"
	"lingke/schedules"
)

// ErrNoScan says that a connector's source cannot be asked for everything that it has.
var ErrNoScan = errors.New("this connector cannot look for deletions")

// Scan looks now for what was deleted at a connector's source, and tells the managers where so much is missing that it marks nothing; anyNumber marks that too.
// ErrNoConnector, ErrNoScan, ingest.ErrTooManyGone.
func (a *App) Scan(ctx context.Context, name string, anyNumber bool) (found ingest.Scanned, err error) {
	c, err := a.pulled(name)
	if err != nil {
		return found, err
	}
	lister, ok := c.(connectors.Lister)
	if !ok || len(lister.Lists()) == 0 {
		return found, fmt.Errorf("%w: %s is of type %s", ErrNoScan, name, a.cfg.Connectors[name].Type)
	}
	err = a.ledger.TrackScan(ctx, name, func() (int, int, error) {
		var scanErr error
		found, scanErr = a.ingest.Scan(ctx, name, lister, anyNumber)
		return found.Gone, found.Back, scanErr
	})
	if errors.Is(err, ingest.ErrTooManyGone) {
		err = errors.Join(err, a.alertGone(ctx, name, err))
	}
	return found, err
}

// alertGone tells the managers, once a day and source, that a scan stopped.
func (a *App) alertGone(ctx context.Context, name string, why error) error {
	a.log.LogAttrs(ctx, slog.LevelWarn, "too much is missing at a source; nothing is marked as deleted", slog.String("connector", name), slog.Any("err", why))
	now := a.now()
	text := fmt.Sprintf("数据来源“%s”在 %s 的删除核对中缺少的记录过多（%v），已停止，没有标记任何删除。请检查来源的权限与数据；如果确实已删除，请管理员运行：lingke sync %s --scan --force", name, a.when(now), why, name)
	return a.dispatch.TellManagers(ctx, "scan "+name+now.In(a.cfg.Location).Format("2006-01-02"), text)
}

// scans are the jobs that look for deletions.
func (a *App) scans() (jobs []schedules.Job, err error) {
	for _, name := range slices.Sorted(maps.Keys(a.cfg.Connectors)) {
		text := a.cfg.Connectors[name].Scan
		lister, can := a.connectors[name].(connectors.Lister)
		if !can || len(lister.Lists()) == 0 || text == configs.ScanNever {
			continue
		}
		if text == "" {
			text = scanSpec
		}
		spec, err := schedules.ParseSpec(text, a.cfg.Location)
		if err != nil {
			return nil, fmt.Errorf("connectors.%s.scan: %w", name, err)
		}
		jobs = append(jobs, schedules.Scan(name, spec, func(ctx context.Context) (int, int, error) {
			found, err := a.Scan(ctx, name, false)
			return found.Gone, found.Back, err
		}))
	}
	return jobs, nil
}
