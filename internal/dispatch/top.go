package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// Top shows a person their best customers of a day, once for the day. Nothing is shown where there are none.
func (d *Dispatcher) Top(ctx context.Context, person string, day time.Time, best []customer.Customer) error {
	platform, to := d.reach(person, "")
	if to == "" || len(best) == 0 {
		return nil
	}
	p := d.Cards.In(d.languageOf(person))
	card := p.Top(best, p.Day(day))
	return d.show(ctx, d.delivery(delivery.Delivery{
		ID: topID(person, day), Platform: platform, Kind: cards.KindTop, To: []string{to}, Card: &card, Rev: 1,
	}))
}

// topID names a person's list of a day.
func topID(person string, day time.Time) string {
	sum := sha256.Sum256([]byte(person))
	return "top-" + day.Format("20060102") + "-" + hex.EncodeToString(sum[:8])
}
