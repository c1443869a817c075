package httpapi

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/scoring"
)

func (s *server) registerAdjustments(api huma.API) {
	tags := []string{"customers"}
	handle(s, api, huma.Operation{
		OperationID: "list-adjustments", Method: http.MethodGet, Path: "/customers/{id}/adjustments", Tags: tags,
		Summary: "List what people changed of a score, the latest first",
	}, s.listAdjustments)
	handle(s, api, huma.Operation{
		OperationID: "adjust-score", Method: http.MethodPost, Path: "/customers/{id}/adjustments", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Change a score by hand",
		Description: "By a manager, signed, with a reason and an expiry, by at most 20 % of the score either way. It counts until it expires, whatever else changes, " +
			"and replaces one in force. Codes: not_allowed, adjustment, bound.",
	}, s.adjust)
	handle(s, api, huma.Operation{
		OperationID: "withdraw-adjustment", Method: http.MethodDelete, Path: "/customers/{id}/adjustments/{adjustment}", Tags: tags,
		Summary: "End an adjustment before it expires", Description: "By a manager. Codes: not_allowed, no_adjustment.",
	}, s.withdraw)
}

// Adjustment is what a person changed of a score.
type Adjustment struct {
	ID      string    `json:"id"`
	Points  float64   `json:"points"`
	Reason  Text      `json:"reason"`
	By      string    `json:"by" doc:"A person's id"`
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires"`
	Active  bool      `json:"active" doc:"Whether it counts now: of those in force the latest does"`
	Ended   time.Time `json:"ended,omitzero" required:"false" doc:"When somebody took it back"`
	EndedBy string    `json:"ended_by,omitempty"`
}

// AdjustmentList is what people changed of a customer's score.
type AdjustmentList struct {
	Adjustments []Adjustment `json:"adjustments" nullable:"false"`
	Bound       float64      `json:"bound" doc:"The most points that the score may be adjusted by, either way, as it is now"`
}

type adjustmentsOutput struct{ Body AdjustmentList }

func (s *server) listAdjustments(ctx context.Context, in *CustomerPath) (*adjustmentsOutput, error) {
	c, err := s.customer(ctx, *in)
	if err != nil {
		return nil, err
	}
	return s.adjustments(c), nil
}

func (s *server) adjustments(c customer.Customer) *adjustmentsOutput {
	out := AdjustmentList{Adjustments: []Adjustment{}, Bound: scoring.AdjustmentBound(unadjusted(c.Score))}
	counts, _ := c.Adjusted(s.Now())
	for _, a := range slices.Backward(c.Adjustments) {
		out.Adjustments = append(out.Adjustments, Adjustment{
			ID: a.ID, Points: a.Points, Reason: Text(a.Reason), By: a.By, At: a.At, Expires: a.Expires, Active: a.ID == counts.ID, Ended: a.Ended, EndedBy: a.EndedBy,
		})
	}
	return &adjustmentsOutput{out}
}

// unadjusted is the total that the model alone gives.
func unadjusted(r scoring.Result) float64 {
	r.Contributions = slices.DeleteFunc(slices.Clone(r.Contributions), func(c scoring.Contribution) bool { return c.Rule == scoring.AdjustmentRule })
	return r.Sum()
}

type adjustInput struct {
	CustomerPath
	Body AdjustmentBody
}

// AdjustmentBody says who changes a score, by how much, why and until when.
type AdjustmentBody struct {
	Person  string    `json:"person" minLength:"1" maxLength:"200" doc:"A person's id, as /people tells it"`
	Points  float64   `json:"points" doc:"Positive or negative, at most three decimals"`
	Reason  string    `json:"reason" minLength:"1" maxLength:"500"`
	Expires time.Time `json:"expires" doc:"At most a year ahead"`
}

func (s *server) adjust(ctx context.Context, in *adjustInput) (*adjustmentsOutput, error) {
	who, err := s.manager(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.Ingest.Adjust(ctx, id, scoring.Adjustment{Points: in.Body.Points, Reason: in.Body.Reason, By: who.ID, Expires: in.Body.Expires})
	if err != nil {
		return nil, err
	}
	s.carry(ctx, c.ID)
	return s.adjustments(c), nil
}

type withdrawInput struct {
	CustomerPath
	Adjustment string `path:"adjustment" maxLength:"200"`
	Person     string `query:"person" required:"true" minLength:"1" maxLength:"200" doc:"The id of the person who takes it back"`
}

func (s *server) withdraw(ctx context.Context, in *withdrawInput) (*adjustmentsOutput, error) {
	who, err := s.manager(in.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	adjustment, err := pathText(in.Adjustment)
	if err != nil {
		return nil, err
	}
	c, err := s.Ingest.Withdraw(ctx, id, adjustment, who.ID)
	if err != nil {
		return nil, err
	}
	s.carry(ctx, c.ID)
	return s.adjustments(c), nil
}

// manager finds who is meant to act and checks that the role allows it.
func (s *server) manager(id string) (access.Person, error) {
	who, err := s.person(id)
	if err == nil && !who.May(access.Manage) {
		err = errNotAllowed
	}
	return who, err
}
