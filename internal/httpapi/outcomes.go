package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/access"
	"lingke/internal/customer"
)

// apiSource is where what people tell over the API comes from.
const apiSource = "api"

func (s *server) registerOutcomes(api huma.API) {
	tags := []string{"customers"}
	handle(s, api, huma.Operation{
		OperationID: "tell-outcome", Method: http.MethodPost, Path: "/customers/{id}/outcome", Tags: tags,
		Summary: "Tell that a deal was won or lost",
		Description: "By the owner or a manager. It counts as an order of the customer until a source tells of orders of that time. Told again on the same day by the same person, " +
			"it takes the place of what was told before, whichever arrives first. Codes: not_allowed, outcome.",
	}, s.tellOutcome)
	handle(s, api, huma.Operation{
		OperationID: "judge-lead", Method: http.MethodPost, Path: "/customers/{id}/feedback", Tags: tags,
		Summary:     "Say whether a lead was a good one",
		Description: "By the owner or a manager. The last word of a person counts. Code: not_allowed.",
	}, s.judgeLead)
}

type outcomeInput struct {
	CustomerPath
	Body OutcomeBody
}

// OutcomeBody says what became of a deal.
type OutcomeBody struct {
	Person string    `json:"person" minLength:"1" maxLength:"200" doc:"A person's id, as /people tells it"`
	Result string    `json:"result" enum:"won,lost"`
	Amount float64   `json:"amount,omitempty" minimum:"0" maximum:"100000000000" doc:"Yuan; needed for a won deal"`
	Reason string    `json:"reason,omitempty" maxLength:"500" doc:"Needed for a lost deal"`
	Days   int       `json:"days,omitempty" minimum:"0" maximum:"3650" doc:"How long the deal took"`
	At     time.Time `json:"at,omitzero" required:"false" doc:"When it was told; now without it"`
}

func (s *server) tellOutcome(ctx context.Context, in *outcomeInput) (*customerOutput, error) {
	b := in.Body
	c, who, err := s.ofOwner(ctx, in.CustomerPath, b.Person)
	if err != nil {
		return nil, err
	}
	o := customer.Outcome{Won: b.Result == "won", Amount: customer.FromYuan(b.Amount), Reason: b.Reason, Days: b.Days, By: who.ID, At: s.toldAt(b.At)}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if err := s.Ingest.Outcome(ctx, o.Order(c, apiSource, s.zone())); err != nil {
		return nil, err
	}
	return s.again(ctx, c.ID)
}

type feedbackInput struct {
	CustomerPath
	Body FeedbackBody
}

// FeedbackBody says how good a lead was.
type FeedbackBody struct {
	Person  string    `json:"person" minLength:"1" maxLength:"200"`
	Quality string    `json:"quality" enum:"good,fair,bad"`
	Note    string    `json:"note,omitempty" maxLength:"500"`
	At      time.Time `json:"at,omitzero" required:"false" doc:"When it was told; now without it"`
}

func (s *server) judgeLead(ctx context.Context, in *feedbackInput) (*customerOutput, error) {
	c, who, err := s.ofOwner(ctx, in.CustomerPath, in.Body.Person)
	if err != nil {
		return nil, err
	}
	a := customer.QualityOf(c, customer.Quality(in.Body.Quality), in.Body.Note, who.ID, apiSource, s.toldAt(in.Body.At))
	if err := s.Ingest.Note(ctx, a); err != nil {
		return nil, err
	}
	return s.again(ctx, c.ID)
}

// ofOwner finds a customer and who acts, who must own it or be a manager.
func (s *server) ofOwner(ctx context.Context, path CustomerPath, person string) (customer.Customer, access.Person, error) {
	who, err := s.person(person)
	if err != nil {
		return customer.Customer{}, who, err
	}
	c, err := s.customer(ctx, path)
	if err == nil && c.Owner != who.ID && !who.May(access.Manage) {
		err = errNotAllowed
	}
	return c, who, err
}

func (s *server) again(ctx context.Context, id string) (*customerOutput, error) {
	c, err := s.Records.Customer(ctx, id)
	if err != nil {
		return nil, err
	}
	s.carry(ctx, c.ID)
	return &customerOutput{s.viewCustomer(c)}, nil
}

// toldAt is when something was told: not later than now.
func (s *server) toldAt(at time.Time) time.Time {
	if now := s.Now(); at.IsZero() || at.After(now) {
		return now
	}
	return at
}

func (s *server) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}
