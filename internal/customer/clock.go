package customer

import (
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Step is one step of the ladder that an owner walks who does nothing with a customer.
type Step string

// The steps, in the order in which they come.
const (
	StepRemind   Step = "remind"   // the owner gets the card that warns
	StepManager  Step = "manager"  // the managers are told
	StepOffer    Step = "offer"    // a colleague is asked
	StepReassign Step = "reassign" // it is handed to somebody else of the team
	StepPool     Step = "pool"     // it goes back to its pool
)

// Steps lists all steps in their order.
func Steps() []Step { return []Step{StepRemind, StepManager, StepOffer, StepReassign, StepPool} }

// Moves reports whether the owner may lose the customer by the step.
func (s Step) Moves() bool { return s == StepOffer || s == StepReassign || s == StepPool }

// Clock is how far the time has run in which an owner has to work on the customer; where nobody owns it, until when nobody may claim it. Deadlines follow from
// the rules in force and from when the owner works, so only the next is kept.
type Clock struct {
	// Next is when somebody has to look; zero for never. Stores find customers by it.
	Next time.Time `json:"next,omitzero" bson:"next,omitempty"`
	// Last is the owner's last work on the customer, at first when they got it. Zero while no clock runs.
	Last time.Time `json:"last,omitzero" bson:"last,omitempty"`
	// From is where the ladder's days count from: Last, or later where the time was extended or the customer put off.
	From time.Time `json:"from,omitzero" bson:"from,omitempty"`
	// Done is the last step that was made since From.
	Done Step `json:"done,omitempty" bson:"done,omitempty"`
	// Episode numbers the cards that warn; it grows with each new one.
	Episode int `json:"episode,omitempty" bson:"episode,omitempty"`
	// Warned is since when the owner's card of this episode warns; zero while none does.
	Warned time.Time `json:"warned,omitzero" bson:"warned,omitempty"`
	// Move and MoveAt are what the card says will happen, and when.
	Move   Step      `json:"move,omitempty" bson:"move,omitempty"`
	MoveAt time.Time `json:"move_at,omitzero" bson:"move_at,omitempty"`
	// Extended and Delays count since the owner's last work how often the time was extended and the customer put off.
	Extended int   `json:"extended,omitempty" bson:"extended,omitempty"`
	Delays   int   `json:"delays,omitempty" bson:"delays,omitempty"`
	Delay    Delay `json:"delay,omitzero" bson:"delay,omitempty"`
	// Offer asks a colleague to take the customer over.
	Offer Offer `json:"offer,omitzero" bson:"offer,omitempty"`
	// Cooled is until when nobody but a manager may claim a customer that went back to its pool.
	Cooled time.Time `json:"cooled,omitzero" bson:"cooled,omitempty"`
}

// IsZero reports whether there is nothing to keep.
func (k Clock) IsZero() bool { return k.same(Clock{}) }

// same compares field by field: two equal instants may differ in ==.
func (k Clock) same(o Clock) bool {
	return k.Next.Equal(o.Next) && k.Last.Equal(o.Last) && k.From.Equal(o.From) && k.Done == o.Done && k.Episode == o.Episode && k.Warned.Equal(o.Warned) && k.Move == o.Move &&
		k.MoveAt.Equal(o.MoveAt) && k.Extended == o.Extended && k.Delays == o.Delays && k.Delay.same(o.Delay) && k.Offer.same(o.Offer) && k.Cooled.Equal(o.Cooled)
}

// Same reports whether both say the same.
func (k Clock) Same(o Clock) bool { return k.same(o) }

// Delay is that an owner put a customer off to a day, with a reason.
type Delay struct {
	Until time.Time `json:"until,omitzero" bson:"until,omitempty"`
	Why   string    `json:"why,omitempty" bson:"why,omitempty"`
	By    string    `json:"by,omitempty" bson:"by,omitempty"` // a person's id
}

// IsZero reports whether nothing is put off.
func (d Delay) IsZero() bool { return d.Until.IsZero() }

func (d Delay) same(o Delay) bool { return d.Until.Equal(o.Until) && d.Why == o.Why && d.By == o.By }

// Offer asks somebody whether they take a customer over from its owner.
type Offer struct {
	N  int       `json:"n,omitempty" bson:"n,omitempty"`   // numbers the customer's offers of a round
	To string    `json:"to,omitempty" bson:"to,omitempty"` // who is asked; "" while nobody is
	By string    `json:"by,omitempty" bson:"by,omitempty"` // the owner who asks; "" for the clock
	At time.Time `json:"at,omitzero" bson:"at,omitempty"`
	// Declined are those who said no, since the owner's last work.
	Declined []string `json:"declined,omitempty" bson:"declined,omitempty"`
}

// IsZero reports whether nobody is and was asked.
func (o Offer) IsZero() bool { return o.same(Offer{}) }

func (o Offer) same(p Offer) bool {
	return o.N == p.N && o.To == p.To && o.By == p.By && o.At.Equal(p.At) && slices.Equal(o.Declined, p.Declined)
}

// Owns makes person the owner from an instant on. The clock starts anew; it is looked at then, since only assign knows the ladder.
func (c *Customer) Owns(person string, at time.Time) {
	c.Owner, c.OwnedAt, c.Waiting = person, at, Waiting{}
	c.Clock = Clock{Next: at, Last: at, From: at}
}

// Worked notes that the owner worked on the customer, and reports whether that is news: the ladder begins anew, and a card that warned closes. What was put off stays so.
func (c *Customer) Worked(at time.Time) bool {
	k := &c.Clock
	if c.Owner == "" || k.From.IsZero() || !at.After(k.Last) || at.Before(c.OwnedAt) {
		return false
	}
	shown := !k.Warned.IsZero() || k.Offer.To != "" && k.Offer.By == ""
	k.Last, k.Next = at, at
	if at.After(k.From) {
		k.From = at
	}
	k.Done, k.Move, k.MoveAt, k.Warned, k.Extended, k.Delays = "", "", time.Time{}, time.Time{}, 0, 0
	k.Offer.Declined = nil
	if k.Offer.By == "" {
		k.Offer.To, k.Offer.At = "", time.Time{}
	}
	if shown {
		c.Require(Effect{Kind: EffectCards, At: at, Pool: c.Pool})
	}
	return true
}

// Signs are what counts as work of an owner on a customer.
type Signs struct {
	Types []string // of activities; those that a person of ours noted count for that person alone
}

// Last returns the latest work on the customer that its owner's orders and activities tell of, up to an instant; the zero time for none.
func (w Signs) Last(c Customer, orders []Order, activities []Activity, now time.Time) (last time.Time) {
	later := func(at time.Time) {
		if at.After(last) && !at.After(now) {
			last = at
		}
	}
	for _, o := range orders {
		if !o.Deleted && (o.Status == "won" || o.Status == "open") {
			later(o.Date)
		}
	}
	for _, a := range activities {
		if !a.Deleted && slices.Contains(w.Types, a.Type) && (a.By == "" || a.By == c.Owner) {
			later(a.At)
		}
	}
	return last
}

var dateText = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})`)

// DayEnd returns the first instant after the day that a field holds, in a zone; the zero time where it holds none. It reads 2026-03-02, 2026/3/2,
// 2026年3月2日 and RFC 3339.
func (c Customer) DayEnd(field string, zone *time.Location) time.Time {
	text := c.Text(field)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		at = at.In(zone)
		return time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone)
	}
	m := dateText.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}
	}
	year, _ := strconv.Atoi(m[1]) // digits
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}
	}
	return time.Date(year, time.Month(month), day+1, 0, 0, 0, 0, zone)
}
