package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/delivery"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// Broadcast shows people a card in the language of each, on every platform where they are, and returns the ids of its deliveries, which begin with id: the same ones at
// each attempt. about is the id of the customer that it is about.
func (d *Dispatcher) Broadcast(ctx context.Context, id, about string, people []access.Person, print func(*cards.Printer) bots.Card) (ids []string, err error) {
	for l, suffix := range languages {
		card := print(d.Cards.In(l))
		for _, platform := range bots.Platforms() {
			for i, to := range slices.Collect(slices.Chunk(d.identities(reading(people, l), platform), perCard)) {
				x := delivery.Delivery{ID: fmt.Sprintf("%s-%s-%d%s", id, platform, i, suffix), Platform: platform, Kind: card.Kind, Customer: about, To: to, Card: &card, Rev: 1}
				if err := d.show(ctx, d.delivery(x)); err != nil {
					return nil, err
				}
				ids = append(ids, x.ID)
			}
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Close shows an outcome in place of the buttons of delivered cards. Those that are closed, or were never made, stay as they are.
func (d *Dispatcher) Close(ctx context.Context, ids []string, outcome func(lang.Language) string) error {
	for _, id := range ids {
		x, err := d.Deliveries.Delivery(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("card %s: %w", id, err)
		}
		if x.Card == nil || !x.Card.Live() {
			continue
		}
		card := cards.Closed(*x.Card, outcome(d.language(x)))
		x.Rev, x.Card = x.Rev+1, &card
		if err := d.show(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// Tell sends one person a text, once for an id.
func (d *Dispatcher) Tell(ctx context.Context, person, id string, text func(lang.Language) string) error {
	who, known := d.People.ByID(person)
	if !known {
		return nil
	}
	return d.tell(ctx, []access.Person{who}, id, text(who.Language))
}

// ManagersOf are the managers of a person's team, or all managers where it has none.
func (d *Dispatcher) ManagersOf(person string) []access.Person { return d.managersOf(person) }
