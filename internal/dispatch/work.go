package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// work creates the task that an effect asks for and shows its card to the owner. Urgent work of a customer without owner, or of one whose owner is away, is told to
// the managers as well, unless a deputy gets it: somebody has to see to it.
func (d *Dispatcher) work(ctx context.Context, c customer.Customer, e customer.Effect) error {
	if e.Work == nil {
		return fmt.Errorf("effect %s asks for no work", e.ID)
	}
	w := *e.Work
	if c.Owner == "" {
		if !w.Urgent {
			return nil
		}
		return d.tellEach(ctx, "unowned "+w.Task, func(p *cards.Printer) string { return p.Unowned(c, w) })
	}
	owner, away := c.Owner, w.Urgent && d.Tasks.Away(c.Owner, w.At)
	if deputy := d.deputyOf(owner, w.At); away && deputy != "" {
		owner, away = deputy, false
	}
	t, err := d.Tasks.Take(ctx, c, w, owner)
	if err != nil {
		return err
	}
	if err := d.ShowTask(ctx, t); err != nil {
		return err
	}
	if away && t.State == followup.Open {
		return d.showManagers(ctx, t, c, "away", cards.Away)
	}
	return nil
}

// deputyOf is who sees to the tasks of somebody at an instant, as far as they are there themselves; "" for nobody.
func (d *Dispatcher) deputyOf(person string, at time.Time) string {
	if d.Deputy == nil {
		return ""
	}
	deputy := d.Deputy(person, at)
	if p, known := d.People.ByID(deputy); !known || !p.May(access.Claim) || !p.Left.IsZero() && !p.Left.After(at) || d.Tasks.Away(deputy, at) {
		return ""
	}
	return deputy
}

// CoverLeave has deputies get the tasks of people who are on leave at an instant, or makes them wait, and returns for how many tasks that was.
func (d *Dispatcher) CoverLeave(ctx context.Context, at time.Time) (n int, failed error) {
	for _, p := range d.People.All() {
		changed, err := d.Tasks.Cover(ctx, p.ID, d.deputyOf(p.ID, at), at)
		n, failed = n+len(changed), errors.Join(failed, err, d.showTasks(ctx, changed))
	}
	return n, failed
}

// calm ends a task for which there is no reason any more, and closes its card.
func (d *Dispatcher) calm(ctx context.Context, e customer.Effect) error {
	if e.Work == nil {
		return fmt.Errorf("effect %s names no work", e.ID)
	}
	t, known, err := d.Tasks.Drop(ctx, e.Work.Task, lang.Text{ZH: e.Work.Why, EN: e.Work.English.Why}, store.ErrNotFound)
	if err != nil || !known {
		return err
	}
	return d.ShowTask(ctx, t)
}

// managersOf are the managers of a person's team, or all where it has none of its own.
func (d *Dispatcher) managersOf(person string) []access.Person {
	all := d.People.Managers()
	p, known := d.People.ByID(person)
	if !known {
		return all
	}
	var own []access.Person
	for _, m := range all {
		if m.Team == p.Team && m.ID != person {
			own = append(own, m)
		}
	}
	if len(own) > 0 {
		return own
	}
	return all
}

// Escalate tells the owner's managers that a task is late, once for a due time.
func (d *Dispatcher) Escalate(ctx context.Context, t followup.Task) error {
	return d.aboutTask(ctx, t, fmt.Sprintf("late%d", t.Due.UnixMilli()), cards.Late)
}

// AskHelp tells the owner's managers that the owner asks for help with a task.
func (d *Dispatcher) AskHelp(ctx context.Context, t followup.Task) error {
	return d.aboutTask(ctx, t, fmt.Sprintf("help%d", t.Helped.UnixMilli()), cards.Help)
}

func (d *Dispatcher) aboutTask(ctx context.Context, t followup.Task, name string, why cards.Concern) error {
	c, found, err := d.customerOf(ctx, t)
	if err != nil || !found {
		return err
	}
	return d.showManagers(ctx, t, c, name, why)
}

// showManagers shows the managers of a task's owner a card about it, one each: whoever acts on it closes only their own.
func (d *Dispatcher) showManagers(ctx context.Context, t followup.Task, c customer.Customer, name string, why cards.Concern) error {
	for _, m := range d.managersOf(t.Owner) {
		platform, to := Reach(m, "")
		if to == "" {
			continue
		}
		card := d.Cards.In(m.Language).Concern(t, c, d.PersonName(t.Owner), why)
		err := d.show(ctx, d.delivery(delivery.Delivery{
			ID: concernID(t, name, m), Platform: platform, Kind: cards.KindConcern, Customer: c.ID, Task: t.ID, To: []string{to}, Card: &card, Rev: 1,
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

// concernID is the same however often a manager is told of the same.
func concernID(t followup.Task, name string, m access.Person) string {
	sum := sha256.Sum256([]byte(t.ID + "\x00" + name + "\x00" + m.ID))
	return "concern-" + hex.EncodeToString(sum[:16])
}

// Urge reminds the owner of a task that a manager waits for it; id names the request.
func (d *Dispatcher) Urge(ctx context.Context, id string, t followup.Task, by string) error {
	c, found, err := d.customerOf(ctx, t)
	platform, to := d.reach(t.Owner, bots.Platform(t.Via))
	if err != nil || !found || to == "" {
		return err
	}
	return d.show(ctx, d.delivery(delivery.Delivery{
		ID: id, Platform: platform, Kind: "text", Customer: c.ID, Task: t.ID, To: []string{to}, Text: d.Cards.In(d.languageOf(t.Owner)).Urged(t, c, by), Rev: 1,
	}))
}
