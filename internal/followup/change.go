package followup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
)

// The reasons why a task is not changed as asked; test with errors.Is.
var (
	ErrNoReason  = errors.New("a reason is needed")
	ErrEarlier   = errors.New("the new due time is no later than the present one")
	ErrTooOften  = errors.New("the task was postponed too often")
	ErrTooFar    = errors.New("the task cannot be due so late")
	ErrRecipient = errors.New("this person cannot take the task")
)

// LimitError says how far a task may be postponed.
type LimitError struct {
	Kind   error     // ErrTooOften or ErrTooFar
	Times  int       // how often at most
	Latest time.Time // when it may be due at the latest
}

// Error tells the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%v: at most %d times, up to %s", e.Kind, e.Times, e.Latest.Format(time.RFC3339))
}

// Unwrap returns ErrTooOften or ErrTooFar.
func (e *LimitError) Unwrap() error { return e.Kind }

const (
	maxNotes = 50 // that a task keeps
	maxNote  = 2000
)

// Note keeps what somebody tells of a task's progress; telling the same again, as a repeated event does, changes nothing. at is when it was told. Errors: ErrNotOwner, ErrEnded.
func (s *Service) Note(ctx context.Context, id string, who access.Person, text string, at time.Time) (Task, error) {
	return s.retried(ctx, func() (Task, error) {
		t, err := s.mine(ctx, id, who)
		if err != nil {
			return t, err
		}
		n := Note{At: at.UTC().Truncate(time.Millisecond), By: who.ID, Text: text[:min(len(text), maxNote)]}
		if slices.ContainsFunc(t.Notes, func(o Note) bool { return o.At.Equal(n.At) && o.By == n.By && o.Text == n.Text }) {
			return t, nil
		}
		t.Notes = append(slices.Clip(t.Notes), n)
		t.Notes = t.Notes[max(0, len(t.Notes)-maxNotes):]
		return s.put(ctx, t)
	})
}

// Postpone moves the due time by working time from now, or from the due time where that is later. asked names the request, so that a repeated event postpones once. Errors: ErrNotOwner,
// ErrEnded, ErrNoReason, *LimitError.
func (s *Service) Postpone(ctx context.Context, id string, who access.Person, by calendar.Span, reason string, asked time.Time) (Task, error) {
	return s.postpone(ctx, id, who, reason, asked, func(w calendar.Working, from time.Time) time.Time { return w.Deadline(from, by) })
}

// PostponeTo is Postpone to an instant. Errors: also ErrEarlier, where the task is due then or later already.
func (s *Service) PostponeTo(ctx context.Context, id string, who access.Person, to time.Time, reason string, asked time.Time) (Task, error) {
	return s.postpone(ctx, id, who, reason, asked, func(calendar.Working, time.Time) time.Time { return to })
}

// PostponeToDay is PostponeTo the end of a day of the owner's working hours, or of the next workday where it is none. day is any instant of it.
func (s *Service) PostponeToDay(ctx context.Context, id string, who access.Person, day time.Time, reason string, asked time.Time) (Task, error) {
	return s.postpone(ctx, id, who, reason, asked, func(w calendar.Working, _ time.Time) time.Time { return w.EndOf(day) })
}

func (s *Service) postpone(ctx context.Context, id string, who access.Person, reason string, asked time.Time, until func(w calendar.Working, from time.Time) time.Time) (Task, error) {
	return s.retried(ctx, func() (Task, error) {
		t, err := s.mine(ctx, id, who)
		if err != nil {
			return t, err
		}
		asked = asked.UTC().Truncate(time.Millisecond)
		note := Note{At: asked, By: who.ID, Text: reason, Postponed: true}
		if slices.ContainsFunc(t.Notes, func(o Note) bool { return o.Postponed && o.At.Equal(asked) && o.By == who.ID && o.Text == reason }) {
			return t, nil
		}
		if reason == "" {
			return t, ErrNoReason
		}
		if t.FirstDue.IsZero() {
			t.FirstDue = t.Due
		}
		clock, working := s.clock(), s.working(t.Owner)
		limit := LimitError{Times: clock.Times, Latest: working.Deadline(t.FirstDue, clock.Longest).UTC()}
		from := t.Due
		if now := s.stamp(); now.After(from) {
			from = now
		}
		due := until(working, from).UTC().Truncate(time.Millisecond)
		switch {
		case !due.After(from):
			return t, ErrEarlier
		case t.Postponed >= clock.Times:
			limit.Kind = ErrTooOften
			return t, &limit
		case due.After(limit.Latest):
			limit.Kind = ErrTooFar
			return t, &limit
		}
		t.Due, t.Postponed = due, t.Postponed+1
		t.Notes = append(slices.Clip(t.Notes), note)
		t.Reminded, t.Escalated = time.Time{}, time.Time{}
		t.Wake = s.warnAt(t, s.stamp())
		return s.put(ctx, t)
	})
}

// Hand gives a task to somebody else, with the same due time. Who has it already keeps it. Errors: ErrNotOwner, ErrEnded, ErrRecipient.
func (s *Service) Hand(ctx context.Context, id string, who, to access.Person) (Task, error) {
	return s.retried(ctx, func() (Task, error) {
		t, err := s.tasks.Task(ctx, id)
		if err == nil && t.Owner == to.ID {
			return t, nil
		}
		if t, err = s.mine(ctx, id, who); err != nil {
			return t, err
		}
		if !to.May(access.Claim) {
			return t, ErrRecipient
		}
		t.Passed = append(slices.Clip(t.Passed), Passing{At: s.stamp(), From: t.Owner, By: who.ID})
		t.Owner = to.ID
		if from := s.stamp(); t.Due.After(from) {
			t.Wake = s.warnAt(t, from)
		}
		return s.put(ctx, t)
	})
}

// Help notes that the owner asks the managers for help. Errors: ErrNotOwner, ErrEnded.
func (s *Service) Help(ctx context.Context, id string, who access.Person, asked time.Time) (Task, error) {
	return s.retried(ctx, func() (Task, error) {
		t, err := s.mine(ctx, id, who)
		asked = asked.UTC().Truncate(time.Millisecond)
		if err != nil || t.Helped.Equal(asked) {
			return t, err
		}
		t.Helped = asked
		return s.put(ctx, t)
	})
}
