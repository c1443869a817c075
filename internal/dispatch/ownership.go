package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// history is the part of the store that says what customers bought and did.
type history interface {
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
}

// owned are the kinds of cards that follow from who has a customer, and from how the owner's clock runs.
var owned = []string{cards.KindLead, cards.KindWarning, cards.KindOffer, cards.KindHandover, cards.KindDecision}

// warnings is the card that warns the owner; managers get it where the owner cannot be reached.
func (d *Dispatcher) warnings(c customer.Customer) []delivery.Delivery {
	if c.Owner == "" || c.Clock.Warned.IsZero() {
		return nil
	}
	platform, to := d.reach(c.Owner, "")
	card := d.warning(c)
	people := []string{to}
	if to == "" {
		platform, people = d.reachManagers(c.Owner)
	}
	if len(people) == 0 {
		return nil
	}
	return []delivery.Delivery{d.delivery(delivery.Delivery{
		ID: warningID(c), Platform: platform, Kind: cards.KindWarning, Customer: c.ID, To: people, Card: &card, Rev: c.Rev,
	})}
}

// Warning is the owner's card as it should be.
func (d *Dispatcher) warning(c customer.Customer) bots.Card {
	rules, p := d.rules(), d.Cards.In(d.languageOf(c.Owner))
	w := cards.Warning{Left: max(0, rules.ExtendTimes-c.Clock.Extended), Now: d.Now(), Protected: rules.Protected(c, d.zone())}
	if !rules.ExtendBy.IsZero() {
		w.Extend = p.SpanText(rules.ExtendBy.Workdays, rules.ExtendBy.Time)
	}
	if c.Clock.Delays < rules.DelayTimes {
		w.DelayDays = rules.DelayDays
	}
	if owner, ok := d.People.ByID(c.Owner); ok {
		for _, one := range d.People.Team(owner.Team) {
			if one.ID != c.Owner && one.May(access.Claim) {
				w.Colleagues = append(w.Colleagues, [2]string{one.ID, one.Name})
			}
		}
	}
	return p.Warn(c, w)
}

func (d *Dispatcher) rules() assign.Ownership {
	if d.Ownership == nil {
		return assign.Ownership{}
	}
	return d.Ownership()
}

func (d *Dispatcher) zone() *time.Location {
	if d.Zone == nil {
		return time.UTC
	}
	return d.Zone
}

func warningID(c customer.Customer) string {
	return fmt.Sprintf("%swarn-%d", roundID(c), c.Clock.Episode)
}

// WarningShown tells whether the card that warns a customer's owner has arrived.
func (d *Dispatcher) WarningShown(ctx context.Context, c customer.Customer) (assign.Arrival, error) {
	shown, err := d.Deliveries.Delivery(ctx, warningID(c))
	if err == nil && shown.State == delivery.Merged { // the digest tells it
		shown, err = d.Deliveries.Delivery(ctx, shown.Into)
	}
	switch {
	case errors.Is(err, store.ErrNotFound) && len(c.Effects) > 0:
		return assign.Pending, nil
	case errors.Is(err, store.ErrNotFound):
		return assign.Failed, nil // neither the owner nor a manager can be reached
	case err != nil:
		return "", fmt.Errorf("card that warns of %s: %w", c.ID, err)
	case shown.State == delivery.Dead, shown.State == delivery.Withdrawn, len(shown.To) > 0 && len(shown.Refused) >= len(shown.To):
		return assign.Failed, nil
	case shown.Shown == 0 && shown.State == delivery.Due:
		return assign.Pending, nil
	}
	return assign.Arrived, nil
}

// asked is the card of who is asked to take the customer over.
func (d *Dispatcher) asked(ctx context.Context, c customer.Customer) ([]delivery.Delivery, error) {
	o := c.Clock.Offer
	if c.Owner == "" || o.To == "" {
		return nil, nil
	}
	platform, to := d.reach(o.To, "")
	if to == "" {
		return nil, nil
	}
	h, err := d.historyOf(ctx, c)
	if err != nil {
		return nil, err
	}
	who, _ := d.People.ByID(o.To)
	sight := d.People.Sees(who, d.Pools().Concern(c))
	if !sight.Basis {
		h = cards.History{}
	}
	card := d.Cards.In(who.Language).For(sight).Offer(c, d.PersonName(c.Owner), h)
	return []delivery.Delivery{d.delivery(delivery.Delivery{
		ID: OfferID(c), Platform: platform, Kind: cards.KindOffer, Customer: c.ID, To: []string{to}, Card: &card, Rev: c.Rev,
	})}, nil
}

