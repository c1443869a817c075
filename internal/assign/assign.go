package assign

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// The reasons why somebody cannot have a customer; test with errors.Is. The allowances' reasons are store.ErrDailySpent and
// store.ErrHoldingFull.
var (
	ErrTaken     = errors.New("the customer has an owner")
	ErrNotOpen   = errors.New("the customer is not open for claiming")
	ErrNotMember = errors.New("only the pool's team may claim")
	ErrNotOwner  = errors.New("only the owner or a manager may release")
	ErrBusy      = errors.New("too many changes of this customer at once")
	ErrFormer    = errors.New("who gave the customer back cannot have it again yet")
	ErrLocked    = errors.New("the customer came in a moment ago and cannot be claimed yet")
	ErrCooling   = errors.New("the customer went back to its pool a while ago and cannot be claimed yet")
)

// TakenError tells who was faster. It is an ErrTaken.
type TakenError struct{ Owner string } // a person's id

func (e *TakenError) Error() string { return fmt.Sprintf("%v: %s", ErrTaken, e.Owner) }

// Unwrap makes it an ErrTaken.
func (e *TakenError) Unwrap() error { return ErrTaken }

// LaterError tells from when on a customer can be claimed. It is an ErrFormer, an ErrLocked or an ErrCooling.
type LaterError struct {
	Kind error
	From time.Time
}

func (e *LaterError) Error() string {
	return fmt.Sprintf("%v: from %s on", e.Kind, e.From.UTC().Format(time.RFC3339))
}

// Unwrap returns the kind.
func (e *LaterError) Unwrap() error { return e.Kind }

// customers is the part of the store that assignments use.
type customers interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	Claim(ctx context.Context, c customer.Customer, a store.Allowance) error
	Release(ctx context.Context, c customer.Customer, person string) error
	Spent(ctx context.Context, person, day string) (daily, holding int, err error)
	PutCustomer(ctx context.Context, c customer.Customer) error
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// Service makes people owners and ends it. Its methods may be called from several goroutines and processes.
type Service struct {
	customers customers
	people    *access.Directory
	pools     func() Pools
	zone      *time.Location
	now       func() time.Time
	watch     customer.Watch
	working   func(person string) calendar.Working
	desks     desks

	clocks    clocks
	ownership func() Ownership
	done      Tasks
	shown     func(ctx context.Context, c customer.Customer) (Arrival, error)
}

// Option changes how a Service decides.
type Option func(*Service)

// WithWorking says when people work, leave included; nobody's is that of the company. Office hours without leave otherwise.
func WithWorking(of func(person string) calendar.Working) Option {
	return func(s *Service) { s.working = of }
}

// New returns a Service. Days and months begin at midnight in zone; pools returns the pools in force.
func New(customers customers, people *access.Directory, pools func() Pools, zone *time.Location, now func() time.Time, opts ...Option) *Service {
	office := calendar.New(calendar.Shipped()...).Working(nil, zone)
	s := &Service{
		customers: customers, people: people, pools: pools, zone: zone, now: now,
		working:   func(string) calendar.Working { return office },
		ownership: func() Ownership { return Ownership{} },
	}
	for _, o := range opts {
		o(s)
	}
	return s
}

// Watched makes the service announce owners to other systems, as far as they want to be told. It is called before the service is used.
func (s *Service) Watched(w customer.Watch) { s.watch = w }

// attempts bounds how often a claim is tried again because the customer changed under it for another reason than an owner.
const attempts = 50

// Claim makes who the owner and returns the customer as it then is, with the effects of the claim (cards, first task) recorded in
// the same write. Claiming one's own customer again changes nothing and is no error. via is the platform on which the person acted.
//
// Errors: TakenError, ErrNotOpen, ErrNotMember, LaterError, store.ErrDailySpent, store.ErrHoldingFull, store.ErrNotFound, ErrBusy.
func (s *Service) Claim(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error) {
	return s.claim(ctx, id, who, via, customer.Handed{})
}

