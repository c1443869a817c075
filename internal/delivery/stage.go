package delivery

import (
	"context"
	"time"
)

// Stage looks at deliveries between their lease and their attempt.
type Stage interface {
	// Hold says of each delivery until when it waits and why, in the order of all; the zero Hold lets it pass. It may change what of a delivery is sent, in all itself. On
	// an error all of them wait a moment.
	Hold(ctx context.Context, now time.Time, all []Delivery) ([]Hold, error)
}

// Hold is why a delivery is not sent yet.
type Hold struct {
	Until time.Time
	Why   string // to be read by people
	// Ended is what the delivery becomes where it is not to be sent at all.
	Ended State
	// Then is done once all that is held is recorded.
	Then func(ctx context.Context) error
}

func (h Hold) holds() bool { return h.Ended != "" || !h.Until.IsZero() }

// again is when a stage is asked again that failed.
const again = 5 * time.Second

// sift runs the stages over what was leased. held are those that one of them holds, as they are to be stored.
func sift(ctx context.Context, stages []Stage, now time.Time, leased []Delivery) (pass, held []Delivery, then []func(context.Context) error, err error) {
	pass = leased
	for _, stage := range stages {
		if len(pass) == 0 {
			break
		}
		holds, err := stage.Hold(ctx, now, pass)
		if err != nil {
			for _, d := range pass {
				held = append(held, d.wait(now, Hold{Until: now.Add(again), Why: d.Why}))
			}
			return nil, held, then, err
		}
		var rest []Delivery
		for i, d := range pass {
			if holds[i].holds() {
				held = append(held, d.wait(now, holds[i]))
				if holds[i].Then != nil {
					then = append(then, holds[i].Then)
				}
			} else {
				rest = append(rest, d)
			}
		}
		pass = rest
	}
	return pass, held, then, nil
}

// wait is the delivery as a stage left it.
func (d Delivery) wait(now time.Time, h Hold) Delivery {
	d.Why = h.Why
	if h.Ended != "" {
		d.State, d.Ended = h.Ended, now
	} else {
		d.Due = h.Until
	}
	return d
}

// news reports whether sending the delivery shows people something that was not there: a change of a card makes no sound.
func (d Delivery) news() bool { return d.Shown == 0 }
