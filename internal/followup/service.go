package followup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
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
	clock   func() Clock
}

// Option changes how a Service is built.
type Option func(*Service)

// WithClock sets when people are told of tasks; DefaultClock otherwise. It is asked again each time, so that it can be reloaded.
func WithClock(clock func() Clock) Option { return func(s *Service) { s.clock = clock } }

// New returns a Service. working tells when a person works, by the person's id.
func New(tasks tasks, working func(person string) calendar.Working, now func() time.Time, opts ...Option) *Service {
	s := &Service{tasks: tasks, working: working, now: now, clock: DefaultClock}
	for _, o := range opts {
		o(s)
	}
	return s
}

// FirstTaskID is the id of the first task of a customer's round.
func FirstTaskID(c customer.Customer) string { return fmt.Sprintf("t-%s-%d", c.ID, c.Round) }

// First creates the owner's first task of the customer's round, due within the given working time of the owner from when it was claimed. Doing it again returns the same task.
func (s *Service) First(ctx context.Context, c customer.Customer, title lang.Text, due calendar.Span, via string) (Task, error) {
	return s.add(ctx, Task{
		ID: FirstTaskID(c), Customer: c.ID, Owner: c.Owner, Kind: KindFirst, Title: title.ZH, English: customer.Wording{Title: title.EN}, Tier: c.Tier, Created: c.OwnedAt, Via: via,
	}, due)
}

// Take creates the task that a customer's effect asks for, of owner, due within its working time from when it was asked. Doing it again returns the same task. The error
// names a span that cannot be read.
func (s *Service) Take(ctx context.Context, c customer.Customer, w customer.Work, owner string) (Task, error) {
	due, err := calendar.ParseSpan(w.Due)
	if err != nil {
		return Task{}, fmt.Errorf("task %s: %w", w.Task, err)
	}
	return s.add(ctx, Task{
		ID: w.Task, Customer: c.ID, Owner: owner, Kind: w.Kind, Title: w.Title, Why: w.Why, Tier: c.Tier, Play: w.Play, Created: w.At.UTC().Truncate(time.Millisecond),
		English: w.English,
	}, due)
}

// add stores a new open task, or returns the one that there is.
func (s *Service) add(ctx context.Context, t Task, due calendar.Span) (Task, error) {
	t.State = Open
	t.Due = s.working(t.Owner).Deadline(t.Created, due).UTC()
	t.Wake = s.warnAt(t, t.Created)
	fresh, err := s.tasks.AddTask(ctx, t)
	if err != nil {
		return t, fmt.Errorf("task of %s: %w", t.Customer, err)
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
	return s.retried(ctx, func() (Task, error) {
		t, err := s.mine(ctx, id, who)
		if err != nil {
			return t, err
		}
		return s.end(ctx, t, Done, lang.Text{ZH: result})
	})
}

// mine returns an open task that who may change. Errors: ErrNotOwner, ErrEnded.
func (s *Service) mine(ctx context.Context, id string, who access.Person) (Task, error) {
	t, err := s.tasks.Task(ctx, id)
	switch {
	case err != nil:
		return t, err
	case t.Owner != who.ID && !who.May(access.Manage):
		return t, fmt.Errorf("task %s: %w", id, ErrNotOwner)
	case t.State != Open:
		return t, fmt.Errorf("task %s: %w", id, ErrEnded)
	}
	return t, nil
}

// put stores a changed task.
func (s *Service) put(ctx context.Context, t Task) (Task, error) {
	if err := s.tasks.PutTask(ctx, t); err != nil {
		return t, fmt.Errorf("change task %s: %w", t.ID, err)
	}
	t.Rev++
	return t, nil
}

func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Millisecond) }

func (s *Service) end(ctx context.Context, t Task, state State, result lang.Text) (Task, error) {
	if t.State != Open {
		return t, fmt.Errorf("task %s: %w", t.ID, ErrEnded)
	}
	t.State, t.Result, t.English.Result, t.Ended, t.Wake = state, result.ZH, result.EN, s.stamp(), time.Time{}
	if err := s.tasks.PutTask(ctx, t); err != nil {
		return t, fmt.Errorf("end task %s: %w", t.ID, err)
	}
	t.Rev++
	return t, nil
}

// tries bounds how often a task is changed anew that others change at the same time.
const tries = 10

// retried changes a task, and does so anew where somebody else changed it in between: people are not to wait for the next attempt of their message.
func (s *Service) retried(ctx context.Context, change func() (Task, error)) (Task, error) {
	for try := 1; ; try++ {
		t, err := change()
		if err == nil || try == tries || ctx.Err() != nil {
			return t, err
		}
		if now, readErr := s.tasks.Task(ctx, t.ID); readErr != nil || now.Rev == t.Rev { // nobody was in between
			return t, err
		}
	}
}