// claim is Claim by a click, or by a rule that says why.
func (s *Service) claim(ctx context.Context, id string, who access.Person, via string, by customer.Handed) (customer.Customer, error) {
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil {
			return c, err
		}
		if c.Owner == who.ID {
			return c, nil
		}
		pool, err := s.claimable(c, who)
		if err != nil {
			return c, err
		}
		c = s.owned(c, who, via, pool)
		c.Handed = by
		err = s.customers.Claim(ctx, c, s.allowance(who))
		if err == nil {
			c.Rev++
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return c, fmt.Errorf("claim %s for %s: %w", id, who.ID, err)
		}
	}
	return customer.Customer{}, fmt.Errorf("claim %s: %w", id, ErrBusy)
}

func (s *Service) claimable(c customer.Customer, who access.Person) (Pool, error) {
	if c.Owner != "" {
		return Pool{}, &TakenError{Owner: c.Owner}
	}
	pool, ok := s.pools().ByName(c.Pool)
	if !ok || (pool.Strategy == Hold || pool.Strategy == ByManager) && !who.May(access.Manage) {
		return pool, ErrNotOpen
	}
	if !who.May(access.Claim) || who.Team != pool.Team && !who.May(access.Manage) {
		return pool, fmt.Errorf("%w: %s", ErrNotMember, pool.Team)
	}
	return pool, s.inTime(c, who, pool)
}

func (s *Service) owned(c customer.Customer, who access.Person, via string, pool Pool) customer.Customer {
	at := s.stamp()
	c.Owns(who.ID, at)
	c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Via: via, Pool: pool.Name})
	if !pool.TaskTitle.IsZero() || c.Taken() && !s.ownership().TaskTitle.IsZero() {
		c.Require(customer.Effect{Kind: customer.EffectTask, At: at, Via: via, Pool: pool.Name})
	}
	c.Announce(s.watch, at)
	return c
}

func (s *Service) allowance(who access.Person) store.Allowance {
	return store.Allowance{Person: who.ID, Day: s.now().In(s.zone).Format(time.DateOnly), Daily: who.Daily, Holding: who.Holding}
}

// Release returns the customer to its pool: a new round with new cards, or another owner by rule. The day's allowance is not given back, and the pool's Wait
// begins, so that claiming and releasing passes neither. Errors: ErrNotOwner, store.ErrNotFound, ErrBusy.
func (s *Service) Release(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error) {
	for range attempts {
		c, err := s.customers.Customer(ctx, id)
		if err != nil {
			return c, err
		}
		if c.Owner == "" || c.Owner != who.ID && !who.May(access.Manage) {
			return c, fmt.Errorf("release %s: %w", id, ErrNotOwner)
		}
		owner := c.Owner
		at := s.stamp()
		pool, _ := s.pools().ByName(c.Pool)
		c.Owner, c.OwnedAt, c.Handed, c.Clock = "", time.Time{}, customer.Handed{}, customer.Clock{}
		c.Waiting = customer.Waiting{Why: pool.Waits(), Since: at}
		c.Returned(owner, at)
		c.Round++
		c.Require(customer.Effect{Kind: customer.EffectCards, At: at, Via: via, Pool: c.Pool})
		if pool.Chooses() {
			c.Require(customer.Effect{Kind: customer.EffectHandOut, At: at, Via: via, Pool: c.Pool})
		}
		c.Require(customer.Effect{Kind: customer.EffectReleased, At: at, Via: via, Pool: c.Pool, Person: owner})
		c.Announce(s.watch, at)
		err = s.customers.Release(ctx, c, owner)
		if err == nil {
			c.Rev++
			return c, nil
		}
		if !errors.Is(err, store.ErrConflict) {
			return c, fmt.Errorf("release %s: %w", id, err)
		}
	}
	return customer.Customer{}, fmt.Errorf("release %s: %w", id, ErrBusy)
}

// Left returns how many more customers who may claim today and hold at all.
func (s *Service) Left(ctx context.Context, who access.Person) (daily, holding int, err error) {
	spent, held, err := s.customers.Spent(ctx, who.ID, s.allowance(who).Day)
	if err != nil {
		return 0, 0, fmt.Errorf("allowances of %s: %w", who.ID, err)
	}
	return max(0, who.Daily-spent), max(0, who.Holding-held), nil
}
