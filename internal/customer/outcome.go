package customer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/connectors"
)

// Outcome is what a person tells of a deal: that it was won or lost.
type Outcome struct {
	Won    bool
	Amount Money     // yuan; of a lost deal what it would have brought, 0 where nobody says
	Reason string    // why; needed for a lost one
	Days   int       // how long the deal took; 0 where nobody says
	By     string    // a person's id
	At     time.Time // when it was told
}

// The most that a person may tell.
const (
	maxOutcome = Money(100_000_000_000 * moneyUnit) // a hundred billion yuan
	maxDeal    = 3650                               // days
)

// ErrOutcome says that an outcome is none; its text says what is missing.
var ErrOutcome = errors.New("outcome")

// Check reports what is wrong with an outcome.
func (o Outcome) Check() error {
	switch {
	case o.Won && o.Amount <= 0:
		return fmt.Errorf("%w: a won deal needs its amount", ErrOutcome)
	case o.Amount < 0 || o.Amount > maxOutcome:
		return fmt.Errorf("%w: an amount lies between 0 and 100,000,000,000 yuan", ErrOutcome)
	case !o.Won && strings.TrimSpace(o.Reason) == "":
		return fmt.Errorf("%w: a lost deal needs its reason", ErrOutcome)
	case o.Days < 0 || o.Days > maxDeal:
		return fmt.Errorf("%w: a deal takes between 0 and %d days", ErrOutcome, maxDeal)
	case o.By == "" || o.At.IsZero():
		return fmt.Errorf("%w: somebody tells it, at some time", ErrOutcome)
	}
	return nil
}

// Order is the outcome as an order of the customer: facts, reports and validation then see it like those that sources tell. What the same person tells of the
// same customer on the same day, in zone, takes the place of what was told before, so that a slip can be put right by telling it again.
func (o Outcome) Order(c Customer, via string, zone *time.Location) Order {
	at := o.At.UTC().Truncate(time.Millisecond)
	out := Order{
		ID: NewRef(via, "deal-"+told(o.By, c, o.At.In(zone).Format(time.DateOnly))), Customer: c.Records[0].Ref, Amount: o.Amount, Date: at, Status: connectors.StatusLost,
		Reason: strings.TrimSpace(o.Reason), By: o.By, ModifiedAt: at,
	}
	if o.Won {
		out.Status = connectors.StatusWon
	}
	if o.Days > 0 {
		out.Opened = at.AddDate(0, 0, -o.Days)
	}
	return out
}

// told names what a person told of a customer.
func told(by string, c Customer, what string) string {
	sum := sha256.Sum256([]byte(by + "\x00" + string(c.Records[0].Ref) + "\x00" + what))
	return hex.EncodeToString(sum[:10])
}

// How far the order of a source may lie from when a person told of the deal, to be that deal: an order may be entered a little before it is told, and is often
// entered only when goods leave.
const (
	enteredBefore = 7 * day
	enteredAfter  = 90 * day
)

// Counted returns the orders without the won deals that only a person told, where a source tells of orders of that time: counting both would count the money twice. What
// the source tells is then what was bought. The order of the orders stays.
func Counted(orders []Order) []Order {
	var out []Order
	for i, o := range orders {
		if o.By == "" || o.Status != connectors.StatusWon || !entered(o, orders) {
			if out != nil {
				out = append(out, o)
			}
			continue
		}
		if out == nil {
			out = append(make([]Order, 0, len(orders)), orders[:i]...)
		}
	}
	if out == nil {
		return orders
	}
	return out
}

// entered reports whether a source tells of an order that may be the deal.
func entered(deal Order, orders []Order) bool {
	for _, o := range orders {
		if o.By == "" && o.Status == connectors.StatusWon && !o.Deleted && !o.Date.Before(deal.Date.Add(-enteredBefore)) && !o.Date.After(deal.Date.Add(enteredAfter)) {
			return true
		}
	}
	return false
}

// Quality is what a rep says of a lead.
type Quality string

// The qualities.
const (
	Good Quality = "good" // 好
	Fair Quality = "fair" // 一般
	Bad  Quality = "bad"  // 差
)

// Valid reports whether q is one of them.
func (q Quality) Valid() bool { return q == Good || q == Fair || q == Bad }

// QualityOf is what a person says of a lead, as an activity of the customer: of what the same person says of the same customer the last counts.
func QualityOf(c Customer, q Quality, note, by, via string, at time.Time) Activity {
	at = at.UTC().Truncate(time.Millisecond)
	return Activity{
		ID: NewRef(via, "quality-"+told(by, c, "quality")), Customer: c.Records[0].Ref, Type: connectors.ActivityQuality, Text: strings.TrimSpace(string(q) + " " + note),
		By: by, At: at, ModifiedAt: at,
	}
}

// Quality returns what an activity says of the lead, and the note beside it; false where it says nothing of that.
func (a Activity) Quality() (q Quality, note string, ok bool) {
	word, note, _ := strings.Cut(a.Text, " ")
	q = Quality(word)
	return q, note, a.Type == connectors.ActivityQuality && !a.Deleted && q.Valid()
}
