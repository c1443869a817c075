package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/customer"
)

func (s *server) registerMerges(api huma.API) {
	tags := []string{"identity"}
	handle(s, api, huma.Operation{
		OperationID: "get-customer-sources", Method: http.MethodGet, Path: "/customers/{id}/sources", Tags: tags,
		Summary: "What every source says of every field, and which value counts and why",
	}, s.customerSources)
	handle(s, api, huma.Operation{
		OperationID: "merge-customer", Method: http.MethodPost, Path: "/customers/{id}/merge", Tags: tags,
		Summary:     "Say that two customers are one",
		Description: "By a manager. It holds whatever the sources tell later, until it is undone. Codes: not_manager, different_codes.",
	}, s.mergeCustomer)
	handle(s, api, huma.Operation{
		OperationID: "part-customer", Method: http.MethodPost, Path: "/customers/{id}/part", Tags: tags,
		Summary: "Take records out of a customer with which they were merged wrongly",
		Description: "By a manager. Both are as if they had never been one, with the orders and activities of their records and the owners that they had; " +
			"the records stay apart whatever the sources tell later. Codes: not_manager, parts.",
	}, s.partCustomer)
	handle(s, api, huma.Operation{
		OperationID: "list-merge-questions", Method: http.MethodGet, Path: "/merge-questions", Tags: tags,
		Summary: "Customers that may be one, by names and telephone numbers", Description: "The first due first.",
	}, s.listQuestions)
	handle(s, api, huma.Operation{
		OperationID: "answer-merge-question", Method: http.MethodPost, Path: "/merge-questions/{id}/answer", Tags: tags,
		Summary: "Answer such a question", Description: "By a manager; as a click on its card does. later asks again a day later. Codes: not_manager, answered.",
	}, s.answerQuestion)
}

// FieldSources is what the sources say of one field.
type FieldSources struct {
	Field    string        `json:"field"`
	Disputed bool          `json:"disputed" doc:"The sources say different things"`
	Why      string        `json:"why" enum:"only,agreed,rank,time,text,ref" doc:"Why the value counts that does: nobody else has one, all agree, its source is believed more, it was told last, it is the greater text told at the same time, its ref is the smaller"`
	Values   []SourceValue `json:"values" nullable:"false"`
}

// SourceValue is what one record says.
type SourceValue struct {
	Source  string    `json:"source"`
	ID      Text      `json:"id"`
	Value   Text      `json:"value" doc:"Empty where the source emptied the field"`
	At      time.Time `json:"at"`
	Deleted bool      `json:"deleted,omitempty" doc:"The source has deleted the record"`
	Counts  bool      `json:"counts"`
}

// SourcesBody is what the sources of a customer say.
type SourcesBody struct {
	Fields []FieldSources `json:"fields" nullable:"false"`
}

type sourcesOutput struct{ Body SourcesBody }

