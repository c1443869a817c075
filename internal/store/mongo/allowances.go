package mongo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"lingke/internal/customer"
	"lingke/internal/store"
)

const (
	leftOver = time.Minute // the age at which a booking's process is taken for dead
	keepDays = 40          // how many days' claims are kept of one person
)

// allowanceDoc is what a person has spent. Booked are the claims under way: they count as made, by day and for holding. What is held
// besides is not counted but looked up, so that it cannot drift.
//
// Why no allowance is passed: a booking is added only where ver still is the one read, so between reading this document and booking no
// other booking came. A claim that was booked before is seen in Booked or, if it has been closed since, in the customers owned,
// which are read afterwards.
type allowanceDoc struct {
	Person string             `bson:"_id"`
	Ver    int64              `bson:"ver"` // counts the bookings
	Days   map[string]int     `bson:"days"`
	Booked map[string]booking `bson:"booked"` // by token
}

// booking is one claim under way.
type booking struct {
	Person   string    `bson:"-"`
	Token    string    `bson:"-"` // the key in Booked
	Customer string    `bson:"customer"`
	Rev      int64     `bson:"rev"` // the customer's, before the claim
	Day      string    `bson:"day"`
	At       time.Time `bson:"at"`
	Given    bool      `bson:"given,omitempty"` // the day is not spent
}

// spends is how many of the day's claims it takes.
func (b booking) spends() int {
	if b.Given {
		return 0
	}
	return 1
}

// newToken is a name that no other process gives, of characters that a field's name may have.
func newToken() string { return uuid.NewString() }

// allowance reads what a person has spent; nothing where there is no document yet.
func (s *Store) allowance(ctx context.Context, person string) (allowanceDoc, error) {
	doc, err := findOne[allowanceDoc](ctx, s.allowances, byID(person))
	if errors.Is(err, store.ErrNotFound) {
		return allowanceDoc{Person: person}, nil
	}
	return doc, err
}

// book spends one of both allowances for a claim of c. store.ErrDailySpent, store.ErrHoldingFull.
func (s *Store) book(ctx context.Context, c customer.Customer, a store.Allowance) (booking, error) {
	for {
		spent, err := s.allowance(ctx, a.Person)
		if err != nil {
			return booking{}, err
		}
		if old, found := spent.leftOver(s.now()); found {
			if err := s.settle(ctx, old); err != nil {
				return booking{}, fmt.Errorf("clearing up a claim of %q: %w", old.Customer, err)
			}
			continue
		}
		ids, err := s.owned(ctx, a.Person)
		if err != nil {
			return booking{}, err
		}
		if err := spent.refuse(a, c.ID, ids); err != nil {
			return booking{}, err
		}
		b := booking{Person: a.Person, Token: newToken(), Customer: c.ID, Rev: c.Rev, Day: a.Day, At: s.now(), Given: a.Given}
		if booked, err := s.addBooking(ctx, spent, b); booked || err != nil {
			return b, err
		}
	}
}

// refuse says why a person may not claim a customer; nil if it may. The customer itself does not count as held.
func (d allowanceDoc) refuse(a store.Allowance, id string, owned []string) error {
	if d.Days[a.Day] >= a.Daily && !a.Given {
		return fmt.Errorf("%q has claimed %d of %d on %s: %w", a.Person, d.Days[a.Day], a.Daily, a.Day, store.ErrDailySpent)
	}
	held := map[string]bool{}
	for _, other := range owned {
		held[other] = true
	}
	for _, b := range d.Booked {
		held[b.Customer] = true
	}
	delete(held, id)
	if len(held) >= a.Holding {
		return fmt.Errorf("%q owns %d of %d: %w", a.Person, len(held), a.Holding, store.ErrHoldingFull)
	}
	return nil
}

// leftOver returns a booking whose process must be dead.
func (d allowanceDoc) leftOver(now time.Time) (booking, bool) {
	for token, b := range d.Booked {
		if now.Sub(b.At) > leftOver {
			b.Person, b.Token = d.Person, token
			return b, true
		}
	}
	return booking{}, false
}

// addBooking reports false where somebody else booked since spent was read.
func (s *Store) addBooking(ctx context.Context, spent allowanceDoc, b booking) (bool, error) {
	if spent.Ver == 0 {
		return insert(ctx, s.allowances, allowanceDoc{b.Person, 1, map[string]int{b.Day: b.spends()}, map[string]booking{b.Token: b}})
	}
	change := bson.D{op("$inc", is("ver", 1), is("days."+b.Day, b.spends())), op("$set", is("booked."+b.Token, b))}
	var old []bson.E
	for _, day := range spent.oldDays(b.Day) {
		old = append(old, is("days."+day, ""))
	}
	if len(old) > 0 {
		change = append(change, op("$unset", old...))
	}
	return update(ctx, s.allowances, bson.D{is("_id", b.Person), is("ver", spent.Ver)}, change)
}

// oldDays are those that need not be kept, which never is the day itself.
func (d allowanceDoc) oldDays(today string) []string {
	days := slices.DeleteFunc(slices.Sorted(maps.Keys(d.Days)), func(day string) bool { return day >= today })
	return days[:max(0, len(days)-keepDays)]
}

// isBooked selects the document with the booking, so that a booking ends once.
func isBooked(b booking) bson.D {
	return bson.D{is("_id", b.Person), op("booked."+b.Token, is("$exists", true))}
}

// closeBooking ends a booking whose claim was made: the day stays spent, and the customer is among the owned.
func (s *Store) closeBooking(ctx context.Context, b booking) error {
	_, err := update(ctx, s.allowances, isBooked(b), bson.D{op("$unset", is("booked."+b.Token, ""))})
	return err
}

// giveBack ends a booking whose claim was not made.
func (s *Store) giveBack(ctx context.Context, b booking) error {
	_, err := update(ctx, s.allowances, isBooked(b), bson.D{op("$unset", is("booked."+b.Token, "")), op("$inc", is("days."+b.Day, -b.spends()))})
	return err
}

// settle ends a booking that was left over. Where the customer still has the rev from before the claim, the claim was not made; the rev
// is raised first, so that a process which only slept cannot make it now. Where the person owns the customer, the claim was made. Any
// other state does not tell, and the day stays spent.
func (s *Store) settle(ctx context.Context, b booking) error {
	head, err := s.head(ctx, b.Customer)
	if err != nil {
		return err
	}
	if head.Rev != b.Rev {
		return s.closeBooking(ctx, b)
	}
	if head.Live {
		fenced, err := update(ctx, s.customers, withRev(b.Customer, b.Rev), bson.D{op("$inc", is("rev", 1))})
		if err != nil || !fenced {
			return err // not fenced: somebody wrote the customer; whoever asked for settle asks again
		}
	}
	return s.giveBack(ctx, b)
}
