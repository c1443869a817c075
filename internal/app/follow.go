package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"lingke/connectors"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/scoring/risk"
)

// rhythmDocument is the name under which the store keeps the population's rhythm of purchases for all replicas.
const rhythmDocument = "churn rhythm"

// mostSpells bounds how many customers a rhythm is fitted to: more say the same and cost memory.
const mostSpells = 20_000

// plan looks at everybody on an occasion. What the day's limit does not concern is told to free on the way, and what it lets each owner get comes in the end, counting what earlier
// runs of the day gave; left is how many wait for another day. keep stores that this is given.
func (a *App) plan(ctx context.Context, o customer.Occasion, free func(ingest.Asked) error) (kept []ingest.Asked, left int, keep func() error, err error) {
	keep = func() error { return nil }
	rules := a.followRules()
	if rules == nil {
		return nil, 0, keep, nil
	}
	limit, day := rules.Limit(o), givenDay{}
	if limit > 0 {
		if day, err = a.givenOn(ctx, o); err != nil {
			return nil, 0, keep, err
		}
		keep = func() error { return day.keep(ctx, a.store) }
	}
	kept, left, err = a.ingest.Plan(ctx, o, limit, day.Given, free)
	return kept, left, keep, err
}

// givenDay is what a job gave on a day, as the store keeps it for whoever runs the job again.
type givenDay struct {
	Day   string       `json:"day"`
	Given ingest.Given `json:"given"`

	name string
	old  []byte
}

// givenOn is what a job gave today.
func (a *App) givenOn(ctx context.Context, o customer.Occasion) (givenDay, error) {
	name, today := "given/"+string(o), calendar.DayOf(a.now(), a.cfg.Location).String()
	text, err := a.store.Document(ctx, name)
	if err != nil {
		return givenDay{}, err
	}
	var d givenDay
	if len(text) > 0 {
		if err := json.Unmarshal(text, &d); err != nil {
			return d, fmt.Errorf("document %s: %w", name, err)
		}
	}
	if d.Day != today || d.Given == nil {
		d = givenDay{Day: today, Given: make(ingest.Given)}
	}
	d.name, d.old = name, text
	return d, nil
}

// keep stores what the day gives before it is given, so that a run which takes over from one that died midway goes on within the day's limit.
func (d givenDay) keep(ctx context.Context, s store.Documents) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("document %s: %w", d.name, err)
	}
	return s.SwapDocument(ctx, d.name, d.old, text)
}

// followUp looks at everybody on an occasion and stores what follows. It returns how many customers that was. One that fails does not stop the others.
func (a *App) followUp(ctx context.Context, o customer.Occasion) (int, error) {
	if o == customer.Morning {
		if err := a.keepRhythm(ctx); err != nil {
			return 0, err
		}
	}
	done := 0
	var failed error
	follow := func(one ingest.Asked) error {
		switch err := a.ingest.Follow(ctx, one.Customer, o); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			failed = err
			a.log.LogAttrs(ctx, slog.LevelError, "follow up", slog.String("customer", one.Customer), slog.String("occasion", string(o)), slog.Any("err", err))
		default:
			done++
		}
		return nil
	}
	kept, _, keep, err := a.plan(ctx, o, follow)
	if err == nil {
		err = keep()
	}
	for _, one := range kept {
		if err == nil {
			err = follow(one)
		}
	}
	return done, cmp.Or(err, failed)
}

// keepRhythm fits the population's rhythm of purchases and keeps it for all replicas.
func (a *App) keepRhythm(ctx context.Context) error {
	fitted, err := a.fitRhythm(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(fitted)
	if err != nil {
		return fmt.Errorf("keep the rhythm: %w", err)
	}
	a.rhythm.Store(fitted)
	return a.store.PutDocument(ctx, rhythmDocument, text)
}

// fitRhythm fits the population's rhythm of purchases. Too few customers have none, which is nil; then only the fixed rules speak.
func (a *App) fitRhythm(ctx context.Context) (*risk.Rhythm, error) {
	var spells []risk.Spell
	now := a.now().In(a.cfg.Location)
	err := a.ingest.Spells(ctx, func(orders []customer.Order) bool {
		var days []time.Time
		for _, o := range orders {
			if o.Status == connectors.StatusWon {
				days = append(days, o.Date)
			}
		}
		if s, ok := risk.SpellAt(days, now); ok {
			spells = append(spells, s)
		}
		return len(spells) < mostSpells
	})
	if err != nil {
		return nil, fmt.Errorf("purchases of all: %w", err)
	}
	rhythm, fit, err := risk.FitRhythm(spells, 0)
	switch {
	case err == nil && len(fit.Border) == 0:
		return &rhythm, nil
	case err != nil && !errors.Is(err, risk.ErrTooFew):
		a.log.LogAttrs(ctx, slog.LevelWarn, "no rhythm of purchases could be fitted; only the fixed rules warn", slog.Any("err", err))
	}
	return nil, nil
}

// loadRhythm takes up the rhythm that was fitted last.
func (a *App) loadRhythm(ctx context.Context) error {
	text, err := a.store.Document(ctx, rhythmDocument)
	if err != nil || text == nil {
		return err
	}
	var r *risk.Rhythm
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("rhythm of purchases: %w", err)
	}
	a.rhythm.Store(r)
	return nil
}

// advice is what to do for a customer that may leave for a reason.
func (a *App) advice(cause risk.Cause) lang.Text {
	if r := a.followRules(); r != nil && r.Churn != nil {
		return r.Churn.Advice[cause]
	}
	return lang.Text{}
}
