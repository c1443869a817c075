package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/lang"
)

// Group is a chat group in which changes of customers are announced.
type Group struct {
	Platform           bots.Platform
	Conversation       string
	Tier, Score, Owner bool
	Language           lang.Language
}

// announce tells other systems and groups how the customer stands now. A customer that was not known before is no news for a group.
func (d *Dispatcher) announce(ctx context.Context, c customer.Customer, e customer.Effect) error {
	if d.Announce != nil {
		if err := d.Announce(ctx, c, e); err != nil {
			return err
		}
	}
	if e.Was == nil || e.Is == nil {
		return nil
	}
	for _, g := range d.Groups {
		text := d.news(c, g, *e.Was, *e.Is)
		if text == "" {
			continue
		}
		x := delivery.Delivery{ID: noticeID(c, e, g), Platform: g.Platform, Kind: "text", Customer: c.ID, Conversation: g.Conversation, Text: text, Rev: 1}
		if err := d.show(ctx, d.delivery(x)); err != nil {
			return err
		}
	}
	return nil
}

// noticeID is the same however often the effect is carried out.
func noticeID(c customer.Customer, e customer.Effect, g Group) string {
	sum := sha256.Sum256([]byte(c.ID + "\x00" + e.ID + "\x00" + e.At.String() + "\x00" + string(g.Platform) + "\x00" + g.Conversation))
	return "notice-" + hex.EncodeToString(sum[:12])
}

// news is what a group reads; "" where nothing changed of what it wants to know. Everybody in a group reads along, so it holds no basis of the score and no money.
func (d *Dispatcher) news(c customer.Customer, g Group, was, is customer.Announced) string {
	l := g.Language
	var parts []string
	if g.Tier && was.Tier != is.Tier {
		parts = append(parts, l.Sayf("层级 %s → %s", "tier %s → %s", d.tierName(l, was.Tier), d.tierName(l, is.Tier)))
	}
	if g.Score && was.Score != is.Score {
		parts = append(parts, l.Sayf("得分 %.0f → %.0f", "score %.0f → %.0f", was.Score, is.Score))
	}
	if g.Owner && was.Owner != is.Owner {
		parts = append(parts, l.Sayf("负责人 %s → %s", "owner %s → %s", d.ownerName(l, was.Owner), d.ownerName(l, is.Owner)))
	}
	if len(parts) == 0 {
		return ""
	}
	return cards.Name(c) + l.Say("：", ": ") + strings.Join(parts, l.Say("，", ", "))
}

func (d *Dispatcher) tierName(l lang.Language, id string) string {
	if id == "" {
		return l.Say("无", "none")
	}
	return d.Cards.In(l).Tier(id)
}

func (d *Dispatcher) ownerName(l lang.Language, id string) string {
	if id == "" {
		return l.Say("无", "nobody")
	}
	return d.PersonName(id)
}

// TellManagers sends every manager a text, once for an id.
func (d *Dispatcher) TellManagers(ctx context.Context, id, text string) error {
	return d.tell(ctx, d.People.Managers(), id, text)
}

func (d *Dispatcher) tell(ctx context.Context, people []access.Person, id, text string) error {
	sum := sha256.Sum256([]byte(id))
	for _, p := range people {
		platform, to := Reach(p, "")
		if to == "" {
			continue
		}
		x := delivery.Delivery{ID: "tell-" + hex.EncodeToString(sum[:8]) + "-" + p.ID, Platform: platform, Kind: "text", To: []string{to}, Text: text, Rev: 1}
		if err := d.show(ctx, d.delivery(x)); err != nil {
			return err
		}
	}
	return nil
}
