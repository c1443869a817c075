package followup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// succession is the least time that who takes a task over has for it, in working time, where the task was given more than that.
const succession = 8 * time.Hour

// pass gives an open task to somebody else as of now, and notes who had it. Whoever gets it has at least as long for it as the task was given, or a workday.
func (s *Service) pass(t *Task, to, by string, now time.Time) {
	working, first := s.working(to), t.Due
	if !t.FirstDue.IsZero() {
		first = t.FirstDue
	}
	given := max(working.Between(t.Created, first), time.Hour)
	t.Passed = append(slices.Clip(t.Passed), Passing{At: now, From: t.Owner, By: by})
	t.Owner = to
	if soonest := working.Add(now, min(given, succession)).UTC(); t.Due.Before(soonest) {
		t.Due, t.FirstDue, t.Postponed = soonest, time.Time{}, 0
	}
	t.Reminded, t.Escalated = time.Time{}, time.Time{}
	t.Wake = s.warnAt(*t, now)
}

// Succeed gives the open tasks that a former owner has for a customer to its owner. by is who made it so; "" for a rule. The former's first contact ends, since the new
// owner begins with their own. It returns every task that went over or ended so, also in earlier calls.
func (s *Service) Succeed(ctx context.Context, c customer.Customer, former, by string, why lang.Text) (changed []Task, err error) {
	now := s.stamp()
	open, err := s.openOf(ctx, former, c.ID)
	if err != nil {
		return nil, err
	}
	for _, t := range open {
		if t.Kind == KindFirst {
			_, err = s.cancel(ctx, t, why)
		} else {
			s.pass(&t, c.Owner, by, now)
			_, err = s.put(ctx, t)
		}
		if err != nil {
			return nil, err
		}
	}
	went, err := s.openOf(ctx, c.Owner, c.ID)
	if err != nil {
		return nil, err
	}
	went = slices.DeleteFunc(went, func(t Task) bool { return len(t.Passed) == 0 || t.Passed[len(t.Passed)-1].From != former })
	ended, _, err := s.tasks.Tasks(ctx, Query{Owner: former, Customer: c.ID, State: Cancelled, Limit: 1000})
	return append(went, ended...), err
}

// openOf are the open tasks that a person has for a customer.
func (s *Service) openOf(ctx context.Context, person, customerID string) ([]Task, error) {
	open, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: customerID, State: Open, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("open tasks of %s for %s: %w", person, customerID, err)
	}
	return open, nil
}

// Cover sees to what of the tasks of somebody on leave at an instant is due before they are back: the deputy gets it, or without one ("") it is due as much working time
// after the return as it would have been after the leave began. Doing it again changes nothing. It returns the tasks that changed.
func (s *Service) Cover(ctx context.Context, person, deputy string, at time.Time) (changed []Task, err error) {
	away, found := s.working(person).Leave(at)
	if !found {
		return nil, nil
	}
	page, _, err := s.tasks.Tasks(ctx, Query{Owner: person, State: Open, DueBefore: away.To, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("tasks of %s during a leave: %w", person, err)
	}
	for _, t := range page {
		if deputy != "" {
			s.pass(&t, deputy, "", s.stamp())
		} else if !s.wait(&t, away) {
			continue
		}
		if t, err = s.put(ctx, t); err != nil {
			return changed, err
		}
		changed = append(changed, t)
	}
	return changed, nil
}

// wait makes a task due after its owner's leave, and reports whether it was not already. It does not count as a postponement: the limit of these moves as well.
func (s *Service) wait(t *Task, away calendar.Leave) bool {
	working := s.working(t.Owner)
	lost := working.Present().Between(away.From, t.Due)
	due := working.Add(away.To, max(lost, time.Hour)).UTC().Truncate(time.Millisecond)
	if !due.After(t.Due) {
		return false
	}
	if !t.FirstDue.IsZero() {
		t.FirstDue = t.FirstDue.Add(due.Sub(t.Due))
	}
	t.Due, t.Reminded, t.Escalated = due, time.Time{}, time.Time{}
	t.Wake = s.warnAt(*t, s.stamp())
	return true
}
