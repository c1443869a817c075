package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/access"
	"lingke/internal/leave"
)

// leaves is when people do not work; see leave.Service.
type leaves interface {
	Add(ctx context.Context, e leave.Entry) error
	Return(ctx context.Context, person string, from, to time.Time) ([]leave.Entry, error)
	Entries(person string) []leave.Entry
	Refresh(ctx context.Context) error
}

func (s *server) registerLeave(api huma.API) {
	tags := []string{"people"}
	handle(s, api, huma.Operation{
		OperationID: "list-leave", Method: http.MethodGet, Path: "/people/{id}/leave", Tags: tags,
		Summary: "List a person's leave that has not ended, the next first", Description: "Leave that stands in the config is not among it.",
	}, s.listLeave)
	handle(s, api, huma.Operation{
		OperationID: "add-leave", Method: http.MethodPost, Path: "/people/{id}/leave", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Note that a person does not work",
		Description: "As 请假 does: nothing is handed to the person meanwhile, clocks and deadlines wait, and tasks that are due go to the deputy where there is one. " +
			"The same leave again changes only its reason and deputy, so a request may be repeated. Codes: leave, unknown_person.",
	}, s.addLeave)
	handle(s, api, huma.Operation{
		OperationID: "end-leave", Method: http.MethodDelete, Path: "/people/{id}/leave", Tags: tags,
		Summary: "End a person's leave", Description: "As 销假 does: leave under way ends now, and what lies between from and to does not come.",
	}, s.endLeave)
}

// LeavePath names a person.
type LeavePath struct {
	ID string `path:"id" maxLength:"200" doc:"A person's id, as /people tells it"`
}

// Leave is a time in which somebody does not work.
type Leave struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to" doc:"The first instant after it"`
	Reason Text      `json:"reason,omitempty" required:"false" maxLength:"100"`
	Deputy string    `json:"deputy,omitempty" required:"false" maxLength:"200" doc:"The id of who gets the tasks that are due meanwhile"`
	By     string    `json:"by,omitempty" required:"false" maxLength:"200" doc:"The id of who noted it, where that is not the person"`
	At     time.Time `json:"at,omitzero" required:"false" readOnly:"true" doc:"When it was noted"`
}

// LeaveList is leave.
type LeaveList struct {
	Leave []Leave `json:"leave" nullable:"false"`
}

type leaveOutput struct{ Body LeaveList }

func viewLeave(all []leave.Entry) *leaveOutput {
	out := LeaveList{Leave: []Leave{}}
	for _, e := range all {
		out.Leave = append(out.Leave, Leave{From: e.From, To: e.To, Reason: Text(e.Why), Deputy: e.Deputy, By: e.By, At: e.At})
	}
	return &leaveOutput{out}
}

func (s *server) listLeave(ctx context.Context, in *LeavePath) (*leaveOutput, error) {
	who, err := s.person(in.ID)
	if err == nil {
		err = s.Leave.Refresh(ctx) // another gateway may have noted some
	}
	if err != nil {
		return nil, err
	}
	return viewLeave(s.Leave.Entries(who.ID)), nil
}

type addLeaveInput struct {
	LeavePath
	Body Leave
}

func (s *server) addLeave(ctx context.Context, in *addLeaveInput) (*leaveOutput, error) {
	who, err := s.person(in.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range []string{in.Body.By, in.Body.Deputy} {
		if id == "" {
			continue
		}
		p, err := s.person(id)
		if err != nil {
			return nil, err
		}
		if id == in.Body.Deputy && !p.May(access.Claim) {
			return nil, errNotAllowed
		}
	}
	e := leave.Entry{Person: who.ID, From: in.Body.From, To: in.Body.To, Why: string(in.Body.Reason), Deputy: in.Body.Deputy, By: in.Body.By}
	if err := s.Leave.Add(ctx, e); err != nil {
		return nil, err
	}
	return viewLeave(s.Leave.Entries(who.ID)), nil
}

type endLeaveInput struct {
	LeavePath
	From time.Time `query:"from" doc:"Only leave that ends after this instant"`
	To   time.Time `query:"to" doc:"Only leave that begins before this instant; all that is to come without it"`
}

func (s *server) endLeave(ctx context.Context, in *endLeaveInput) (*leaveOutput, error) {
	who, err := s.person(in.ID)
	if err != nil {
		return nil, err
	}
	cut, err := s.Leave.Return(ctx, who.ID, in.From, in.To)
	if err != nil {
		return nil, err
	}
	return viewLeave(cut), nil
}