// cancel ends an open task for which there is no reason any more, whatever somebody changes of it meanwhile. One that somebody else ended stays as it was left.
func (s *Service) cancel(ctx context.Context, t Task, why lang.Text) (Task, error) {
	known := true
	return s.retried(ctx, func() (_ Task, err error) {
		if !known {
			if t, err = s.tasks.Task(ctx, t.ID); err != nil || t.State != Open {
				return t, err
			}
		}
		known = false
		return s.end(ctx, t, Cancelled, why)
	})
}

// Drop ends one open task for which there is no reason any more. A task that has ended, or never was, stays as it is.
func (s *Service) Drop(ctx context.Context, id string, why lang.Text, notFound error) (Task, bool, error) {
	t, err := s.tasks.Task(ctx, id)
	if errors.Is(err, notFound) {
		return t, false, nil
	}
	if err != nil || t.State != Open {
		return t, err == nil, err
	}
	t, err = s.cancel(ctx, t, why)
	return t, err == nil, err
}

// Cancel ends the open tasks that a person has for a customer from before, and returns every cancelled one, also of earlier calls. The first task of the
// present round stays where that person is the owner again.
func (s *Service) Cancel(ctx context.Context, c customer.Customer, person string, why lang.Text) ([]Task, error) {
	open, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: c.ID, State: Open, Limit: 1000})
	if err != nil {
		return nil, fmt.Errorf("open tasks of %s: %w", c.ID, err)
	}
	for _, t := range open {
		if c.Owner == person && t.ID == FirstTaskID(c) {
			continue
		}
		if _, err := s.cancel(ctx, t, why); err != nil {
			return nil, err
		}
	}
	cancelled, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: c.ID, State: Cancelled, Limit: 1000})
	return cancelled, err
}

// Merge brings the open tasks of two customers that became one in order, from being another name of into by now: the owner's go on as tasks of into, one of two with
// the same words ends, and so does everybody else's. It returns those of both that ended, also of earlier calls.
func (s *Service) Merge(ctx context.Context, from string, into customer.Customer) ([]Task, error) {
	var ended []Task
	own, err := s.openOf(ctx, into.Owner, into.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range []string{from, into.ID} {
		open, _, err := s.tasks.Tasks(ctx, Query{Customer: id, State: Open, Limit: 1000})
		if err != nil {
			return nil, fmt.Errorf("open tasks of %s: %w", id, err)
		}
		for _, t := range open {
			if id == from && slices.ContainsFunc(own, t.twin) {
				_, err = s.cancel(ctx, t, mergedTwin)
			} else {
				err = s.adopt(ctx, t, into)
			}
			if err != nil {
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

// The results of tasks that a merge ended.
var (
	mergedAway = lang.Text{ZH: "客户已合并，由其他人负责", EN: "merged with another customer, which somebody else has"}
	mergedTwin = lang.Text{ZH: "客户已合并，同样的任务已有一个", EN: "merged with another customer, for which there is the same task"}
)

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
	case t.State == Cancelled && (t.Result == mergedAway.ZH || t.Result == mergedTwin.ZH) && t.Owner == c.Owner:
		t.State, t.Result, t.English.Result, t.Ended = Open, "", "", time.Time{}
		t.Wake = s.warnAt(*t, t.Created)
	default:
		return false
	}
	return true
}

// adopt makes an open task one of c, or ends it where it is not the owner's.
func (s *Service) adopt(ctx context.Context, t Task, c customer.Customer) error {
	if t.Owner != c.Owner {
		_, err := s.cancel(ctx, t, mergedAway)
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

// OpenFor returns the open tasks that a person has for a customer, the next due first; of everybody where person is "".
func (s *Service) OpenFor(ctx context.Context, customerID, person string) ([]Task, error) {
	page, _, err := s.tasks.Tasks(ctx, Query{Owner: person, Customer: customerID, State: Open, Limit: 100})
	slices.SortStableFunc(page, func(a, b Task) int { return a.Due.Compare(b.Due) })
	return page, err
}

// Since returns the tasks of a customer that a person ended, or passed on, at an instant or later.
func (s *Service) Since(ctx context.Context, customerID, person string, at time.Time) ([]Task, error) {
	page, _, err := s.tasks.Tasks(ctx, Query{Customer: customerID, Limit: 1000})
	return slices.DeleteFunc(page, func(t Task) bool {
		ended := t.Owner == person && t.State == Done && !t.Ended.Before(at)
		passed := len(t.Passed) > 0 && t.Passed[len(t.Passed)-1].By == person && !t.Passed[len(t.Passed)-1].At.Before(at)
		return !ended && !passed
	}), err
}

// Open returns a person's open tasks, the next due first.
func (s *Service) Open(ctx context.Context, person string, limit int) ([]Task, error) {
	page, _, err := s.tasks.Tasks(ctx, Query{Owner: person, State: Open, Limit: limit})
	return page, err
}

// Away reports whether somebody is on leave at an instant, or when the next working time begins.
func (s *Service) Away(person string, at time.Time) bool { return s.working(person).Away(at) }
