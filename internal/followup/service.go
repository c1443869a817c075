package followup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
)

// The reasons why a task cannot be changed; test with errors.Is.
var (
	ErrNotOwner = errors.New("only the task's owner or a manager may do that")
	ErrEnded    = errors.New("the task has ended already")
)

// tasks is the part of the store that follow-up uses.
type tasks interface {
	AddTask(ctx context.Context, t Task) (bool, error)
	Task(ctx context.Context, id string) (Task, error)
	PutTask(ctx context.Context, t Task) error
	Tasks(ctx context.Context, q Query) (page []Task, next string, err error)
}

// Service keeps tasks. Its methods may be called from several goroutines and processes.
type Service struct {
	tasks   tasks
	working func(person string) calendar.Working
	now     func() time.Time
}

// New returns a Service. working tells when a person works, by the person's id.
func New(tasks tasks, working func(person string) calendar.Working, now func() time.Time) *Service {
	return &Service{tasks: tasks, working: working, now: now}
}

// FirstTaskID is the id of the first task of a customer's round.
func FirstTaskID(c customer.Customer) string { return fmt.Sprintf("t-%s-%d", c.ID, c.Round) }

// First creates the owner's first task of the customer's round, due within the given working time of the owner from when it was claimed. Doing it again returns the same task.
func (s *Service) First(ctx context.Context, c customer.Customer, title string, due calendar.Span, via string) (Task, error) {
	t := Task{
		ID: FirstTaskID(c), Customer: c.ID, Owner: c.Owner, Kind: "first_contact", Title: title,
		Due: s.working(c.Owner).Deadline(c.OwnedAt, due).UTC(), State: Open, Created: c.OwnedAt, Via: via,
	}
	fresh, err := s.tasks.AddTask(ctx, t)
	if err != nil {
		return t, fmt.Errorf("first task of %s: %w", c.ID, err)
	}
	if fresh {
		t.Rev = 1 // as the store counts the first write
		return t, nil
	}
	return s.tasks.Task(ctx, t.ID)
}

// Task returns a task. The error is the store's, for an id that nobody has.
func (s *Service) Task(ctx context.Context, id string) (Task, error) { return s.tasks.Task(ctx, id) }

// Complete ends a task with what came of it. Errors: ErrNotOwner, ErrEnded.
func (s *Service) Complete(ctx context.Context, id string, who access.Person, result string) (Task, error) {
	t, err := s.tasks.Task(ctx, id)
	if err != nil {
		return t, err
	}
	if t.Owner != who.ID && !who.May(access.Manage) {
		return t, fmt.Errorf("complete task %s: %w", id, ErrNotOwner)
	}
	return s.end(ctx, t, Done, result)
}

func (s *Service) end(ctx context.Context, t Task, state State, result string) (Task, error) {
	if t.State != Open {
		return t, fmt.Errorf("task %s: %w", t.ID, ErrEnded)
	}
	t.State, t.Result, t.Ended = state, result, s.now().UTC().Truncate(time.Millisecond)
	if err := s.tasks.PutTask(ctx, t); err != nil {
		return t, fmt.Errorf("end task %s: %w", t.ID, err)
	}
	t.Rev++
	return t, nil
}

// Cancel ends the open tasks that a person has for a customer from before, and returns every cancelled one, also of earlier calls. The first task of the
// present round stays where that person is the owner again.
func (s *Service) Cancel(ctx context.Context, c customer.Customer, person, why string) ([]Task, error) {
	open, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: c.ID, State: Open, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("open tasks of %s: %w", c.ID, err)
	}
	for _, t := range open {
		if c.Owner == person && t.ID == FirstTaskID(c) {
			continue
		}
		if _, err := s.end(ctx, t, Cancelled, why); err != nil {
			return nil, err
		}
	}
	cancelled, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: c.ID, State: Cancelled, Limit: 1000})
	return cancelled, err
}

