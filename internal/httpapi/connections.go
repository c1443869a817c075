package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/connections"
)

func (s *server) registerConnections(api huma.API) {
	handle(s, api, huma.Operation{
		OperationID: "list-connectors", Method: http.MethodGet, Path: "/connectors", Tags: []string{"connectors"},
		Summary: "List the connectors and how they do: last run, lag, records, failures, next run",
	}, s.listConnectors)
	handle(s, api, huma.Operation{
		OperationID: "list-refused", Method: http.MethodGet, Path: "/connectors/{name}/refused", Tags: []string{"connectors"},
		Summary: "List what a connector's source told and could not be taken in, with the reasons",
		Description: "What is listed waits: it goes once a version of it can be taken in, by the next sync after a change at the source, or by lingke sync NAME --replay after a change " +
			"of the mapping.",
	}, s.listRefused)
}

// ConnectorRun is one pull that ended.
type ConnectorRun struct {
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	Records int       `json:"records" doc:"Taken in, or known already"`
	Refused int       `json:"refused"`
	Error   Text      `json:"error,omitempty"`
}

// ConnectorScan is one look for deletions that ended.
type ConnectorScan struct {
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	Gone    int       `json:"gone" doc:"Marked as deleted, since the source has them no longer"`
	Back    int       `json:"back" doc:"Marked as deleted before, and there again"`
	Error   Text      `json:"error,omitempty" doc:"Why nothing was marked"`
}

// ConnectorState is a connector and how it does.
type ConnectorState struct {
	Name     string         `json:"name"`
	Type     string         `json:"type" example:"kingdee"`
	Pulls    bool           `json:"pulls" doc:"false where the source pushes"`
	Last     *ConnectorRun  `json:"last,omitempty" doc:"The last run; absent before the first"`
	Good     time.Time      `json:"good,omitzero" required:"false" doc:"When the last run without an error began"`
	Lag      float64        `json:"lag_seconds" doc:"Since then; 0 before the first"`
	Failed   int            `json:"failed" doc:"Failed runs since the last good one"`
	Failures []ConnectorRun `json:"failures,omitempty" nullable:"false" doc:"The latest failed runs, newest first"`
	Next     time.Time      `json:"next,omitzero" required:"false" doc:"When it is due"`
	Waiting  int            `json:"refused_waiting" doc:"Things that could not be taken in and wait until they can; see /connectors/{name}/refused"`
	Scan     *ConnectorScan `json:"scan,omitempty" doc:"The last look for what was deleted at the source; absent before the first"`
}

type connectorsOutput struct {
	Body struct {
		Connectors []ConnectorState `json:"connectors" nullable:"false"`
	}
}

func (s *server) listConnectors(ctx context.Context, _ *struct{}) (*connectorsOutput, error) {
	out := new(connectorsOutput)
	out.Body.Connectors = []ConnectorState{}
	if s.Connections == nil {
		return out, nil
	}
	all, err := s.Connections(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		v := ConnectorState{Name: c.Name, Type: c.Type, Pulls: c.Pulls, Good: c.Good, Lag: c.Lag(s.Now()).Seconds(), Failed: c.Failed, Next: c.Next, Waiting: c.Refused}
		if !c.Last.Began.IsZero() {
			last := viewRun(c.Last)
			v.Last = &last
		}
		if x := c.Scan; !x.Began.IsZero() {
			v.Scan = &ConnectorScan{x.Began, x.Took.Seconds(), x.Gone, x.Back, Text(x.Error)}
		}
		for _, f := range c.Failures {
			v.Failures = append(v.Failures, viewRun(f))
		}
		out.Body.Connectors = append(out.Body.Connectors, v)
	}
	return out, nil
}

func viewRun(r connections.Run) ConnectorRun {
	return ConnectorRun{r.Began, r.Took.Seconds(), r.Records, r.Refused, Text(r.Error)}
}

type refusedInput struct {
	Paging

	Name string `path:"name" maxLength:"200" doc:"The connector's name"`
}

// RefusedThing is what could not be taken in.
type RefusedThing struct {
	Kind       string    `json:"kind" enum:"customer,order,activity"`
	ID         Text      `json:"id,omitempty" doc:"The source's own; absent where none can be read"`
	ModifiedAt time.Time `json:"modified_at,omitzero" required:"false" doc:"Of the version that was refused; absent where that cannot be read"`
	At         time.Time `json:"at" doc:"When it was refused last"`
	Why        Text      `json:"why"`
}

// RefusedPage is one page of what could not be taken in.
type RefusedPage struct {
	Refused []RefusedThing `json:"refused" nullable:"false"`
	Next    string         `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type refusedOutput struct{ Body RefusedPage }

// refusedQuery gives the cursors of the list their kind.
type refusedQuery struct{ Name string }

func (s *server) listRefused(ctx context.Context, in *refusedInput) (*refusedOutput, error) {
	name, err := pathText(in.Name)
	if err != nil {
		return nil, err
	}
	after, err := decodeCursor(refusedQuery{name}, in.After)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Records.Refused(ctx, name, after, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &refusedOutput{RefusedPage{[]RefusedThing{}, encodeCursor(refusedQuery{name}, next)}}
	for _, r := range page {
		out.Body.Refused = append(out.Body.Refused, RefusedThing{string(r.Kind), Text(r.Thing), r.ModifiedAt, r.At, Text(r.Why)})
	}
	return out, nil
}
