package assign

import (
	"slices"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// Ownership is for how long somebody may own a customer and do nothing with it. The zero value lets everybody keep what they have.
type Ownership struct {
	Ladders []Ladder       // the first that fits a customer holds for it
	Signs   customer.Signs // of work
	// Notice is how long the owner's card has to warn before the customer can go.
	Notice calendar.Span
	// ExtendBy is by how much an owner can extend the time, ExtendTimes how often until they work on the customer.
	ExtendBy    calendar.Span
	ExtendTimes int
	// DelayDays is for how many days at most an owner can put a customer off, DelayTimes how often until they work on it.
	DelayDays, DelayTimes int
	// Contract is the field with the last day of a customer's contract; until ProtectDays after it the customer never goes.
	Contract    string
	ProtectDays int
	// Former is for how long an owner who lost a customer cannot have it again, All for how long nobody can claim what went back to its pool; zero: not at all.
	Former, All calendar.Span
	// Accept says that an owner's handing over needs the colleague's word.
	Accept bool
	// TaskTitle and TaskDue are the first task of who takes a customer over; without a title it is the pool's.
	TaskTitle lang.Text
	TaskDue   calendar.Span
	// LeaverAfter is how long after somebody is missed among the people their customers go, to LeaverTo.
	LeaverAfter calendar.Span
	LeaverTo    LeaverTo
}

// LeaverTo is where the customers of somebody go who is no longer there.
type LeaverTo string

// Where they go.
const (
	LeaverToTeam LeaverTo = "team" // to the others of the pool's team, in turn
	LeaverToPool LeaverTo = "pool" // back to their pools
)

// Ladder is what happens step by step while an owner does nothing with a customer.
type Ladder struct {
	Tiers  []string         // of the leading scheme; none: all
	Stages []customer.Stage // none: all
	Rungs  []Rung           // in the order of customer.Steps, one of each at most, each later than the one before
}

// Rung is one step of a ladder and after how much of the owner's working time it comes.
type Rung struct {
	Step  customer.Step
	After calendar.Span
}

// ladder is the one that holds for a customer.
func (o Ownership) ladder(c customer.Customer) (Ladder, bool) {
	i := slices.IndexFunc(o.Ladders, func(l Ladder) bool {
		return (len(l.Tiers) == 0 || slices.Contains(l.Tiers, c.Tier)) && (len(l.Stages) == 0 || slices.Contains(l.Stages, c.Stage))
	})
	if i < 0 {
		return Ladder{}, false
	}
	return o.Ladders[i], true
}

// Protected is until when a contract keeps a customer where it is; the zero time for one without.
func (o Ownership) Protected(c customer.Customer, zone *time.Location) time.Time {
	if o.Contract == "" {
		return time.Time{}
	}
	end := c.DayEnd(o.Contract, zone)
	if end.IsZero() {
		return end
	}
	return end.AddDate(0, 0, o.ProtectDays)
}

// stale is after how long a card that warned counts as forgotten, so that another one is shown before anything goes.
var stale = calendar.Span{Workdays: 20}

// outlook is what is to come for an owner who goes on doing nothing.
type outlook struct {
	step customer.Step // to be made now; "" for none
	next time.Time     // when to look again, where there is none
	// move is the first step by which the owner may lose the customer, and moveAt when it would come.
	move   customer.Step
	moveAt time.Time
}

// look says what is to come for the owner of a customer whose working time is w.
func (o Ownership) look(c customer.Customer, w calendar.Working, zone *time.Location, now time.Time) outlook {
	ladder, ok := o.ladder(c)
	if !ok {
		return outlook{}
	}
	if c.Clock.Delay.Until.After(now) {
		return outlook{next: c.Clock.Delay.Until}
	}
	var out outlook
	first := true
	for _, r := range ladder.Rungs {
		if order(r.Step) <= order(c.Clock.Done) {
			continue
		}
		due := w.Deadline(c.Clock.From, r.After)
		if r.Step.Moves() {
			due = o.movable(c, w, zone, due)
		}
		if out.move == "" && r.Step.Moves() {
			out.move, out.moveAt = r.Step, due
		}
		if !first {
			continue
		}
		first = false
		out.next = due
		if !due.After(now) {
			out.step = r.Step
		}
	}
	if out.step.Moves() && !o.warned(c, w, now) {
		out.step = customer.StepRemind
	}
	return out
}

// movable is from when on a step may be made by which the owner may lose the customer: not before a card warned long enough, and not under a contract.
func (o Ownership) movable(c customer.Customer, w calendar.Working, zone *time.Location, due time.Time) time.Time {
	if p := o.Protected(c, zone); p.After(due) {
		due = w.Next(p)
	}
	if !c.Clock.Warned.IsZero() {
		due = later(due, spanFrom(w, c.Clock.Warned, o.Notice))
	}
	return due
}

// warned reports whether the owner has a card that warns, and not one from long ago.
func (o Ownership) warned(c customer.Customer, w calendar.Working, now time.Time) bool {
	at := c.Clock.Warned
	return !at.IsZero() && now.Before(w.Deadline(at, stale))
}

func spanFrom(w calendar.Working, at time.Time, s calendar.Span) time.Time {
	if s.IsZero() {
		return at
	}
	return w.Deadline(at, s)
}

func order(s customer.Step) int { return slices.Index(customer.Steps(), s) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
