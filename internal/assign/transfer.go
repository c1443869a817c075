package assign

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// The reasons why something about an owned customer cannot be done; test with errors.Is.
var (
	ErrNotManager = errors.New("only a manager may do that")
	ErrCannotOwn  = errors.New("the person cannot own customers")
	ErrOver       = errors.New("that is over: the customer stands differently by now")
	ErrNoMore     = errors.New("the time was extended, or the customer put off, as often as allowed")
	ErrTooLong    = errors.New("the customer cannot be put off to that day")
	ErrNoReason   = errors.New("putting off needs a reason")
	ErrNoClock    = errors.New("no clock runs for the customer")
)

// The From of effects that tell people of what somebody did; see customer.EffectCopied.
const (
	CopiedManager  = string(customer.StepManager)
	CopiedUnseen   = copiedUnseen
	CopiedDelayed  = "delayed"
	CopiedDeclined = "declined"
)

// Assign makes to the owner because a manager says so. The new owner's day is not spent, but there has to be room. Assigning to the owner changes nothing.
// Errors: ErrNotManager, ErrCannotOwn, store.ErrHoldingFull, store.ErrNotFound, ErrBusy.
func (s *Service) Assign(ctx context.Context, id string, to, by access.Person, via string) (customer.Customer, error) {
	if !by.May(access.Manage) {
		return customer.Customer{}, fmt.Errorf("assign %s: %w", id, ErrNotManager)
	}
	return s.transfer(ctx, id, to, via, customer.Handed{Rule: customer.HandedByManager, By: by.ID}, nil)
}

// HandOver gives a customer of by's to somebody else: at once, or when they have said yes, as the rules say. asked reports that they are asked now.
// Errors: ErrNotOwner, ErrCannotOwn, store.ErrHoldingFull, store.ErrNotFound, ErrBusy.
func (s *Service) HandOver(ctx context.Context, id string, to, by access.Person, via string) (c customer.Customer, asked bool, err error) {
	owns := func(c *customer.Customer) error {
		if c.Owner != by.ID {
			return fmt.Errorf("hand %s over: %w", id, ErrNotOwner)
		}
		return nil
	}
	if !s.ownership().Accept {
		c, err = s.transfer(ctx, id, to, via, customer.Handed{Rule: customer.HandedByOwner, By: by.ID}, owns)
		return c, false, err
	}
	if err := s.able(to); err != nil {
		return c, false, err
	}
	c, err = s.amend(ctx, id, func(c *customer.Customer) error {
		if c.Owner == to.ID {
			return nil
		}
		if err := owns(c); err != nil {
			return err
		}
		if o := c.Clock.Offer; o.To != to.ID || o.By != by.ID {
			s.offer(c, to.ID, by.ID, s.stamp())
		}
		return nil
	})
	return c, err == nil && c.Owner != to.ID, err
}

func (s *Service) offer(c *customer.Customer, to, by string, at time.Time) {
	o := &c.Clock.Offer
	o.N, o.To, o.By, o.At = o.N+1, to, by, at
	c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Pool: c.Pool})
}

// Accept makes who the owner, who was asked by the offer of that number. Errors: ErrOver, store.ErrHoldingFull, store.ErrNotFound, ErrBusy.
func (s *Service) Accept(ctx context.Context, id string, round, n int, who access.Person, via string) (customer.Customer, error) {
	handed := customer.Handed{Rule: customer.HandedByOffer}
	return s.transfer(ctx, id, who, via, handed, func(c *customer.Customer) error {
		o := c.Clock.Offer
		if o.N != n || c.Round != round || o.To != who.ID {
			return fmt.Errorf("accept %s: %w", id, ErrOver)
		}
		if o.By != "" {
			c.Handed = customer.Handed{Rule: customer.HandedByOwner, By: o.By}
		}
		return nil
	})
}

// Decline says no to the offer of that number. Where the clock asked, it asks the next colleague; who handed over is told. Errors: ErrOver, store.ErrNotFound, ErrBusy.
func (s *Service) Decline(ctx context.Context, id string, round, n int, who access.Person) (customer.Customer, error) {
	return s.amend(ctx, id, func(c *customer.Customer) error {
		o := &c.Clock.Offer
		if n <= o.N && c.Round == round && slices.Contains(o.Declined, who.ID) {
			return nil // a second click
		}
		if o.N != n || c.Round != round || o.To != who.ID {
			return fmt.Errorf("decline %s: %w", id, ErrOver)
		}
		at, by := s.stamp(), o.By
		o.To, o.By, o.At, o.Declined = "", "", time.Time{}, append(slices.Clip(o.Declined), who.ID)
		c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Pool: c.Pool})
		if by != "" {
			c.Require(customer.Effect{Kind: customer.EffectCopied, At: at, Pool: c.Pool, Person: who.ID, From: CopiedDeclined})
			return nil
		}
		return s.ask(ctx, c, at)
	})
}

// ask asks the colleague who would get the customer by the pool's rule, if there is one who has not said no.
func (s *Service) ask(ctx context.Context, c *customer.Customer, at time.Time) error {
	pool, ok := s.poolOf(*c)
	if !ok || c.Clock.Offer.To != "" {
		return nil
	}
	refused := map[string]customer.Block{c.Owner: customer.BlockFormer}
	for _, no := range c.Clock.Offer.Declined {
		refused[no] = customer.BlockFormer
	}
	l, err := s.ledger(ctx, pool.Team)
	if err != nil {
		return err
	}
	has, _, err := s.loadsOf(ctx, pool.Team, l)
	if err != nil {
		return err
	}
	all, _, _ := s.candidates(*c, pool, l, has, refused)
	if len(all) == 0 {
		return nil
	}
	s.offer(c, least(all).id, "", at)
	return nil
}