// OfferID is the delivery of the customer's present offer.
func OfferID(c customer.Customer) string {
	return fmt.Sprintf("%soffer-%d", roundID(c), c.Clock.Offer.N)
}

// OfferOf tells the round and number of the offer that a delivery shows.
func OfferOf(customerID, deliveryID string) (round, n int, ok bool) {
	_, err := fmt.Sscanf(strings.TrimPrefix(deliveryID, "lead-"+customerID), "-%d-offer-%d", &round, &n)
	return round, n, err == nil
}

// WarningOf tells the episode of the warning that a delivery shows.
func WarningOf(customerID, deliveryID string) (episode int, ok bool) {
	round := 0
	_, err := fmt.Sscanf(strings.TrimPrefix(deliveryID, "lead-"+customerID), "-%d-warn-%d", &round, &episode)
	return episode, err == nil
}

// RoundOf tells the round of the customer that a delivery is of.
func RoundOf(customerID, deliveryID string) (round int, ok bool) {
	_, err := fmt.Sscanf(strings.TrimPrefix(deliveryID, "lead-"+customerID), "-%d-", &round)
	return round, err == nil
}

// takenOver is the card of who has a customer that somebody had before.
func (d *Dispatcher) takenOver(ctx context.Context, c customer.Customer) ([]delivery.Delivery, error) {
	platform, to := d.reach(c.Owner, "")
	if to == "" {
		return nil, nil
	}
	h, err := d.historyOf(ctx, c)
	if err != nil {
		return nil, err
	}
	former := d.PersonName(c.Returns[len(c.Returns)-1].Person)
	card := d.Cards.In(d.languageOf(c.Owner)).Handover(c, former, d.PersonName(c.Owner), d.PersonName, h)
	return []delivery.Delivery{d.delivery(delivery.Delivery{
		ID: roundID(c) + "handover", Platform: platform, Kind: cards.KindHandover, Customer: c.ID, To: []string{to}, Card: &card, Rev: c.Rev,
	})}, nil
}

func (d *Dispatcher) historyOf(ctx context.Context, c customer.Customer) (cards.History, error) {
	h := cards.History{Person: d.PersonName}
	if d.History == nil {
		return h, nil
	}
	var err error
	if h.Orders, err = d.History.Orders(ctx, c.Refs()); err != nil {
		return h, fmt.Errorf("orders of %s: %w", c.ID, err)
	}
	if h.Activities, err = d.History.Activities(ctx, c.Refs(), d.Now().AddDate(-1, 0, 0)); err != nil {
		return h, fmt.Errorf("activities of %s: %w", c.ID, err)
	}
	return h, nil
}

// choices are the cards on which managers choose who gets the customer.
func (d *Dispatcher) choices(c customer.Customer) (out []delivery.Delivery) {
	if c.Owner != "" || c.Waiting.Why != customer.WaitChoice || len(c.Waiting.Choices)+len(c.Waiting.Blocks) == 0 {
		return nil
	}
	pool, _ := d.Pools().ByName(c.Pool)
	for l, suffix := range languages {
		card, managers := d.Cards.In(l).Decision(c, d.PersonName), reading(d.leadersOf(pool.Team), l)
		for _, platform := range bots.Platforms() {
			for i, to := range slices.Collect(slices.Chunk(d.identities(managers, platform), perCard)) {
				out = append(out, d.delivery(delivery.Delivery{
					ID: fmt.Sprintf("%schoose-%s-%d%s", roundID(c), platform, i, suffix), Platform: platform, Kind: cards.KindDecision, Customer: c.ID, To: to, Card: &card, Rev: c.Rev,
				}))
			}
		}
	}
	return out
}

