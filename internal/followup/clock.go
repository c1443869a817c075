package followup

import (
	"context"
	"fmt"
	"time"

	"lingke/internal/calendar"
)

// Clock says when people are told of a task that is still open, and how far it may be postponed. All of it is working time of the task's owner.
type Clock struct {
	Warn     time.Duration // so long before it is due the owner is warned
	WarnLong time.Duration // the same of tasks that were given more than Long
	Long     time.Duration
	Escalate time.Duration // so long after it is due the managers are told
	Times    int           // how often it may be postponed
	Longest  calendar.Span // how long after the first due time it may be due at the latest
}

// DefaultClock is what holds where no file says anything.
func DefaultClock() Clock {
	return Clock{
		Warn: 30 * time.Minute, WarnLong: 4 * time.Hour, Long: 8 * time.Hour, Escalate: 30 * time.Minute, Times: 2, Longest: calendar.Span{Workdays: 5},
	}
}

// warnAt is when the owner is warned of a task that begins at an instant: so long before it is due as the clock says, but not before half of its time has passed.
func (s *Service) warnAt(t Task, from time.Time) time.Time {
	clock, working := s.clock(), s.working(t.Owner)
	given := working.Between(from, t.Due)
	ahead := clock.Warn
	if given > clock.Long {
		ahead = clock.WarnLong
	}
	return working.Add(from, max(given-ahead, given/2)).UTC().Truncate(time.Millisecond)
}

// lateAt is when the managers are told.
func (s *Service) lateAt(t Task) time.Time {
	return s.working(t.Owner).Add(t.Due, s.clock().Escalate).UTC().Truncate(time.Millisecond)
}

// Tick calls warn for every open task whose owner is to be warned by an instant, escalate for every one whose managers are to be told, and notes it when they succeed. A crash between
// the two calls again for that task: both must be repeatable. A task that fails does not stop the others; the error is the first failure. It returns how many people
// were told.
func (s *Service) Tick(ctx context.Context, at time.Time, warn, escalate func(Task) error) (told int, failed error) {
	q := Query{WakeBefore: at.Add(time.Millisecond), Limit: 500}
	for {
		page, next, err := s.tasks.Tasks(ctx, q)
		if err != nil {
			return told, fmt.Errorf("due tasks: %w", err)
		}
		for _, t := range page {
			if err := s.tick(ctx, t, at, warn, escalate); err != nil {
				if failed == nil {
					failed = err
				}
				continue
			}
			told++
		}
		if next == "" || ctx.Err() != nil {
			return told, failed
		}
		q.After = next
	}
}

// tick tells whoever is to be told of one task. One that slept through both times, while no gateway ran, goes to the managers at once.
func (s *Service) tick(ctx context.Context, t Task, at time.Time, warn, escalate func(Task) error) error {
	late := s.lateAt(t)
	if t.Escalated.IsZero() && !late.After(at) {
		if err := escalate(t); err != nil {
			return err
		}
		t.Escalated, t.Wake = s.stamp(), time.Time{}
	} else if t.Reminded.IsZero() {
		if err := warn(t); err != nil {
			return err
		}
		t.Reminded, t.Wake = s.stamp(), late
	} else {
		t.Wake = late
	}
	_, err := s.put(ctx, t)
	return err
}
