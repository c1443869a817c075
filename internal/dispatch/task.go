package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// firstTask creates the owner's first task and shows its card. There is none where the claim that asked for it is over: the customer was given back, or belongs
// to somebody else by a merge.
func (d *Dispatcher) firstTask(ctx context.Context, c customer.Customer, e customer.Effect) error {
	pool, ok := d.Pools().ByName(e.Pool)
	title, due := pool.TaskTitle, pool.TaskDue
	if rules := d.rules(); c.Taken() && !rules.TaskTitle.IsZero() {
		title, due, ok = rules.TaskTitle, rules.TaskDue, true
	}
	if c.Owner == "" || !e.At.Equal(c.OwnedAt) || !ok || title.IsZero() {
		return nil
	}
	t, err := d.Tasks.First(ctx, c, title, due, e.Via)
	if err != nil {
		return err
	}
	return d.ShowTask(ctx, t)
}

// partWith sees to the open tasks of somebody who does not have a customer any more: they go to who has it now, or end where nobody does.
func (d *Dispatcher) partWith(ctx context.Context, id, person string) error {
	c, err := d.Customers.Customer(ctx, id) // a hand-out may have found an owner since the effect was required
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var changed []followup.Task
	if c.Owner == "" || c.Owner == person {
		changed, err = d.Tasks.Cancel(ctx, c, person, lang.Text{ZH: "客户已退回公海", EN: "the customer went back to the pool"})
	} else {
		changed, err = d.Tasks.Succeed(ctx, c, person, c.Handed.By, lang.Both("客户已转给 %s", "the customer is %s's now", d.PersonName(c.Owner)))
	}
	if err != nil {
		return err
	}
	return d.showTasks(ctx, changed)
}

func (d *Dispatcher) showTasks(ctx context.Context, tasks []followup.Task) error {
	for _, t := range tasks {
		if err := d.ShowTask(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// ShowTask brings the owner's card of a task in step with it, and closes that of whoever had the task before.
func (d *Dispatcher) ShowTask(ctx context.Context, t followup.Task) error {
	c, err := d.Customers.Customer(ctx, t.Customer)
	if err != nil {
		return fmt.Errorf("customer of task %s: %w", t.ID, err)
	}
	if err := d.worked(ctx, t, c); err != nil {
		return err
	}
	holders := append(formerHolders(t), t.Owner)
	for i, person := range holders {
		platform, to := d.reach(person, bots.Platform(t.Via))
		if to == "" {
			continue
		}
		printer := d.Cards.In(d.languageOf(person))
		card := printer.Task(d.told(t, printer), c)
		if i < len(holders)-1 {
			card = printer.Passed(t, c, d.PersonName(t.Owner))
		}
		err := d.show(ctx, d.delivery(delivery.Delivery{
			ID: taskCardID(t, i), Platform: platform, Kind: cards.KindTask, Topic: t.Kind, Customer: c.ID, Task: t.ID, To: []string{to}, Card: &card, Rev: t.Rev + 1,
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

// told is a task as its holder's card tells of it: with who had it before.
func (d *Dispatcher) told(t followup.Task, p *cards.Printer) followup.Task {
	t = t.In(p.Language())
	if n := len(t.Passed); n > 0 {
		t.Why = strings.TrimSuffix(p.From(d.PersonName(t.Passed[n-1].From))+"\n"+t.Why, "\n")
		t.English.Why = t.Why
	}
	return t
}

// worked has the owner's clock know of a task that is done, so that a card that warns is closed at once.
func (d *Dispatcher) worked(ctx context.Context, t followup.Task, c customer.Customer) error {
	if t.State != followup.Done || t.Owner != c.Owner || c.Clock.From.IsZero() || !t.Ended.After(c.Clock.Last) {
		return nil
	}
	changed, err := d.Assign.Worked(ctx, c.ID, t.Ended)
	if err == nil && len(changed.Effects) > 0 {
		err = d.Carry(ctx, c.ID)
	}
	return err
}

func formerHolders(t followup.Task) []string {
	people := make([]string, len(t.Passed))
	for i, p := range t.Passed {
		people[i] = p.From
	}
	return people
}

// taskCardID is the id of the card of a task's nth holder, from 0.
func taskCardID(t followup.Task, holder int) string {
	if holder == 0 {
		return "task-" + t.ID
	}
	return fmt.Sprintf("task-%s-h%d", t.ID, holder)
}

// Remind tells the owner of a task's due time, once for each due time and owner.
func (d *Dispatcher) Remind(ctx context.Context, t followup.Task) error {
	c, found, err := d.customerOf(ctx, t)
	if err != nil || !found {
		return err
	}
	platform, to := d.reach(t.Owner, bots.Platform(t.Via))
	if to == "" {
		return nil
	}
	id := "due-" + t.ID
	if t.Postponed+len(t.Passed) > 0 { // each owner is told once for a due time
		id = fmt.Sprintf("%s-%d-%d", id, len(t.Passed), t.Due.UnixMilli())
	}
	return d.show(ctx, d.delivery(delivery.Delivery{
		ID: id, Platform: platform, Kind: delivery.KindReminder, Topic: t.Kind, Customer: c.ID, Task: t.ID, To: []string{to}, Text: d.Cards.In(d.languageOf(t.Owner)).Reminder(t, c, d.Now()), Rev: 1,
	}))
}

// customerOf is the customer of a task; found is false where it is gone.
func (d *Dispatcher) customerOf(ctx context.Context, t followup.Task) (c customer.Customer, found bool, err error) {
	c, err = d.Customers.Customer(ctx, t.Customer)
	if errors.Is(err, store.ErrNotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("customer of task %s: %w", t.ID, err)
	}
	return c, true, nil
}

// reach returns where a person is told something: on the preferred platform if they are there, else where they are.
func (d *Dispatcher) reach(person string, preferred bots.Platform) (bots.Platform, string) {
	p, ok := d.People.ByID(person)
	if !ok {
		return "", ""
	}
	return Reach(p, preferred)
}

// Reach returns the platform and user id under which a person is told something: their own choice if they are there, else preferred, else the company's choice, else
// DingTalk, else WeCom.
func Reach(p access.Person, preferred bots.Platform) (bots.Platform, string) {
	for _, platform := range append([]bots.Platform{bots.Platform(p.Chosen), preferred, bots.Platform(p.Home)}, bots.Platforms()...) {
		if platform == "" {
			continue
		}
		if id := Identity(p, platform); id != "" {
			return platform, id
		}
	}
	return "", ""
}

// Reply answers a person in the conversation in which they wrote or clicked. id names what is answered, so that answering twice shows one reply.
func (d *Dispatcher) Reply(ctx context.Context, id string, x delivery.Delivery) error {
	x.ID, x.Kind, x.Rev, x.Rank = id, "text", 1, delivery.Urgent
	if x.Card != nil {
		x.Kind = x.Card.Kind
	}
	return d.show(ctx, d.delivery(x))
}

// Change shows a delivery in its new state, x.Rev being greater than before, to everybody who received it.
func (d *Dispatcher) Change(ctx context.Context, x delivery.Delivery) error { return d.show(ctx, x) }

// Later tells a person something at an instant, in the words that x has.
func (d *Dispatcher) Later(ctx context.Context, x delivery.Delivery, when time.Time) error {
	return d.showAt(ctx, d.delivery(x), when)
}
