package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// tierChanged tells the owner that the customer is in another tier; nobody where it has no owner by now.
func (d *Dispatcher) tierChanged(ctx context.Context, c customer.Customer, e customer.Effect) error {
	if e.Was == nil || e.Is == nil || c.Owner == "" {
		return nil
	}
	platform, to := d.reach(c.Owner, "")
	if to == "" {
		return nil
	}
	card := d.Cards.In(d.languageOf(c.Owner)).TierChange(c, e.Was.Tier, e.Is.Tier, customer.Why(e.From))
	sum := sha256.Sum256([]byte(c.ID + "\x00" + e.ID + "\x00" + e.At.String()))
	return d.show(ctx, d.delivery(delivery.Delivery{
		ID: "tier-" + hex.EncodeToString(sum[:12]), Platform: platform, Kind: cards.KindTier, Customer: c.ID, To: []string{to}, Card: &card, Rev: 1,
	}))
}
