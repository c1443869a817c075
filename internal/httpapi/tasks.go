package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/followup"
)

func (s *server) registerTasks(api huma.API) {
	tags := []string{"tasks"}
	handle(s, api, huma.Operation{
		OperationID: "list-tasks", Method: http.MethodGet, Path: "/tasks", Tags: tags,
		Summary: "List tasks", Description: "By due time where owner or due_before is given, else by id.",
	}, s.listTasks)
	handle(s, api, huma.Operation{
		OperationID: "complete-task", Method: http.MethodPost, Path: "/tasks/{id}/complete", Tags: tags,
		Summary: "End a task with what came of it", Description: "By its owner or a manager. Codes: not_owner, ended.",
	}, s.completeTask)
}

// Task is one piece of work of one person.
type Task struct {
	ID       string    `json:"id"`
	Customer string    `json:"customer"`
	Owner    string    `json:"owner" doc:"A person's id"`
	Kind     string    `json:"kind" example:"first_contact"`
	Title    Text      `json:"title"`
	Due      time.Time `json:"due"`
	State    string    `json:"state" enum:"open,done,cancelled"`
	Result   Text      `json:"result,omitempty"`
	Created  time.Time `json:"created"`
	Ended    time.Time `json:"ended,omitzero" required:"false"`
	Reminded time.Time `json:"reminded,omitzero" required:"false" doc:"When the owner was reminded"`
}

func viewTask(t followup.Task) Task {
	return Task{
		ID: t.ID, Customer: t.Customer, Owner: t.Owner, Kind: t.Kind, Title: Text(t.Title), Due: t.Due, State: string(t.State),
		Result: Text(t.Result), Created: t.Created, Ended: t.Ended, Reminded: t.Reminded,
	}
}

type listTasksInput struct {
	Owner     string    `query:"owner" maxLength:"200" doc:"A person's id"`
	Customer  string    `query:"customer" maxLength:"200"`
	State     string    `query:"state" enum:"open,done,cancelled"`
	DueBefore time.Time `query:"due_before" doc:"Due earlier than this instant, e.g. 2026-03-02T10:00:00%2B08:00"`
	Paging
}

// TaskPage is one page of tasks.
type TaskPage struct {
	Tasks []Task `json:"tasks" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type taskPageOutput struct{ Body TaskPage }

func (s *server) listTasks(ctx context.Context, in *listTasksInput) (*taskPageOutput, error) {
	q := followup.Query{Owner: in.Owner, Customer: in.Customer, State: followup.State(in.State), DueBefore: in.DueBefore.UTC()}
	after, err := decodeCursor(q, in.After)
	if err != nil {
		return nil, err
	}
	paged := q
	paged.After, paged.Limit = after, in.Limit
	found, next, err := s.Records.Tasks(ctx, paged)
	if err != nil {
		return nil, err
	}
	out := &taskPageOutput{TaskPage{Tasks: make([]Task, 0, len(found)), Next: encodeCursor(q, next)}}
	for _, t := range found {
		out.Body.Tasks = append(out.Body.Tasks, viewTask(t))
	}
	return out, nil
}

type completeTaskInput struct {
	ID   string `path:"id" maxLength:"600"`
	Body CompleteBody
}

// CompleteBody says who ends a task, and with what result.
type CompleteBody struct {
	Person string `json:"person" minLength:"1" maxLength:"200" doc:"A person's id, as /people tells it"`
	Result string `json:"result,omitempty" maxLength:"2000"`
}

type taskOutput struct{ Body Task }

// completeTask ends a task and brings its card in step. A task that has ended already has its card shown all the same, so that a request that
// broke off in between is mended by sending it again.
func (s *server) completeTask(ctx context.Context, in *completeTaskInput) (*taskOutput, error) {
	who, err := s.person(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	t, err := s.Tasks.Complete(ctx, id, who, in.Body.Result)
	if err != nil && !errors.Is(err, followup.ErrEnded) {
		return nil, err
	}
	if shown := s.Outgoing.ShowTask(ctx, t); shown != nil {
		return nil, shown
	}
	if err != nil {
		return nil, err
	}
	return &taskOutput{viewTask(t)}, nil
}
