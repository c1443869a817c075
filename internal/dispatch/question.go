package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// ShowQuestion shows managers the card of a question about two customers and returns the ids of its deliveries: the same ones for the same q.Times.
func (d *Dispatcher) ShowQuestion(ctx context.Context, q customer.Question, a, b customer.Customer) ([]string, error) {
	card := d.Cards.Question(q, a, b, d.PersonName)
	managers := d.People.Managers()
	var ids []string
	for _, platform := range bots.Platforms() {
		for i, to := range slices.Collect(slices.Chunk(d.identities(managers, platform), perCard)) {
			id := fmt.Sprintf("merge-%s-%d-%s-%d", q.ID, q.Times, platform, i)
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
		card := d.Cards.Withdrawn(*shown.Card, d.Cards.Answered(q, d.PersonName(q.By)))
		shown.Rev, shown.Card = shown.Rev+1, &card
		if err := d.show(ctx, shown); err != nil {
			return err
		}
	}
	return nil
}
