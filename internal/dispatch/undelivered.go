package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// alertEvery is how long what is given up goes into one alert.
const alertEvery = time.Hour

// mostDead bounds what one look reads of messages that were given up.
const mostDead = 2000

// Undelivered tells the managers of messages that were given up in the hour of at and the one before, in one card an hour each, over a platform that does not give up,
// and returns how many it told. Looking again tells nothing twice; the card is shown anew when ten and a hundred have become of it.
func (d *Dispatcher) Undelivered(ctx context.Context, at time.Time) (told int, err error) {
	hour := at.UTC().Truncate(alertEvery)
	dead, err := d.dead(ctx, hour.Add(-alertEvery))
	if err != nil || len(dead) == 0 {
		return 0, err
	}
	for _, from := range []time.Time{hour.Add(-alertEvery), hour} {
		some := slices.DeleteFunc(slices.Clone(dead), func(x delivery.Delivery) bool { return !x.Ended.UTC().Truncate(alertEvery).Equal(from) })
		if len(some) == 0 {
			continue
		}
		for _, m := range d.People.Managers() {
			ok, err := d.alert(ctx, m, from, some)
			if err != nil {
				return told, err
			}
			if ok {
				told++
			}
		}
	}
	return told, nil
}

// GivenUp counts what Undelivered would tell of at an instant, by platform and reason, the most frequent first.
func (d *Dispatcher) GivenUp(ctx context.Context, at time.Time) ([]cards.GivenUp, error) {
	dead, err := d.dead(ctx, at.UTC().Truncate(alertEvery).Add(-alertEvery))
	return reasons(dead), err
}

// dead are the messages that were given up since an instant, but for alerts: one that is given up is no reason for another.
func (d *Dispatcher) dead(ctx context.Context, since time.Time) (all []delivery.Delivery, err error) {
	for q := (delivery.Query{State: delivery.Dead, Limit: 500}); len(all) < mostDead; {
		page, next, err := d.Deliveries.Deliveries(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("what was given up: %w", err)
		}
		for _, x := range page {
			if !x.Ended.Before(since) && x.Kind != cards.KindAlert {
				all = append(all, x)
			}
		}
		if next == "" {
			break
		}
		q.After = next
	}
	return all, nil
}

// alert shows a manager the card of an hour; false where there is no way to the manager, or the card stands already.
func (d *Dispatcher) alert(ctx context.Context, m access.Person, from time.Time, dead []delivery.Delivery) (bool, error) {
	platform, to := safest(m, dead)
	if to == "" {
		return false, nil
	}
	card := d.Cards.In(m.Language).Undelivered(reasons(dead), from)
	x := d.delivery(delivery.Delivery{
		ID: fmt.Sprintf("alert-%d-%s", from.Unix(), m.ID), Platform: platform, Kind: cards.KindAlert, To: []string{to}, Card: &card, Rev: alertRev(len(dead)),
	})
	if d.Arrange != nil {
		x = d.Arrange(x)
	}
	shown, err := d.Deliveries.Show(ctx, x)
	if err != nil {
		return false, fmt.Errorf("alert %s: %w", x.ID, err)
	}
	d.Wake(x.Platform)
	return shown, nil
}

// alertRev grows seldom, however many messages are given up.
func alertRev(n int) int64 {
	switch {
	case n >= 100:
		return 3
	case n >= 10:
		return 2
	}
	return 1
}

// safest is where a manager is told of messages that were given up: on the platform where fewest were, the usual one among those that are alike.
func safest(m access.Person, dead []delivery.Delivery) (bots.Platform, string) {
	lost := map[bots.Platform]int{}
	for _, x := range dead {
		lost[x.Platform]++
	}
	best, to := Reach(m, "")
	for _, p := range bots.Platforms() {
		if user := Identity(m, p); user != "" && lost[p] < lost[best] {
			best, to = p, user
		}
	}
	return best, to
}

// reasons counts what was given up by platform and reason, the most frequent first.
func reasons(dead []delivery.Delivery) []cards.GivenUp {
	type reason struct {
		platform bots.Platform
		why      string
	}
	count := map[reason]int{}
	for _, x := range dead {
		count[reason{x.Platform, x.Why}]++
	}
	var all []cards.GivenUp
	for r := range maps.Keys(count) {
		all = append(all, cards.GivenUp{Platform: r.platform, Why: r.why, N: count[r]})
	}
	slices.SortFunc(all, func(a, b cards.GivenUp) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Why, b.Why))
	})
	return all
}