// least is who has the fewest customers for their weight.
func least(all []candidate) candidate {
	return slices.MinFunc(all, compareLoad)
}

func compareLoad(a, b candidate) int {
	if d := ratio(a.open, a.weight).Cmp(ratio(b.open, b.weight)); d != 0 {
		return d
	}
	return strings.Compare(a.id, b.id)
}

// able reports whether somebody can own customers at all.
func (s *Service) able(to access.Person) error {
	if !to.May(access.Claim) || s.gone(to.ID) {
		return fmt.Errorf("%s: %w", to.ID, ErrCannotOwn)
	}
	return nil
}

// transfer makes to the owner in place of whoever was. allow may refuse, and say in c.Handed more about why.
func (s *Service) transfer(ctx context.Context, id string, to access.Person, via string, handed customer.Handed, allow func(*customer.Customer) error) (customer.Customer, error) {
	if err := s.able(to); err != nil {
		return customer.Customer{}, err
	}
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil || c.Owner == to.ID {
			return c, err
		}
		before := c.Handed
		c.Handed = handed
		if allow != nil {
			if err := allow(&c); err != nil {
				c.Handed = before
				return c, err
			}
		}
		at, pool := s.stamp(), Pool{Name: c.Pool}
		if found, ok := s.pools().ByName(c.Pool); ok {
			pool = found
		}
		if former := c.Owner; former != "" {
			c.Returned(former, at)
			c.Round++
			c.Require(customer.Effect{Kind: customer.EffectReleased, At: at, Via: via, Pool: c.Pool, Person: former})
		}
		c = s.owned(c, to, via, pool)
		allowance := s.allowance(to)
		allowance.Given = true
		err = s.customers.Claim(ctx, c, allowance)
		if err == nil {
			c.Rev++
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return c, fmt.Errorf("give %s to %s: %w", id, to.ID, err)
		}
	}
	return customer.Customer{}, fmt.Errorf("give %s to %s: %w", id, to.ID, ErrBusy)
}

// Extend gives the owner more time, as often as the rules allow. episode is that of the card on which it was asked for; 0 for the present one.
// Errors: ErrNotOwner, ErrNoClock, ErrOver, ErrNoMore, store.ErrNotFound, ErrBusy.
func (s *Service) Extend(ctx context.Context, id string, episode int, who access.Person) (customer.Customer, error) {
	rules := s.ownership()
	return s.amend(ctx, id, func(c *customer.Customer) error {
		k := &c.Clock
		switch {
		case c.Owner != who.ID && !who.May(access.Manage) || c.Owner == "":
			return fmt.Errorf("extend %s: %w", id, ErrNotOwner)
		case k.Warned.IsZero():
			return fmt.Errorf("extend %s: %w", id, ErrNoClock)
		case episode != 0 && episode != k.Episode:
			return fmt.Errorf("extend %s: %w", id, ErrOver)
		case k.Extended >= rules.ExtendTimes:
			return fmt.Errorf("extend %s: %w", id, ErrNoMore)
		}
		now := s.stamp()
		k.From = stamped(spanFrom(s.working(c.Owner), k.From, rules.ExtendBy))
		k.Warned, k.Extended = now, k.Extended+1
		s.rewind(c)
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
		return nil
	})
}

// TooLongError is ErrTooLong with the most days for which a customer may be put off.
type TooLongError struct{ Days int }

func (e *TooLongError) Error() string { return fmt.Sprintf("%v; at most %d days", ErrTooLong, e.Days) }

// Unwrap returns ErrTooLong.
func (e *TooLongError) Unwrap() error { return ErrTooLong }

// Delay puts a customer off: no step is made before the instant until, and then the ladder begins anew. Managers are told why.
// Errors: ErrNotOwner, ErrNoReason, ErrTooLong, ErrNoMore, store.ErrNotFound, ErrBusy.
func (s *Service) Delay(ctx context.Context, id string, until time.Time, why string, who access.Person) (customer.Customer, error) {
	rules := s.ownership()
	return s.amend(ctx, id, func(c *customer.Customer) error {
		now, k, d := s.stamp(), &c.Clock, customer.Delay{Until: stamped(until), Why: strings.TrimSpace(why), By: who.ID}
		switch {
		case c.Owner != who.ID && !who.May(access.Manage) || c.Owner == "":
			return fmt.Errorf("put %s off: %w", id, ErrNotOwner)
		case d.Why == "":
			return fmt.Errorf("put %s off: %w", id, ErrNoReason)
		case !until.After(now), until.After(now.In(s.zone).AddDate(0, 0, rules.DelayDays+1)):
			return fmt.Errorf("put %s off: %w", id, &TooLongError{Days: rules.DelayDays})
		case k.Delay == d || k.Delay.Until.Equal(d.Until) && k.Delay.Why == d.Why:
			return nil // done already
		case k.Delays >= rules.DelayTimes:
			return fmt.Errorf("put %s off: %w", id, ErrNoMore)
		}
		k.Delay, k.Delays, k.Warned = d, k.Delays+1, time.Time{}
		if k.Offer.By == "" {
			k.Offer.To, k.Offer.At = "", time.Time{}
		}
		s.rewind(c)
		c.Require(customer.Effect{Kind: customer.EffectCards, At: now, Pool: c.Pool})
		c.Require(customer.Effect{Kind: customer.EffectCopied, At: now, Pool: c.Pool, Person: c.Owner, From: CopiedDelayed})
		return nil
	})
}
