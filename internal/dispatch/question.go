package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// ShowQuestion shows managers the card of a question about two customers and returns the ids of its deliveries: the same ones for the same q.Times.
func (d *Dispatcher) ShowQuestion(ctx context.Context, q customer.Question, a, b customer.Customer) ([]string, error) {
	var ids []string
	for l, suffix := range languages {
		card := d.Cards.In(l).Question(q, a, b, d.PersonName)
		shown, err := d.ask(ctx, q, a, reading(d.People.Managers(), l), card, suffix)
		if err != nil {
			return nil, err
		}
		ids = append(ids, shown...)
	}
	slices.Sort(ids)
	return ids, nil
}

// ask shows the card of a question to people who read one language.
func (d *Dispatcher) ask(ctx context.Context, q customer.Question, a customer.Customer, people []access.Person, card bots.Card, suffix string) (ids []string, err error) {
	for _, platform := range bots.Platforms() {
		for i, to := range slices.Collect(slices.Chunk(d.identities(people, platform), perCard)) {
			id := fmt.Sprintf("merge-%s-%d-%s-%d%s", q.ID, q.Times, platform, i, suffix)
			err := d.show(ctx, d.delivery(delivery.Delivery{
				ID: id, Platform: platform, Kind: cards.KindMerge, Customer: a.ID, Question: q.ID, To: to, Card: &card, Rev: 1,
			}))
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// CloseQuestion closes the cards of a question with what became of it.
func (d *Dispatcher) CloseQuestion(ctx context.Context, q customer.Question) error {
	for _, id := range q.Cards {
		shown, err := d.Deliveries.Delivery(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("card of question %s: %w", q.ID, err)
		}
		if shown.Card == nil || !shown.Card.Live() {
			continue
		}
		p := d.Cards.In(d.language(shown))
		card := p.Withdrawn(*shown.Card, p.Answered(q, d.PersonName(q.By)))
		shown.Rev, shown.Card = shown.Rev+1, &card
		if err := d.show(ctx, shown); err != nil {
			return err
		}
	}
	return nil
}
