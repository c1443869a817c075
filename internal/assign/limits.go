package assign

import (
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
)

// inTime reports a claim that comes too early: by somebody who gave the customer back, or before the rest of the team can have seen it. LaterError.
func (s *Service) inTime(c customer.Customer, who access.Person, pool Pool) error {
	if from := c.Clock.Cooled; from.After(s.now()) && !who.May(access.Manage) {
		return &LaterError{ErrCooling, from}
	}
	if from := s.free(c, pool, who.ID); from.After(s.now()) {
		return &LaterError{ErrFormer, from}
	}
	if from := s.unlocked(c, pool); from.After(s.now()) && !who.May(access.Manage) {
		return &LaterError{ErrLocked, from}
	}
	return nil
}

// free is from when on a person may have a customer again that they gave back; the zero time for one that they did not.
func (s *Service) free(c customer.Customer, pool Pool, person string) time.Time {
	r, _, found := c.ReturnedBy(person)
	if !found {
		return time.Time{}
	}
	from := s.after(r.At, pool.Wait)
	if r.Lost {
		from = later(from, s.after(r.At, s.ownership().Former))
	}
	return from
}

// Sees reports whether somebody may know of a customer in a pool as of one that they could claim.
func (s *Service) Sees(c customer.Customer, who access.Person) bool {
	if who.May(access.Manage) {
		return true
	}
	pool, _ := s.pools().ByName(c.Pool)
	return !c.Clock.Cooled.After(s.now()) && !s.free(c, pool, who.ID).After(s.now())
}

// unlocked is from when on a customer may be claimed.
func (s *Service) unlocked(c customer.Customer, pool Pool) time.Time {
	if c.Waiting.Since.IsZero() {
		return time.Time{}
	}
	return s.after(c.Waiting.Since, pool.Lock)
}

// after is the end of a span in the company's working time; of none the instant itself.
func (s *Service) after(at time.Time, span calendar.Span) time.Time {
	if span.IsZero() {
		return at
	}
	return s.working("").Deadline(at, span)
}

// gaveBack reports whether a rule passes somebody over who gave the customer back: for the pool's Wait, and while nobody had it since.
func (s *Service) gaveBack(c customer.Customer, pool Pool, person string) bool {
	_, last, found := c.ReturnedBy(person)
	return found && (last || s.free(c, pool, person).After(s.now()))
}
