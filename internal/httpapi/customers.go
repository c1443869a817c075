package httpapi

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/customer"
	"lingke/internal/store"
)

func (s *server) registerCustomers(api huma.API) {
	tags := []string{"customers"}
	handle(s, api, huma.Operation{
		OperationID: "list-customers", Method: http.MethodGet, Path: "/customers", Tags: tags,
		Summary:     "List customers, or find some by name",
		Description: "Filters hold together. q finds names that contain it (exact ones first) and stands alone.",
	}, s.listCustomers)
	handle(s, api, huma.Operation{
		OperationID: "get-customer", Method: http.MethodGet, Path: "/customers/{id}", Tags: tags,
		Summary: "One customer", Description: "The id of a customer that was merged into another gives the merged one.",
	}, s.getCustomer)
	handle(s, api, huma.Operation{
		OperationID: "explain-customer", Method: http.MethodGet, Path: "/customers/{id}/explain", Tags: tags,
		Summary: "Why a customer has its score", Description: "The points of the contributions add up to the total.",
	}, s.explainCustomer)
}

// Paging is what all lists take. (Huma reads embedded types only where they are exported.)
type Paging struct {
	After string `query:"after" maxLength:"1000" doc:"next of the previous page, with the same filters"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type listCustomersInput struct {
	Owner   string `query:"owner" maxLength:"200" doc:"A person's id"`
	Unowned bool   `query:"unowned" doc:"Only customers that nobody owns"`
	Pool    string `query:"pool" maxLength:"200"`
	Tier    string `query:"tier" maxLength:"20"`
	Stage   string `query:"stage" enum:"lead,active,dormant,lost"`
	Order   string `query:"order" enum:"id,score" default:"id" doc:"score: the highest first"`
	Q       string `query:"q" maxLength:"200" doc:"Part of the name"`
	Paging
}

// CustomerPage is one page of customers.
type CustomerPage struct {
	Customers []Customer `json:"customers" nullable:"false"`
	Next      string     `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type customerPageOutput struct{ Body CustomerPage }

type customerOutput struct{ Body Customer }

// query is the filters alone, which a cursor belongs to.
func (in *listCustomersInput) query() store.CustomerQuery {
	return store.CustomerQuery{
		Owner: in.Owner, Unowned: in.Unowned, Pool: in.Pool, Tier: in.Tier, Stage: customer.Stage(in.Stage), ByScore: in.Order == "score",
	}
}

func (s *server) listCustomers(ctx context.Context, in *listCustomersInput) (*customerPageOutput, error) {
	q := in.query()
	if in.Q != "" {
		return s.searchCustomers(ctx, in, q)
	}
	after, err := decodeCursor(q, in.After)
	if err != nil {
		return nil, err
	}
	paged := q
	paged.After, paged.Limit = after, in.Limit
	found, next, err := s.Records.Customers(ctx, paged)
	if err != nil {
		return nil, err
	}
	return &customerPageOutput{CustomerPage{Customers: s.viewCustomers(found), Next: encodeCursor(q, next)}}, nil
}

// searchCustomers finds by name. Other filters would leave matches out that lie behind the limit, so they are refused.
func (s *server) searchCustomers(ctx context.Context, in *listCustomersInput, q store.CustomerQuery) (*customerPageOutput, error) {
	if !reflect.DeepEqual(q, store.CustomerQuery{}) || in.After != "" {
		return nil, errFilters
	}
	found, err := s.Records.SearchCustomers(ctx, in.Q, in.Limit)
	if err != nil {
		return nil, err
	}
	return &customerPageOutput{CustomerPage{Customers: s.viewCustomers(found)}}, nil
}

// CustomerPath is the path parameter of everything about one customer.
type CustomerPath struct {
	ID string `path:"id" maxLength:"200"`
}

// customer reads the customer that the path names.
func (s *server) customer(ctx context.Context, in CustomerPath) (customer.Customer, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return customer.Customer{}, err
	}
	return s.Records.Customer(ctx, id)
}

func (s *server) getCustomer(ctx context.Context, in *CustomerPath) (*customerOutput, error) {
	c, err := s.customer(ctx, *in)
	if err != nil {
		return nil, err
	}
	return &customerOutput{s.viewCustomer(c)}, nil
}
