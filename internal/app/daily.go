package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// tellDay shows everybody who works today their best customers. One whose list fails does not keep the others waiting.
func (a *App) tellDay(ctx context.Context, due time.Time) error {
	day := due.In(a.cfg.Location)
	var failed error
	for _, p := range a.people.All() {
		if !p.May(access.Claim) || !a.worksOn(p.ID, day) {
			continue
		}
		best, err := a.best(ctx, p.ID)
		if err == nil {
			err = a.dispatch.Top(ctx, p.ID, day, best)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("the day's customers of %s: %w", p.ID, err))
		}
	}
	return failed
}

// worksOn reports whether a person's next working time begins on the day itself.
func (a *App) worksOn(person string, at time.Time) bool {
	w := a.hours(person)
	next := w.Next(at).In(a.cfg.Location)
	return next.YearDay() == at.YearDay() && next.Year() == at.Year()
}

// best are a person's customers that a day begins with.
func (a *App) best(ctx context.Context, person string) ([]customer.Customer, error) {
	best, _, err := a.store.Customers(ctx, store.CustomerQuery{Owner: person, ByScore: true, Limit: 2 * cards.TopShown})
	best = slices.DeleteFunc(best, func(c customer.Customer) bool { return c.Stage == customer.Lost })
	return best[:min(len(best), cards.TopShown)], err
}