// Merge brings the open tasks of two customers that became one in order, from being another name of into by now: the owner's go on as tasks of into, everybody else's end. It
// returns those of both that ended, also of earlier calls.
func (s *Service) Merge(ctx context.Context, from string, into customer.Customer) ([]Task, error) {
	var ended []Task
	for _, id := range []string{from, into.ID} {
		open, _, err := s.tasks.Tasks(ctx, Query{Customer: id, State: Open, Limit: 1000})
		if err != nil {
			return nil, fmt.Errorf("open tasks of %s: %w", id, err)
		}
		for _, t := range open {
			if err := s.adopt(ctx, t, into); err != nil {
				return nil, err
			}
		}
		cancelled, _, err := s.tasks.Tasks(ctx, Query{Customer: id, State: Cancelled, Limit: 1000})
		if err != nil {
			return nil, fmt.Errorf("cancelled tasks of %s: %w", id, err)
		}
		ended = append(ended, cancelled...)
	}
	return ended, nil
}

// mergedAway is the result of a task that ended because somebody else has the merged customer.
const mergedAway = "客户已合并，由其他人负责"

// Part brings tasks in order when c, which was another name of from, is a customer of its own again: those that it brought along are its own again, and those of its owner
// that ended by the merge are open again. It returns those that changed.
func (s *Service) Part(ctx context.Context, from string, c customer.Customer) ([]Task, error) {
	var changed []Task
	for _, q := range []Query{{Customer: from, State: Open, Limit: 1000}, {Customer: c.ID, State: Cancelled, Limit: 1000}} {
		page, _, err := s.tasks.Tasks(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("tasks of %s: %w", q.Customer, err)
		}
		for _, t := range page {
			if !s.returns(&t, c) {
				continue
			}
			if err := s.tasks.PutTask(ctx, t); err != nil {
				return nil, fmt.Errorf("give task %s back: %w", t.ID, err)
			}
			t.Rev++
			changed = append(changed, t)
		}
	}
	return changed, nil
}

// returns makes of t what it was before the merge, and reports whether the merge had changed it.
func (s *Service) returns(t *Task, c customer.Customer) bool {
	switch {
	case t.State == Open && t.Origin == c.ID && t.Customer != c.ID:
		t.Customer = c.ID
	case t.State == Cancelled && t.Result == mergedAway && t.Owner == c.Owner:
		t.State, t.Result, t.Ended = Open, "", time.Time{}
	default:
		return false
	}
	return true
}

// adopt makes an open task one of c, or ends it where it is not the owner's.
func (s *Service) adopt(ctx context.Context, t Task, c customer.Customer) error {
	if t.Owner != c.Owner {
		_, err := s.end(ctx, t, Cancelled, mergedAway)
		return err
	}
	if t.Customer == c.ID {
		return nil
	}
	if t.Origin == "" {
		t.Origin = t.Customer
	}
	t.Customer = c.ID
	if err := s.tasks.PutTask(ctx, t); err != nil {
		return fmt.Errorf("move task %s: %w", t.ID, err)
	}
	return nil
}

// Open returns a person's open tasks, the next due first.
func (s *Service) Open(ctx context.Context, person string, limit int) ([]Task, error) {
	page, _, err := s.tasks.Tasks(ctx, Query{Owner: person, State: Open, Limit: limit})
	return page, err
}

// EachDue calls fn for every open task that is due before an instant and whose owner was not reminded yet, and notes the reminder when fn
// succeeds. A crash between the two calls fn again for that task: fn must be repeatable. A task that fails does not stop the others; the error is the first failure.
func (s *Service) EachDue(ctx context.Context, before time.Time, fn func(Task) error) (int, error) {
	q := Query{State: Open, DueBefore: before, Limit: 500}
	reminded := 0
	var failed error
	for {
		page, next, err := s.tasks.Tasks(ctx, q)
		if err != nil {
			return reminded, fmt.Errorf("due tasks: %w", err)
		}
		for _, t := range page {
			if !t.Reminded.IsZero() {
				continue
			}
			if err := s.remind(ctx, t, fn); err != nil {
				if failed == nil {
					failed = err
				}
				continue
			}
			reminded++
		}
		if next == "" || ctx.Err() != nil {
			return reminded, failed
		}
		q.After = next
	}
}

func (s *Service) remind(ctx context.Context, t Task, fn func(Task) error) error {
	if err := fn(t); err != nil {
		return err
	}
	t.Reminded = s.now().UTC().Truncate(time.Millisecond)
	if err := s.tasks.PutTask(ctx, t); err != nil {
		return fmt.Errorf("note reminder of %s: %w", t.ID, err)
	}
	return nil
}
