package dispatch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// perCard is how many people share one card: as many as every platform takes in one call.
const perCard = 20

// syncCards shows the cards that follow from who has the customer (see owned) to the people concerned, and closes every other one that can still be pressed.
func (d *Dispatcher) syncCards(ctx context.Context, c customer.Customer) error {
	shown, err := d.leadCards(ctx, c.ID)
	if err != nil {
		return err
	}
	offered, err := d.offered(ctx, c)
	if err != nil {
		return err
	}
	var wishes []delivery.Delivery
	for _, o := range d.fresh(c, shown, offered) {
		i := slices.IndexFunc(shown, func(s delivery.Delivery) bool { return s.ID == o.ID })
		if i >= 0 && o.Kind == cards.KindLead && o.Card.Live() { // to whom it went is settled, what they may know is not
			card := d.printer(shown[i], c).Lead(c, "")
			o.Card = &card
		}
		if i >= 0 && (reflect.DeepEqual(shown[i].Card, o.Card) || spared(shown[i]) || !o.Card.Live()) {
			continue
		}
		wishes = append(wishes, o)
	}
	for _, s := range shown {
		if slices.ContainsFunc(offered, func(o delivery.Delivery) bool { return o.ID == s.ID }) {
			continue
		}
		over := s.Kind == cards.KindLead && !s.Platform.ChangesOnce() && ended(c, s) // the one change was spent when it was claimed
		closed := d.closedLead(c, s)
		if s.Card.Live() || over && s.Card.Closed != closed.Closed {
			s.Rev, s.Card = c.Rev, closed
			wishes = append(wishes, s)
		}
	}
	return d.showAll(ctx, wishes)
}

// offered are all the cards that should be open, or were to be shown once.
func (d *Dispatcher) offered(ctx context.Context, c customer.Customer) ([]delivery.Delivery, error) {
	all := slices.Concat(d.offers(c), d.warnings(c), d.choices(c))
	asked, err := d.asked(ctx, c)
	if err != nil {
		return nil, err
	}
	handed, err := d.handed(ctx, c)
	return slices.Concat(all, asked, handed), err
}

// showAll shows everything at once, so that the store commits it together.
func (d *Dispatcher) showAll(ctx context.Context, all []delivery.Delivery) error {
	errs := make([]error, len(all))
	var shows sync.WaitGroup
	for i, x := range all {
		shows.Go(func() { errs[i] = d.show(ctx, x) })
	}
	shows.Wait()
	return errors.Join(errs...)
}

// spared reports whether an open card is left as it is, although its score changed: where a card can be changed once, that is kept for closing it. A card that can
// still be pressed after somebody else has the customer would be worse than yesterday's score.
func spared(shown delivery.Delivery) bool {
	return shown.Kind == cards.KindLead && shown.Platform.ChangesOnce() && shown.Card.Live()
}

// ended reports whether a lead card belongs to an earlier round: who claimed by it gave the customer back.
func ended(c customer.Customer, shown delivery.Delivery) bool {
	return !strings.HasPrefix(shown.ID, roundID(c))
}

func (d *Dispatcher) closedLead(c customer.Customer, shown delivery.Delivery) *bots.Card {
	var card bots.Card
	p := d.printer(shown, c)
	l := p.Language()
	mine := c.Owner != "" && !ended(c, shown)
	switch {
	case shown.Kind == cards.KindWarning:
		card = p.Withdrawn(*shown.Card, p.WarningOver(c, d.PersonName(c.Owner), mine))
	case shown.Kind == cards.KindOffer:
		card = p.Withdrawn(*shown.Card, p.OfferOver(c, d.addressee(shown), d.PersonName(c.Owner)))
	case shown.Kind == cards.KindDecision && c.Owner != "":
		card = p.Withdrawn(*shown.Card, l.Sayf("已分配给 %s", "Given to %s", d.PersonName(c.Owner)))
	case ended(c, shown) && c.Owner != "" && c.Handed.By != "":
		card = p.Withdrawn(*shown.Card, l.Sayf("已转给 %s", "Given to %s", d.PersonName(c.Owner)))
	case ended(c, shown):
		card = p.Withdrawn(*shown.Card, l.Say("已退回线索池", "Given back to the pool"))
	case c.Owner != "":
		card = p.Lead(c, d.PersonName(c.Owner))
	case c.Pool != "":
		card = p.Withdrawn(*shown.Card, l.Sayf("已转入 %s", "Moved to %s", c.Pool))
	default:
		card = p.Withdrawn(*shown.Card, l.Say("已不在线索池", "In no pool any more"))
	}
	return &card
}

