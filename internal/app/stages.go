package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
)

// stages are what a platform's deliveries pass before they are sent, in this order: what can wait waits, what is many becomes one, and what is left
// spends its budget.
func (a *App) stages(p bots.Platform) []delivery.Stage {
	from, to, _ := a.cfg.Delivery.QuietHours() // checked when the config was loaded
	acc := a.accounts[p]
	return []delivery.Stage{
		delivery.Quiet{
			From: from, To: to, Zone: a.cfg.Location, Policy: a.planner().Of, Workday: func(person string, t time.Time) time.Time { return a.nextWorkday(person, t, to) },
			Person: a.personOf, Wishes: a.wishes,
		},
		delivery.Digest{Store: a.store, Above: a.digestAbove, Within: time.Duration(a.cfg.Delivery.Digest.Within), Card: a.digestCard},
		delivery.Spend{Keeper: acc.keeper, Limits: acc.limits},
	}
}

// planner says how new messages are treated.
func (a *App) planner() *delivery.Planner {
	d := a.cfg.Delivery
	return delivery.NewPlanner(d.Urgent, time.Duration(d.Digest.Gather), a.nextDigest)
}

// nextDigest is when the next daily digest comes: on a workday.
func (a *App) nextDigest(now time.Time) time.Time {
	at, _ := a.cfg.Delivery.DigestAt() // checked when the config was loaded
	day := calendar.DayOf(now, a.cfg.Location)
	cal := a.working.Load().calendar
	if next := day.At(at, a.cfg.Location); cal.Workday(day) && next.After(now) {
		return next
	}
	return cal.AddWorkdays(day, 1).At(at, a.cfg.Location)
}

// nextWorkday returns the instant itself on a day on which a person works, else when the next such day begins, which is morning.
func (a *App) nextWorkday(person string, t time.Time, morning time.Duration) time.Time {
	working := a.working.Load()
	day := calendar.DayOf(t, a.cfg.Location)
	const longest = 100 // days of leave in a row; then it is sent all the same
	for d := day; d < day+longest; d++ {
		if working.calendar.Workday(d) && !working.of(person).Away(d.At(12*time.Hour, a.cfg.Location)) {
			if d == day {
				return t
			}
			return d.At(morning, a.cfg.Location)
		}
	}
	return t
}

func (a *App) personOf(p bots.Platform, user string) string {
	who, _ := a.people.ByPlatform(string(p), user)
	return who.ID
}

// digestAbove is how many messages may wait for one person before they become one: two are too many while a month's budget runs out too fast.
func (a *App) digestAbove() int {
	if a.cfg.Delivery.Digest.Above > 0 && a.saving.Load() {
		return 1
	}
	return a.cfg.Delivery.Digest.Above
}

// digestCard writes the digest of one person in their language.
func (a *App) digestCard(p bots.Platform, reader string, items []delivery.Delivery) bots.Card {
	who, _ := a.people.ByPlatform(string(p), reader)
	lines := make([]cards.DigestLine, len(items))
	for i, d := range items {
		lines[i] = cards.DigestLine{Kind: d.Kind, Title: d.Text}
		if d.Card != nil {
			lines[i].Title = d.Card.Title
			if !d.Card.Live() || d.Kind == cards.KindTier {
				lines[i].State = d.Card.State
			}
		}
	}
	return a.dispatch.Cards.In(who.Language).Digest(lines)
}

// otherwise is how a message goes to the same person over another platform.
func (a *App) otherwise(d delivery.Delivery) (delivery.Delivery, bool) {
	who, known := a.people.ByPlatform(string(d.Platform), d.To[0])
	if !known {
		return d, false
	}
	for _, b := range a.bots {
		if b.Platform() != d.Platform && dispatch.Identity(who, b.Platform()) != "" {
			return goingOver(d, who, b.Platform()), true
		}
	}
	return d, false
}

// chosen is how a message goes over the platform that the person has chosen since it was made, at whatever gateway: a second later at the latest, and from the first message on
// after a start.
func (a *App) chosen(ctx context.Context, d delivery.Delivery) (delivery.Delivery, bool) {
	if _, err := a.wishes.Wishes(ctx); err != nil && ctx.Err() == nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "what people wish", slog.Any("err", err)) // as it was known before
	}
	who, known := a.people.ByPlatform(string(d.Platform), d.To[0])
	wish := bots.Platform(who.Chosen)
	if !known || wish == "" || wish == d.Platform || dispatch.Identity(who, wish) == "" {
		return d, false
	}
	return goingOver(d, who, wish), slices.ContainsFunc(a.bots, func(b bots.Bot) bool { return b.Platform() == wish })
}

// goingOver is a message to one person, as it goes to them over a platform.
func goingOver(d delivery.Delivery, who access.Person, p bots.Platform) delivery.Delivery {
	user := dispatch.Identity(who, p)
	d.Platform, d.To = p, []string{user}
	if d.Reader != "" {
		d.Reader = user
	}
	return d
}

// followWishes takes over what people asked for at other gateways, until ctx ends: who chose a platform is told there, whatever gateway tells it.
func (a *App) followWishes(ctx context.Context) {
	tick := time.NewTicker(peopleEvery)
	defer tick.Stop()
	for {
		if _, err := a.wishes.Wishes(ctx); err != nil && ctx.Err() == nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "what people wish", slog.Any("err", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// noteChosen puts in force on which platforms people want to be told things.
func (a *App) noteChosen(all delivery.Wishes) {
	chosen := make(map[string]string)
	for person, w := range all {
		if w.Platform != "" {
			chosen[person] = string(w.Platform)
		}
	}
	a.people.SetChosen(chosen)
}
