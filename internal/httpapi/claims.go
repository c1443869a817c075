package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/access"
	"lingke/internal/customer"
)

func (s *server) registerClaims(api huma.API) {
	tags := []string{"customers"}
	handle(s, api, huma.Operation{
		OperationID: "claim-customer", Method: http.MethodPost, Path: "/customers/{id}/claim", Tags: tags,
		Summary: "Make a person the owner",
		Description: "As a click on the lead card does: one winner, who spends one of the day's claims. Claiming one's own customer again changes nothing. " +
			"Codes: taken (with the owner), not_open, not_member, former_owner, locked, daily_spent, holding_full.",
	}, s.claimCustomer)
	handle(s, api, huma.Operation{
		OperationID: "release-customer", Method: http.MethodPost, Path: "/customers/{id}/release", Tags: tags,
		Summary: "Give a customer back to its pool", Description: "By its owner or a manager. Code: not_owner.",
	}, s.releaseCustomer)
}

type personInput struct {
	CustomerPath
	Body PersonBody
}

// PersonBody says who acts.
type PersonBody struct {
	Person string `json:"person" minLength:"1" maxLength:"200" doc:"A person's id, as /people tells it"`
}

// change is what a person does with a customer.
type change func(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error)

func (s *server) claimCustomer(ctx context.Context, in *personInput) (*customerOutput, error) {
	return s.act(ctx, in, s.Claims.Claim)
}

func (s *server) releaseCustomer(ctx context.Context, in *personInput) (*customerOutput, error) {
	return s.act(ctx, in, s.Claims.Release)
}

func (s *server) act(ctx context.Context, in *personInput, do change) (*customerOutput, error) {
	who, err := s.person(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := do(ctx, id, who, "") // on no platform: cards go where the person is
	if err != nil {
		return nil, err
	}
	s.carry(ctx, c.ID)
	return &customerOutput{s.viewCustomer(c)}, nil
}
