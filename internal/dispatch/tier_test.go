package dispatch_test

import (
	"strings"
	"testing"

	"lingke/internal/cards"
	"lingke/internal/customer"
)

func TestAnOwnerIsToldOfAnotherTierOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, owner string
		want        int
	}{{"the owner", "lina", 1}, {"nobody where nobody has it", "", 0}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.tell("1", 5)
			w.settle("1")
			c := w.customer("1")
			c.Owner = tt.owner
			c.Require(customer.Effect{Kind: customer.EffectTier, At: w.Now(), From: string(customer.WhyBig), Was: &customer.Announced{Tier: "B"}, Is: &customer.Announced{Tier: "A"}})
			must(t, w.store.PutCustomer(t.Context(), c))
			kept := w.customer("1").Effects
			w.settle("1")
			again := w.customer("1") // as after a crash before the effect was cleared
			again.Effects = kept
			must(t, w.store.PutCustomer(t.Context(), again))
			w.settle("1")

			got := w.deliveries(c, cards.KindTier)
			if len(got) != tt.want {
				t.Fatalf("%d cards: %+v", len(got), got)
			}
			for _, d := range got {
				if len(d.To) != 1 || !strings.Contains(d.Card.State, "升级：重点 → 高价值") || d.Card.Fields[1].Value != "大单或重大投诉" {
					t.Errorf("%v %+v", d.To, d.Card)
				}
			}
		})
	}
}
