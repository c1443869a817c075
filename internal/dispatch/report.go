package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// Report shows managers a card of figures and the picture that belongs to it, once for each id. The card goes first: it says all that the picture does.
func (d *Dispatcher) Report(ctx context.Context, id, title, body string, picture *bots.Attachment) error {
	card := d.Cards.Report(title, body)
	var failed error
	for _, platform := range bots.Platforms() {
		for i, to := range slices.Collect(slices.Chunk(d.identities(d.People.Managers(), platform), perCard)) {
			name := fmt.Sprintf("report-%s-%s-%d", id, platform, i)
			failed = errors.Join(failed, d.show(ctx, d.delivery(delivery.Delivery{ID: name, Platform: platform, Kind: cards.KindReport, To: to, Card: &card, Rev: 1})))
			if picture != nil {
				failed = errors.Join(failed, d.show(ctx, d.delivery(delivery.Delivery{ID: name + "p", Platform: platform, Kind: "file", To: to, File: picture, Rev: 1})))
			}
		}
	}
	return failed
}
