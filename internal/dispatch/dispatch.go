// Package dispatch carries out the effects that customers carry: it brings their lead cards in step, creates first tasks, hands out by rule. An effect was
// recorded in the same write as the change it follows from; carrying it out twice does nothing more, so a crash at any point loses and doubles nothing.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/store"
)

// customers is the part of the store that says what is to be done.
type customers interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	PendingCustomers(ctx context.Context, limit int) ([]customer.Customer, error)
	ClearEffects(ctx context.Context, id string, effects []string) error
	RemoveCustomer(ctx context.Context, id string, rev int64) error
}

// deliveries is the part of the store that keeps what people should see.
type deliveries interface {
	Show(ctx context.Context, d delivery.Delivery) (bool, error)
	Delivery(ctx context.Context, id string) (delivery.Delivery, error)
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)
}

// matcher finds customers that may be the same as one; see match.Service.
type matcher interface {
	Likened(ctx context.Context, c customer.Customer) error
}

// Dispatcher carries effects out. Its methods may be called from several goroutines and processes.
type Dispatcher struct {
	Customers  customers
	Deliveries deliveries
	Assign     *assign.Service
	Tasks      *followup.Service
	Match      matcher
	Cards      *cards.Printer
	People     *access.Directory
	Pools      func() assign.Pools
	Now        func() time.Time
	Wake       func(bots.Platform) // tells the platform's sender that a delivery is due
	Log        *slog.Logger
	// Arrange says of a new message how urgent it is and when it goes at the earliest; nil: at once. See delivery.Planner.
	Arrange func(delivery.Delivery) delivery.Delivery
	// Announce tells other systems how a customer stands; nil where nobody wants to know. Groups read it in chat.
	Announce func(ctx context.Context, c customer.Customer, e customer.Effect) error
	Groups   []Group
	// Ownership are the rules of the owners' clock, in Zone; nil where none runs. History says what who takes a customer over should know.
	Ownership func() assign.Ownership
	Zone      *time.Location
	History   history
	// Deputy is who sees to the tasks of somebody on leave at an instant; "", or nil, for nobody.
	Deputy func(person string, at time.Time) string
}

// Carry carries out what a customer carries at this moment. What is added meanwhile stays for the next time.
func (d *Dispatcher) Carry(ctx context.Context, id string) error {
	c, err := d.Customers.Customer(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("carry out: %w", err)
	}
	if len(c.Effects) == 0 {
		return nil
	}
	done, err := d.carryAll(ctx, c)
	if err != nil {
		return err
	}
	if err := d.settle(ctx, c); err != nil {
		return fmt.Errorf("settle the cards of %s: %w", c.ID, err)
	}
	if slices.ContainsFunc(c.Effects, func(e customer.Effect) bool { return e.Kind == customer.EffectVanish }) {
		if gone, err := d.vanish(ctx, c.ID); gone || err != nil {
			return err
		}
	}
	if err := d.Customers.ClearEffects(ctx, c.ID, done); err != nil && !errors.Is(err, store.ErrNotFound) { // merged away meanwhile
		return fmt.Errorf("clear effects of %s: %w", c.ID, err)
	}
	if slices.ContainsFunc(c.Effects, func(e customer.Effect) bool { return e.Kind == customer.EffectHandOut }) {
		return d.Carry(ctx, c.ID) // what follows from the new ownership
	}
	return nil
}

// vanish forgets a customer of whom everything was taken back, unless somebody told of it or took it over meanwhile; gone is false then.
func (d *Dispatcher) vanish(ctx context.Context, id string) (gone bool, err error) {
	c, err := d.Customers.Customer(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return true, nil
	}
	if err != nil || !c.Withdrawn() || c.Owner != "" {
		return false, err
	}
	if err := d.Customers.RemoveCustomer(ctx, id, c.Rev); err != nil {
		return false, fmt.Errorf("forget %s: %w", id, err)
	}
	return true, nil
}