func (s *server) customerSources(ctx context.Context, in *CustomerPath) (*sourcesOutput, error) {
	c, err := s.customer(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := &sourcesOutput{SourcesBody{Fields: []FieldSources{}}}
	for _, f := range c.Conflicts(s.Ranks()) {
		view := FieldSources{Field: f.Field, Disputed: f.Disputed, Why: string(f.Why)}
		for _, v := range f.Values {
			view.Values = append(view.Values, SourceValue{
				Source: v.Ref.Source(), ID: Text(v.Ref.ID()), Value: fieldText(f.Field, v.Text), At: v.At, Deleted: v.Deleted, Counts: v.Counts,
			})
		}
		out.Body.Fields = append(out.Body.Fields, view)
	}
	return out, nil
}

type mergeInput struct {
	CustomerPath
	Body struct {
		PersonBody
		Other string `json:"other" minLength:"1" maxLength:"200" doc:"The other customer's id"`
	}
}

func (s *server) mergeCustomer(ctx context.Context, in *mergeInput) (*customerOutput, error) {
	who, err := s.person(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.Merges.Merge(ctx, id, in.Body.Other, who)
	if err != nil {
		return nil, err
	}
	s.carry(ctx, c.ID)
	return &customerOutput{s.viewCustomer(c)}, nil
}

// RecordName names a source's record.
type RecordName struct {
	Source string `json:"source" minLength:"1" maxLength:"64"`
	ID     string `json:"id" minLength:"1" maxLength:"200"`
}

type partInput struct {
	CustomerPath
	Body struct {
		PersonBody
		Records []RecordName `json:"records" minItems:"1" maxItems:"1000" nullable:"false" doc:"The records to take out; at least one must stay"`
	}
}

// PartedBody is what became of a customer.
type PartedBody struct {
	Rest Customer `json:"rest" doc:"The customer of the records that stayed"`
	Part Customer `json:"part" doc:"The customer of those that were taken out"`
}

type partOutput struct{ Body PartedBody }

func (s *server) partCustomer(ctx context.Context, in *partInput) (*partOutput, error) {
	who, err := s.person(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	refs := make([]customer.Ref, len(in.Body.Records))
	for i, r := range in.Body.Records {
		refs[i] = customer.NewRef(r.Source, r.ID)
	}
	rest, part, err := s.Merges.Part(ctx, id, refs, who)
	if err != nil {
		return nil, err
	}
	s.carry(ctx, rest.ID)
	s.carry(ctx, part.ID)
	return &partOutput{PartedBody{s.viewCustomer(rest), s.viewCustomer(part)}}, nil
}

// MergeQuestion is a question whether two customers are one.
type MergeQuestion struct {
	ID       string     `json:"id"`
	A        RecordName `json:"a" doc:"A record of the one customer"`
	B        RecordName `json:"b" doc:"A record of the other"`
	Names    string     `json:"names" enum:"same,likely" doc:"How alike the names are"`
	Phones   []Text     `json:"phones" nullable:"false" doc:"Numbers that both have"`
	State    string     `json:"state" enum:"waiting,open,answered"`
	Due      time.Time  `json:"due" doc:"When it is, or was, to be asked"`
	Answer   string     `json:"answer,omitempty" enum:"same,apart,moot" doc:"moot: the sources or other answers have settled it"`
	By       string     `json:"by,omitempty" doc:"A person's id"`
	Answered time.Time  `json:"answered,omitzero" required:"false"`
}

func viewQuestion(q customer.Question) MergeQuestion {
	v := MergeQuestion{
		ID: q.ID, A: RecordName{q.A.Source(), q.A.ID()}, B: RecordName{q.B.Source(), q.B.ID()}, Names: q.Grade, Phones: []Text{},
		State: string(q.State), Due: q.Due, Answer: string(q.Answer), By: q.By, Answered: q.Answered,
	}
	for _, n := range q.Phones {
		v.Phones = append(v.Phones, fieldText("phone", n))
	}
	return v
}

type questionsInput struct {
	State string `query:"state" enum:"waiting,open,answered" default:"open" doc:"waiting: not shown yet, or put off"`
	Paging
}

// QuestionPage is one page of questions.
type QuestionPage struct {
	Questions []MergeQuestion `json:"questions" nullable:"false"`
	Next      string          `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type questionsOutput struct{ Body QuestionPage }

func (s *server) listQuestions(ctx context.Context, in *questionsInput) (*questionsOutput, error) {
	after, err := decodeCursor(in.State, in.After)
	if err != nil {
		return nil, err
	}
	found, next, err := s.Records.Questions(ctx, customer.QuestionState(in.State), after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &questionsOutput{QuestionPage{Questions: []MergeQuestion{}, Next: encodeCursor(in.State, next)}}
	for _, q := range found {
		out.Body.Questions = append(out.Body.Questions, viewQuestion(q))
	}
	return out, nil
}

type answerInput struct {
	ID   string `path:"id" maxLength:"200"`
	Body struct {
		PersonBody
		Answer string `json:"answer" enum:"same,apart,later"`
	}
}

type questionOutput struct{ Body MergeQuestion }

func (s *server) answerQuestion(ctx context.Context, in *answerInput) (*questionOutput, error) {
	who, err := s.person(in.Body.Person)
	if err != nil {
		return nil, err
	}
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	q, err := s.Merges.Answer(ctx, id, who, customer.Answer(in.Body.Answer))
	if err != nil {
		return nil, err
	}
	return &questionOutput{viewQuestion(q)}, nil
}
