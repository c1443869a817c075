package httpapi

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lingke/internal/outbound"
)

// Target is somebody who is told what changes of customers; see outbound.Sender.
type Target interface {
	Health(ctx context.Context) (outbound.Health, error)
	Enable(ctx context.Context) error
}

func (s *server) registerOutbound(api huma.API) {
	tags := []string{"outbound"}
	handle(s, api, huma.Operation{
		OperationID: "list-targets", Method: http.MethodGet, Path: "/targets", Tags: tags, Summary: "List whom Lingke tells what changes of customers, and how they do",
	}, s.listTargets)
	handle(s, api, huma.Operation{
		OperationID: "enable-target", Method: http.MethodPost, Path: "/targets/{name}/enable", Tags: tags, Summary: "Send to a disabled target again, with what has been waiting",
	}, s.enableTarget)
	handle(s, api, huma.Operation{
		OperationID: "list-posts", Method: http.MethodGet, Path: "/posts", Tags: tags, Summary: "List what targets were or are to be told, newest first",
		Description: "The log goes back 30 days. state=dead lists what was given up, with the reason.",
	}, s.listPosts)
	handle(s, api, huma.Operation{
		OperationID: "replay-post", Method: http.MethodPost, Path: "/posts/{id}/replay", Tags: tags, Summary: "Try a dead post again", DefaultStatus: http.StatusNoContent,
		Description: "not_found where it is not dead.",
	}, s.replayPost)
}

// TargetState is a target and how it does.
type TargetState struct {
	Name         string    `json:"name" example:"webhook:bi.example.com"`
	FailingSince time.Time `json:"failing_since,omitzero" required:"false" doc:"Since when every attempt failed"`
	Disabled     time.Time `json:"disabled,omitzero" required:"false" doc:"Since when nothing is sent to it"`
	Why          Text      `json:"why,omitempty" doc:"The last failure"`
}

type targetsOutput struct {
	Body struct {
		Targets []TargetState `json:"targets" nullable:"false"`
	}
}

func (s *server) listTargets(ctx context.Context, _ *struct{}) (*targetsOutput, error) {
	out := new(targetsOutput)
	out.Body.Targets = make([]TargetState, 0, len(s.Targets))
	for _, name := range sortedKeys(s.Targets) {
		h, err := s.Targets[name].Health(ctx)
		if err != nil {
			return nil, err
		}
		out.Body.Targets = append(out.Body.Targets, TargetState{name, h.FailingSince, h.Disabled, Text(h.Why)})
	}
	return out, nil
}

type targetName struct {
	Name string `path:"name" maxLength:"200"`
}

type targetOutput struct{ Body TargetState }

func (s *server) enableTarget(ctx context.Context, in *targetName) (*targetOutput, error) {
	name, err := pathText(in.Name)
	if err != nil {
		return nil, err
	}
	t, ok := s.Targets[name]
	if !ok {
		return nil, fmt.Errorf("%w: %q", errUnknown, name)
	}
	if err := t.Enable(ctx); err != nil {
		return nil, err
	}
	return &targetOutput{TargetState{Name: name}}, nil
}

// Post is one thing that a target was or is to be told.
type Post struct {
	ID       string    `json:"id"`
	Target   string    `json:"target"`
	Customer string    `json:"customer"`
	Event    string    `json:"event" example:"customer.tier_changed"`
	State    string    `json:"state" enum:"due,done,dead"`
	Attempts int       `json:"attempts"`
	Created  time.Time `json:"created"`
	Due      time.Time `json:"due"`
	Ended    time.Time `json:"ended,omitzero" required:"false"`
	Why      Text      `json:"why,omitempty" doc:"The last failure"`
}

type listPostsInput struct {
	Target string `query:"target" maxLength:"200"`
	State  string `query:"state" enum:"due,done,dead"`
	Paging
}

// PostPage is one page of posts.
type PostPage struct {
	Posts []Post `json:"posts" nullable:"false"`
	Next  string `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type postPageOutput struct{ Body PostPage }

func (s *server) listPosts(ctx context.Context, in *listPostsInput) (*postPageOutput, error) {
	q := outbound.Query{Target: in.Target, State: outbound.State(in.State)}
	after, err := decodeCursor(q, in.After)
	if err != nil {
		return nil, err
	}
	paged := q
	paged.After, paged.Limit = after, in.Limit
	found, next, err := s.Records.Posts(ctx, paged)
	if err != nil {
		return nil, err
	}
	out := &postPageOutput{PostPage{Posts: make([]Post, 0, len(found)), Next: encodeCursor(q, next)}}
	for _, p := range found {
		out.Body.Posts = append(out.Body.Posts, Post{p.ID, p.Target, p.Customer, p.Event, string(p.State), p.Attempts, p.Created, p.Due, p.Ended, Text(p.Why)})
	}
	return out, nil
}

type postID struct {
	ID string `path:"id" maxLength:"200"`
}

func (s *server) replayPost(ctx context.Context, in *postID) (*struct{}, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	return nil, s.Records.ReplayPost(ctx, id, s.Now().UTC().Truncate(time.Millisecond))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