// leadersOf are the managers in a team, or all where it has none.
func (d *Dispatcher) leadersOf(team string) []access.Person {
	all := d.People.Managers()
	own := slices.DeleteFunc(slices.Clone(all), func(p access.Person) bool { return p.Team != team })
	if len(own) > 0 {
		return own
	}
	return all
}

// reachManagers is where the managers of somebody are told something, on the first platform that any is on.
func (d *Dispatcher) reachManagers(person string) (bots.Platform, []string) {
	p, _ := d.People.ByID(person)
	managers := d.leadersOf(p.Team)
	for _, platform := range bots.Platforms() {
		if to := d.identities(managers, platform); len(to) > 0 {
			return platform, to[:min(len(to), perCard)]
		}
	}
	return "", nil
}

// copied tells the managers, or the owner, of what happens with an owned customer.
func (d *Dispatcher) copied(ctx context.Context, c customer.Customer, e customer.Effect) error {
	if c.Owner == "" || e.From != assign.CopiedDeclined && c.Owner != e.Person {
		return nil // it has moved on
	}
	var people []access.Person
	if owner, ok := d.People.ByID(c.Owner); ok && e.From == assign.CopiedDeclined {
		people = []access.Person{owner}
	} else {
		people = d.leadersOf(owner.Team)
	}
	id := "copied " + c.ID + " " + e.ID + " " + e.At.UTC().Format(time.RFC3339Nano)
	for l := range languages {
		if err := d.tell(ctx, reading(people, l), id, d.Cards.In(l).Copied(c, e.From, d.PersonName(e.Person))); err != nil {
			return err
		}
	}
	return nil
}

// RunClocks makes the steps that are due of owners who did nothing, hands over what leavers had, and returns for how many customers it did something.
func (d *Dispatcher) RunClocks(ctx context.Context) (int, error) {
	carry := func(c customer.Customer) error { return d.Carry(ctx, c.ID) }
	moved, err := d.Assign.Clocks(ctx, carry)
	left, leaveErr := d.leavers(ctx, carry)
	return moved + left, errors.Join(err, leaveErr)
}

// leavers hands over the customers of people who are no longer there, and tells managers before and after.
func (d *Dispatcher) leavers(ctx context.Context, carry func(customer.Customer) error) (int, error) {
	all, err := d.Assign.Leavers(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, l := range all {
		id := "leaver " + l.ID + " " + l.Since.UTC().Format(time.RFC3339)
		if l.Due.After(d.Now()) {
			missed := func(p *cards.Printer) string { return p.Missed(d.PersonName(l.ID), l.Due) }
			if err := d.tellEach(ctx, id+" missed", missed); err != nil {
				return n, err
			}
			continue
		}
		owners := make(map[string]int)
		moved, err := d.Assign.Vacate(ctx, l.ID, func(c customer.Customer) error {
			if err := carry(c); err != nil {
				return err
			}
			now, err := d.Customers.Customer(ctx, c.ID)
			owners[now.Owner]++
			return err
		})
		n += moved
		if err != nil || moved == 0 {
			return n, err
		}
		if err := d.tellEach(ctx, id+fmt.Sprint(" gone ", d.Now().UnixMilli()), func(p *cards.Printer) string { return p.Left(d.PersonName(l.ID), moved, d.counted(owners), owners[""]) }); err != nil {
			return n, err
		}
	}
	return n, nil
}

// counted are the people of who got customers and how many, in the order of the directory.
func (d *Dispatcher) counted(owners map[string]int) (out []cards.Share) {
	for _, p := range d.People.All() {
		if n := owners[p.ID]; n > 0 {
			out = append(out, cards.Share{Name: p.Name, N: n})
		}
	}
	return out
}

// tellEach tells every manager a text in their language, once for an id.
func (d *Dispatcher) tellEach(ctx context.Context, id string, text func(p *cards.Printer) string) error {
	for l := range languages {
		if err := d.tell(ctx, reading(d.People.Managers(), l), id, text(d.Cards.In(l))); err != nil {
			return err
		}
	}
	return nil
}