// addressee is the person to whom a card was shown; "" where it were several.
func (d *Dispatcher) addressee(shown delivery.Delivery) string {
	if len(shown.To) != 1 {
		return ""
	}
	p, _ := d.People.ByPlatform(string(shown.Platform), shown.To[0])
	return p.ID
}

// merged brings in order what people have of a customer that became another name of c.
func (d *Dispatcher) merged(ctx context.Context, c customer.Customer, from string) error {
	if err := d.withdraw(ctx, from, c); err != nil {
		return err
	}
	moved, err := d.Tasks.Merge(ctx, from, c)
	if err != nil {
		return err
	}
	return d.showTasks(ctx, moved)
}

// parted gives the tasks back to a customer that is no longer another name of from, and to from itself.
func (d *Dispatcher) parted(ctx context.Context, c customer.Customer, from string) error {
	rest, err := d.Customers.Customer(ctx, from)
	if err != nil {
		return err
	}
	for _, part := range []customer.Customer{c, rest} {
		changed, err := d.Tasks.Part(ctx, from, part)
		if err != nil {
			return err
		}
		if err := d.showTasks(ctx, changed); err != nil {
			return err
		}
	}
	return nil
}

// withdraw closes the lead cards of a customer that is no more.
func (d *Dispatcher) withdraw(ctx context.Context, customerID string, into customer.Customer) error {
	shown, err := d.leadCards(ctx, customerID)
	if err != nil {
		return err
	}
	for _, s := range shown {
		if !s.Card.Live() {
			continue
		}
		card := d.Cards.Withdrawn(*s.Card, d.language(s).Sayf("已并入 %s", "Merged into %s", cards.Name(into)))
		s.Rev, s.Card = s.Rev+1, &card
		if err := d.show(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dispatcher) leadCards(ctx context.Context, customerID string) ([]delivery.Delivery, error) {
	var out []delivery.Delivery
	q := delivery.Query{Customer: customerID, Limit: 1000}
	for {
		page, next, err := d.Deliveries.Deliveries(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("cards of %s: %w", customerID, err)
		}
		for _, p := range page {
			if slices.Contains(owned, p.Kind) && p.Card != nil {
				out = append(out, p)
			}
		}
		if next == "" {
			return out, nil
		}
		q.After = next
	}
}

// offers are the lead cards that should be open now: one for each platform and up to perCard people.
func (d *Dispatcher) offers(c customer.Customer) []delivery.Delivery {
	pool, ok := d.Pools().ByName(c.Pool)
	if !ok || c.Owner != "" || pool.Strategy != assign.ByClaim || c.Waiting.Handing {
		return nil
	}
	full, brief := d.bySight(d.seeing(pool, c), c)
	var out []delivery.Delivery
	for l, suffix := range languages {
		p := d.Cards.In(l)
		told, withheld := p.Lead(c, ""), p.For(access.Sight{Tier: true}).Lead(c, "")
		out = append(out, d.offersTo(c, reading(full, l), &told, suffix)...)
		out = append(out, d.offersTo(c, reading(brief, l), &withheld, "b"+suffix)...)
	}
	return out
}

// seeing are the people whom the pool tells of a customer, but for those who cannot have it now.
func (d *Dispatcher) seeing(pool assign.Pool, c customer.Customer) []access.Person {
	return slices.DeleteFunc(d.audience(pool), func(p access.Person) bool { return !d.Assign.Sees(c, p) || c.Clock.Cooled.After(d.Now()) })
}

// offersTo are the lead cards for people of one sight.
func (d *Dispatcher) offersTo(c customer.Customer, people []access.Person, card *bots.Card, suffix string) (out []delivery.Delivery) {
	for _, platform := range bots.Platforms() {
		for i, to := range slices.Collect(slices.Chunk(d.identities(people, platform), perCard)) {
			out = append(out, d.delivery(delivery.Delivery{
				ID: leadID(c, platform, i) + suffix, Platform: platform, Kind: cards.KindLead, Customer: c.ID, To: to, Card: card, Rev: c.Rev,
			}))
		}
	}
	return out
}

// handed is the card that tells somebody of a customer that a rule gave them, or that somebody else had before. Where the pool gives a first task, its card tells of the
// former.
func (d *Dispatcher) handed(ctx context.Context, c customer.Customer) ([]delivery.Delivery, error) {
	pool, ok := d.Pools().ByName(c.Pool)
	switch {
	case c.Owner != "" && c.Taken():
		return d.takenOver(ctx, c)
	case c.Owner == "" || c.Handed.IsZero() || c.Handed.Rule == customer.HandedBySource || ok && !pool.TaskTitle.IsZero():
		return nil, nil
	}
	platform, to := d.reach(c.Owner, "")
	if to == "" {
		return nil, nil
	}
	card := d.Cards.In(d.languageOf(c.Owner)).Handed(c, d.PersonName(c.Owner))
	return []delivery.Delivery{d.delivery(delivery.Delivery{
		ID: roundID(c) + "handed", Platform: platform, Kind: cards.KindLead, Customer: c.ID, To: []string{to}, Card: &card, Rev: c.Rev,
	})}, nil
}

// leadID is the same for every attempt to show that round's card, on every replica.
func leadID(c customer.Customer, platform bots.Platform, part int) string {
	pool := sha256.Sum256([]byte(c.Pool))
	return fmt.Sprintf("%s%s-%s-%d", roundID(c), hex.EncodeToString(pool[:3]), platform, part)
}

// roundID is what the ids of all lead cards of the customer's round begin with.
func roundID(c customer.Customer) string { return fmt.Sprintf("lead-%s-%d-", c.ID, c.Round) }

// audience are the people whom the pool tells of a customer, each once, sorted by id.
func (d *Dispatcher) audience(pool assign.Pool) []access.Person {
	notify := pool.Notify
	if len(notify) == 0 {
		notify = []string{"team"}
	}
	byID := make(map[string]access.Person)
	add := func(people ...access.Person) {
		for _, p := range people {
			byID[p.ID] = p
		}
	}
	for _, who := range notify {
		switch who {
		case "team":
			add(d.People.Team(pool.Team)...)
		case "manager":
			add(d.People.Managers()...)
		default:
			if p, ok := d.People.ByID(who); ok {
				add(p)
			}
		}
	}
	out := make([]access.Person, 0, len(byID))
	for _, p := range byID {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b access.Person) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (d *Dispatcher) identities(people []access.Person, platform bots.Platform) []string {
	var out []string
	for _, p := range people {
		id := Identity(p, platform)
		if home, _ := Reach(p, ""); id != "" && (p.Prefers() == "" || home == platform) { // who chose a platform is not told on the other as well
			out = append(out, id)
		}
	}
	return out
}

// Identity is a person's user id on a platform, or "".
func Identity(p access.Person, platform bots.Platform) string {
	switch platform {
	case bots.WeCom:
		return p.WeCom
	case access.Terminal: // which nothing is sent to
		return ""
	}
	return p.DingTalk
}

// PersonName is what a person is called, or the id where nobody has it.
func (d *Dispatcher) PersonName(id string) string {
	if p, ok := d.People.ByID(id); ok {
		return p.Name
	}
	return id
}

func (d *Dispatcher) delivery(x delivery.Delivery) delivery.Delivery {
	now := d.Now().UTC().Truncate(time.Millisecond)
	x.State, x.Due, x.Created = delivery.Due, now, now
	return x
}

func (d *Dispatcher) show(ctx context.Context, x delivery.Delivery) error {
	return d.showAt(ctx, x, d.Now())
}

func (d *Dispatcher) showAt(ctx context.Context, x delivery.Delivery, due time.Time) error {
	x.Due = due.UTC().Truncate(time.Millisecond)
	if d.Arrange != nil {
		x = d.Arrange(x)
	}
	shown, err := d.Deliveries.Show(ctx, x)
	if err != nil {
		return fmt.Errorf("show %s: %w", x.ID, err)
	}
	if shown && !x.Due.After(d.Now()) {
		d.Wake(x.Platform)
	}
	return nil
}
