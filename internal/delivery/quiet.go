package delivery

import (
	"context"
	"fmt"
	"time"

	"lingke/bots"
)

// Quiet is the stage that keeps nights, weekends and what people asked for: new messages that can wait do. Changes of what people see make no sound and pass.
type Quiet struct {
	From, To time.Duration // of the company's day, since midnight; equal: never
	Zone     *time.Location
	Policy   func(d Delivery) Policy
	// Workday returns the instant itself on a day on which a person works, else the beginning of the next such day.
	Workday func(person string, t time.Time) time.Time
	Person  func(p bots.Platform, user string) string // our id of somebody, "" for nobody's
	Wishes  interface {
		Wishes(ctx context.Context) (Wishes, error)
	}
}

// Hold is as in Stage.
func (q Quiet) Hold(ctx context.Context, now time.Time, all []Delivery) ([]Hold, error) {
	holds := make([]Hold, len(all))
	wishes, err := q.Wishes.Wishes(ctx)
	if err != nil {
		return nil, fmt.Errorf("what people wish: %w", err)
	}
	for i := range all {
		if d := &all[i]; d.news() && d.Rank != Urgent {
			holds[i] = q.one(wishes, now, d)
		}
	}
	return holds, nil
}

// one asks again from each instant on that a rule gives, until no rule holds any longer: the end of a night may be a Saturday.
func (q Quiet) one(wishes Wishes, now time.Time, d *Delivery) Hold {
	var hold Hold
	at := now
	for range 10 {
		until, why := q.rule(wishes, at, d)
		if !until.After(at) {
			break
		}
		hold, at = Hold{Until: until, Why: why}, until
	}
	if hold.holds() || len(d.To) < 2 {
		return hold
	}
	return q.leaveOut(wishes, now, d)
}

// rule is the first one that keeps the delivery at an instant, and until when.
func (q Quiet) rule(wishes Wishes, at time.Time, d *Delivery) (time.Time, string) {
	if end := within(at, q.From, q.To, q.Zone); end.After(at) {
		return end, "夜间免打扰"
	}
	if len(d.To) != 1 {
		return at, ""
	}
	person := q.Person(d.Platform, d.To[0])
	if until, why := wishes.Of(person).holds(at, *d, q.Zone); until.After(at) {
		return until, why
	}
	if q.Policy(*d).Workdays {
		if next := q.Workday(person, at); next.After(at) {
			return next, "非工作日"
		}
	}
	return at, ""
}

// leaveOut takes those out of a message to several who do not want to be told now. The others get it; where nobody is left, it waits for the first of them.
func (q Quiet) leaveOut(wishes Wishes, now time.Time, d *Delivery) Hold {
	var rest []string
	var left []bots.Refusal
	var first Hold
	for _, to := range d.To {
		until, why := wishes.Of(q.Person(d.Platform, to)).muted(now, *d)
		if !until.After(now) {
			rest = append(rest, to)
			continue
		}
		left = append(left, bots.Refusal{To: to, Reason: why})
		if first.Until.IsZero() || until.Before(first.Until) {
			first = Hold{Until: until, Why: why}
		}
	}
	if len(rest) == 0 {
		return first
	}
	d.To, d.LeftOut = rest, left
	return Hold{}
}

// within returns the end of the stretch of the day that an instant lies in, else the instant. The stretch may cross midnight.
func within(at time.Time, from, to time.Duration, zone *time.Location) time.Time {
	local := at.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	end := func(days int) time.Time {
		return time.Date(midnight.Year(), midnight.Month(), midnight.Day()+days, int(to.Hours()), int(to.Minutes())%60, 0, 0, zone)
	}
	switch {
	case from == to:
		return at
	case from < to && clock >= from && clock < to:
		return end(0)
	case from > to && clock >= from:
		return end(1)
	case from > to && clock < to:
		return end(0)
	}
	return at
}
