package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/singleflight"

	"lingke/internal/report"
	"lingke/internal/store"
)

const (
	makersAtOnce = 2 // each reads the whole store
	// slowFigures is how long reports take that are kept: others are made anew whenever somebody asks.
	slowFigures = 2 * time.Second
	// manyCustomers is from how many customers on the usual reports are made before anybody asks, in the morning.
	manyCustomers = 10_000
)

// errMaking says that the gateway stops, or makes as many other reports as it may at once; who asked is answered later.
var errMaking = errors.New("reports are being made")

// figures are reports of one kind that take long on a large store. Several who ask for the same one share the work.
type figures[T any] struct {
	kept   report.Cabinet[T]
	key    func(period string) (name, rules string, err error)
	make   func(ctx context.Context, period string) (T, error)
	now    func() time.Time
	slow   time.Duration
	behind *background
	flight singleflight.Group
}

// openFigures prepares what chat answers 报表 and 预测 from.
func (a *App) openFigures() {
	a.effected = &figures[report.Effects]{
		kept: report.Cabinet[report.Effects]{Store: a.store, Document: "reports/effects"}, key: a.figureKey, now: a.now, slow: slowFigures, behind: a.making,
		make: func(ctx context.Context, period string) (report.Effects, error) {
			p, err := a.Period(period)
			if err != nil {
				return report.Effects{}, err
			}
			return a.Effects(ctx, p)
		},
	}
	a.foreseen = &figures[report.Forecast]{
		kept: report.Cabinet[report.Forecast]{Store: a.store, Document: "reports/forecast"}, key: a.figureKey, now: a.now, slow: slowFigures, behind: a.making,
		make: func(ctx context.Context, _ string) (report.Forecast, error) { return a.Forecast(ctx) },
	}
}

// figureKey names the figures of a period, and what they are made by.
func (a *App) figureKey(period string) (name, rules string, err error) {
	p, err := a.Period(period)
	if err != nil {
		return "", "", err
	}
	var models []string
	for _, m := range a.rules.Load().Models {
		models = append(models, m.Version())
	}
	cfg := a.ruleConfig.Load()
	text, err := json.Marshal([]any{models, cfg.Schemes, cfg.Leading, a.playsToReport()})
	sum := sha256.Sum256(text)
	return report.KeyOf(period, p), hex.EncodeToString(sum[:8]), err
}

// Kept returns the figures of a period that were made at an instant or later and are kept; false where there are none.
func (f *figures[T]) Kept(ctx context.Context, period string, since time.Time) (m report.Made[T], found bool, err error) {
	name, rules, err := f.key(period)
	if err != nil {
		return m, false, err
	}
	return f.kept.Find(ctx, name, rules, since)
}

// Make makes the figures of a period now, and keeps them where that takes long. It is gone on with also when ctx ends.
func (f *figures[T]) Make(ctx context.Context, period string) (m report.Made[T], err error) {
	name, rules, err := f.key(period)
	if err != nil {
		return m, err
	}
	made := f.flight.DoChan(name+" "+rules, func() (any, error) { return f.work(ctx, period, name, rules) })
	select {
	case done := <-made:
		if done.Err != nil {
			return m, done.Err
		}
		return done.Val.(report.Made[T]), nil
	case <-ctx.Done():
		return m, fmt.Errorf("%w: %w", errMaking, ctx.Err())
	}
}

func (f *figures[T]) work(ctx context.Context, period, name, rules string) (m report.Made[T], err error) {
	if !f.behind.enter() {
		return m, errMaking
	}
	<-f.behind.behind(ctx, func(ctx context.Context) {
		defer func() {
			if r := recover(); r != nil { // nobody above would: this is a goroutine of its own
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		m = report.Made[T]{Name: name, Rules: rules, At: f.now()}
		if m.Report, err = f.make(ctx, period); err == nil && f.now().Sub(m.At) >= f.slow {
			err = f.kept.Keep(ctx, m)
		}
	})
	return m, err
}

// KeptEffects is what chat answers 报表 with where it was made at an instant or later and is kept; false where it has to be made first.
func (a *App) KeptEffects(ctx context.Context, period string, since time.Time) (report.Made[report.Effects], bool, error) {
	return a.effected.Kept(ctx, period, since)
}

// keepFigures makes the usual reports of a large store, from one pass over it, before anybody asks, and returns how many.
func (a *App) keepFigures(ctx context.Context) (int, error) {
	n, err := a.store.CountCustomers(ctx, store.CustomerQuery{}, manyCustomers)
	if err != nil || n < manyCustomers {
		return 0, err
	}
	return a.makeUsual(ctx)
}

func (a *App) makeUsual(ctx context.Context) (int, error) {
	began := a.now()
	var questions []report.Question
	var made []report.Made[report.Effects]
	for _, period := range report.Usual {
		p, err := a.Period(period)
		if err != nil {
			return 0, err
		}
		name, rules, err := a.figureKey(period)
		if err != nil {
			return 0, err
		}
		questions = append(questions, a.effectQuestion(p))
		made = append(made, report.Made[report.Effects]{Name: name, Rules: rules, At: began})
	}
	effects, err := report.EffectAll(ctx, a.store, questions)
	if err != nil {
		return 0, err
	}
	for i, e := range effects {
		made[i].Report = e
	}
	if err := a.effected.kept.Keep(ctx, made...); err != nil {
		return 0, err
	}
	foreseen := report.Made[report.Forecast]{Name: made[0].Name, Rules: made[0].Rules, At: a.now()}
	if foreseen.Report, err = a.Forecast(ctx); err != nil {
		return len(made), err
	}
	a.log.LogAttrs(ctx, slog.LevelInfo, "reports made", slog.Int("reports", len(made)+1), slog.Duration("took", a.now().Sub(began)))
	return len(made) + 1, a.foreseen.kept.Keep(ctx, foreseen)
}