// carryAll carries out every effect and returns their ids.
func (d *Dispatcher) carryAll(ctx context.Context, c customer.Customer) ([]string, error) {
	done := make([]string, 0, len(c.Effects))
	cardsDone := false
	for _, e := range c.Effects {
		if e.Kind == customer.EffectCards && cardsDone {
			done = append(done, e.ID)
			continue
		}
		if err := d.carry(ctx, c, e); err != nil {
			return nil, fmt.Errorf("carry out %s of %s: %w", e.Kind, c.ID, err)
		}
		cardsDone = cardsDone || e.Kind == customer.EffectCards
		done = append(done, e.ID)
	}
	return done, nil
}

// settlings bounds how often settle looks again; the effects stay for the sweep where the customer never stands still.
const settlings = 20

// settle looks whether the customer changed while its cards were being made. Whoever changed it has closed the cards that were there by then; those made since
// would stay open for ever. So the cards are brought in step with the newest state before the effects count as done.
func (d *Dispatcher) settle(ctx context.Context, c customer.Customer) error {
	for range settlings {
		fresh, err := d.Customers.Customer(ctx, c.ID)
		if err != nil {
			return err
		}
		if fresh.ID != c.ID {
			return d.withdraw(ctx, c.ID, fresh)
		}
		if fresh.Rev == c.Rev {
			return nil
		}
		if err := d.syncCards(ctx, fresh); err != nil {
			return err
		}
		c = fresh
	}
	return errRestless
}

var errRestless = errors.New("the customer keeps changing")

func (d *Dispatcher) carry(ctx context.Context, c customer.Customer, e customer.Effect) error {
	switch e.Kind {
	case customer.EffectCards:
		return d.syncCards(ctx, c)
	case customer.EffectTask:
		return d.firstTask(ctx, c, e)
	case customer.EffectReleased:
		if err := d.partWith(ctx, c.ID, e.Person); err != nil {
			return err
		}
		return d.fill(ctx, c, e.Person)
	case customer.EffectMerged:
		return d.merged(ctx, c, e.From)
	case customer.EffectVanish:
		return d.syncCards(ctx, c) // what remains to be done comes last, see Carry
	case customer.EffectAnnounce:
		return d.announce(ctx, c, e)
	case customer.EffectCopied:
		return d.copied(ctx, c, e)
	case customer.EffectParted:
		return d.parted(ctx, c, e.From)
	case customer.EffectLikened:
		return d.Match.Likened(ctx, c)
	case customer.EffectWork:
		return d.work(ctx, c, e)
	case customer.EffectCalm:
		return d.calm(ctx, e)
	case customer.EffectTell:
		if d.Announce == nil {
			return nil
		}
		return d.Announce(ctx, c, e)
	case customer.EffectTier:
		return d.tierChanged(ctx, c, e)
	case customer.EffectHandOut:
		_, err := d.Assign.HandOut(ctx, c.ID)
		return err
	default:
		return fmt.Errorf("unknown effect %q", e.Kind)
	}
}

// Sweep carries out what is left over from crashes and failed attempts, in batches until nothing is left, and returns for how many customers it did.
func (d *Dispatcher) Sweep(ctx context.Context) (int, error) {
	const batch = 200
	n := 0
	for {
		pending, err := d.Customers.PendingCustomers(ctx, batch)
		if err != nil {
			return n, fmt.Errorf("pending customers: %w", err)
		}
		carried := 0
		var failed error
		for _, c := range pending {
			if err := d.Carry(ctx, c.ID); err != nil {
				failed = err
				d.Log.LogAttrs(ctx, slog.LevelWarn, "carry out effects", slog.String("customer", c.ID), slog.Any("err", err))
				continue
			}
			carried++
		}
		n += carried
		if len(pending) < batch || carried == 0 {
			return n, failed
		}
	}
}
