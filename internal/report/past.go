package report

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/scoring"
	"lingke/scoring/validate"
)

// Past says how customers are looked at as they were on a past day.
type Past struct {
	Day     time.Time
	Horizon time.Duration // how long after that day an order counts as the outcome
	Model   *scoring.Model
	// Late takes the values of fields that sources told after that day too: they may not have been known then, and may follow from the outcome. Without it
	// they count as not known.
	Late bool
	// Leads leaves out who had bought before.
	Leads bool
}

// ErrPast says that a past day is none from which outcomes can be known by now.
var ErrPast = errors.New("past day")

// PastSample is the customers as they were on a day, and what became of them: won is who bought within the horizon, with the sum of those orders and the days until the
// first of them. Customers whose horizon has not passed yet count as open. dropped is how many values of fields were told later and left out.
func PastSample(ctx context.Context, s records, o Past, now time.Time) (sample *Sample, dropped int, err error) {
	if o.Horizon <= 0 || o.Day.Add(o.Horizon).After(now) {
		return nil, 0, fmt.Errorf("%w: %s and %.0f days lie behind %s", ErrPast, o.Day.Format(time.DateOnly), o.Horizon.Hours()/24, now.Format(time.DateOnly))
	}
	sample = newSample(o.Model.Schema())
	sample.Model, sample.reads = o.Model.Version(), o.Model.Fields()
	err = each(ctx, s, func(x Subject) error {
		f, late, known := o.facts(x)
		dropped += late
		if !known {
			sample.Open++
			return nil
		}
		if _, before := x.spent(Period{time.Time{}, o.Day}); o.Leads && before > 0 || !o.Model.Covers(f, o.Day) {
			return nil
		}
		sample.add(x.became(Period{o.Day, o.Day.Add(o.Horizon)}), f, o.Model, o.Day)
		return nil
	})
	sample.finish()
	return sample, dropped, err
}

// facts are the customer's as of the day; known is false where no source had told of it by then.
func (o Past) facts(x Subject) (f *scoring.Facts, late int, known bool) {
	c := x.Customer
	c.Records = nil
	for _, r := range x.Records {
		if r.Since.After(o.Day) {
			continue
		}
		r.Deleted = r.Deleted && !r.At.After(o.Day)
		c.Records = append(c.Records, r)
	}
	if len(c.Records) == 0 {
		return nil, 0, false
	}
	c.Fields = make(map[string]customer.Field, len(x.Fields))
	for name, v := range x.Fields {
		if v.At.After(o.Day) && !o.Late {
			late++
			continue
		}
		c.Fields[name] = v
	}
	return customer.Derive(o.Model.Schema(), c, x.Told, x.Activities, o.Day), late, true
}

// became is what became of the customer in a period.
func (x Subject) became(p Period) validate.Case {
	c := validate.Case{Amount: math.NaN(), Days: math.NaN()}
	for _, o := range x.Orders { // by date
		if !bought(o) || !p.Holds(o.Date) {
			continue
		}
		if !c.Won {
			c.Won, c.Amount, c.Days = true, 0, o.Date.Sub(p.From).Hours()/24
		}
		c.Amount += o.Amount.Yuan()
	}
	return c
}

func bought(o customer.Order) bool { return o.Status == connectors.StatusWon && !o.Deleted }
