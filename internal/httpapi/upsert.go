package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/store"
)

func (s *server) registerUpsert(api huma.API) {
	handle(s, api, huma.Operation{
		OperationID: "put-customer", Method: http.MethodPut, Path: "/customers/{source}/{id}", Tags: []string{"customers"},
		Summary: "Tell what a source knows of a customer",
		Description: "The record goes the way of every source's records: merged by field and time, scored, routed. Sending it again, or after a " +
			"newer version of it, changes nothing. The answer is the whole customer as it is then.",
	}, s.putCustomer)
}

type putCustomerInput struct {
	Source string `path:"source" maxLength:"200" doc:"Name of the source, without a slash; that of a connector speaks for it"`
	ID     string `path:"id" maxLength:"600" doc:"The source's own id of the customer, at most 200 bytes"`
	Body   RecordBody
}

// RecordBody is one version of a source's record of a customer.
type RecordBody struct {
	ModifiedAt time.Time         `json:"modified_at" doc:"When the source made this version; what is newest counts, in whatever order it comes"`
	Deleted    bool              `json:"deleted,omitempty" doc:"The source no longer has the customer"`
	Fields     map[string]string `json:"fields,omitempty" doc:"Values by field name, as text: name, credit_code, phone, contact, industry, headcount, … A field that is absent keeps its value, an empty one is emptied"`
}

func (s *server) putCustomer(ctx context.Context, in *putCustomerInput) (*customerOutput, error) {
	ref, record, err := in.record()
	if err != nil {
		return nil, err
	}
	if err := s.Ingest.Apply(ctx, ref.Source(), record); err != nil {
		return nil, err
	}
	c, err := s.holder(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &customerOutput{s.viewCustomer(c)}, nil
}

func (in *putCustomerInput) record() (customer.Ref, connectors.Record, error) {
	source, err := pathText(in.Source)
	if err == nil && (strings.Contains(source, "/") || len(source) > 64) {
		err = fmt.Errorf("%w: source %q: expected at most 64 bytes without a slash", errName, source)
	}
	if err != nil {
		return "", connectors.Record{}, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return "", connectors.Record{}, err
	}
	return customer.NewRef(source, id), connectors.Record{
		Kind: connectors.Customer, ID: id, ModifiedAt: in.Body.ModifiedAt, Deleted: in.Body.Deleted, Fields: in.Body.Fields,
	}, nil
}

// holder returns the customer that a record is part of.
func (s *server) holder(ctx context.Context, ref customer.Ref) (customer.Customer, error) {
	found, err := s.Records.CustomersByKey(ctx, []customer.Ref{ref}, nil)
	if err != nil {
		return customer.Customer{}, err
	}
	if len(found) == 0 {
		return customer.Customer{}, fmt.Errorf("customer of %s: %w", ref, store.ErrNotFound)
	}
	return found[0], nil
}

// carry has the cards and tasks follow at once. What fails is carried out by the next sweep: it is stored with the customer, so the request
// has succeeded all the same.
func (s *server) carry(ctx context.Context, id string) {
	if err := s.Outgoing.Carry(ctx, id); err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "carry out effects", slog.String("request", requestOf(ctx).id), slog.String("customer", id), slog.Any("err", err))
	}
}
