package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
	"lingke/internal/lang"
)

// Report shows managers a card of figures in their language and the picture that belongs to it, once for each id. The card goes first: it says all that the picture does.
func (d *Dispatcher) Report(ctx context.Context, id string, write func(lang.Language) (title, body string), picture func(lang.Language) *bots.Attachment) error {
	var failed error
	for l, suffix := range languages {
		shown := picture(l)
		card := d.Cards.In(l).Report(write(l))
		for _, platform := range bots.Platforms() {
			for i, to := range slices.Collect(slices.Chunk(d.identities(reading(d.People.Managers(), l), platform), perCard)) {
				name := fmt.Sprintf("report-%s-%s-%d%s", id, platform, i, suffix)
				failed = errors.Join(failed, d.show(ctx, d.delivery(delivery.Delivery{ID: name, Platform: platform, Kind: cards.KindReport, To: to, Card: &card, Rev: 1})))
				if shown != nil {
					failed = errors.Join(failed, d.show(ctx, d.delivery(delivery.Delivery{ID: name + "p", Platform: platform, Kind: "file", To: to, File: shown, Rev: 1})))
				}
			}
		}
	}
	return failed
}
