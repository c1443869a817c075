package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	ingestion "lingke/internal/ingest"
	"lingke/internal/models"
)

// modelVersions decides which scoring models are in force; see app.App.
type modelVersions interface {
	ModelLog(ctx context.Context) ([]models.Listed, []models.Publication, error)
	FindModel(ctx context.Context, version string) (models.Version, error)
	ParseModel(file string, text []byte) (models.Version, error)
	DryRun(ctx context.Context, v models.Version, each func(ingestion.Move) error) (ingestion.DryRun, error)
	PublishModel(ctx context.Context, v models.Version, by, note string) (models.Publication, error)
	Rollback(ctx context.Context, version, by, note string) (models.Publication, error)
}

func (s *server) registerModels(api huma.API) {
	tags := []string{"models"}
	handle(s, api, huma.Operation{
		OperationID: "list-models", Method: http.MethodGet, Path: "/models", Tags: tags, Summary: "List the versions of the scoring model, and what was in force when",
	}, s.listModels)
	handle(s, api, huma.Operation{
		OperationID: "get-model", Method: http.MethodGet, Path: "/models/{version}", Tags: tags, Summary: "A version with its text", Description: "Codes: no_version.",
	}, s.getModel)
	handle(s, api, huma.Operation{
		OperationID: "try-model", Method: http.MethodPost, Path: "/models/dry-run", Tags: tags, Summary: "Tell who would change score, tier and pool",
		Description: "Nothing is stored. Counts are of all customers; named are the first of those that would get another tier or pool. With very many customers the " +
			"request may run out of time; lingke model dry-run does not. Codes: model, no_version, replaces.",
	}, s.tryModel)
	handle(s, api, huma.Operation{
		OperationID: "publish-model", Method: http.MethodPost, Path: "/models/publish", Tags: tags, Summary: "Put a model in force",
		Description: "By a manager. Every gateway takes it up within seconds and everybody is scored anew. Where the config has approvals: [publish] " +
			"it waits until a manager agrees on a card: status 202. Codes: not_allowed, model, no_version, replaces, in_force, awaiting.",
	}, s.publishModel)
	handle(s, api, huma.Operation{
		OperationID: "roll-back-model", Method: http.MethodPost, Path: "/models/rollback", Tags: tags, Summary: "Go back to a version that was in force",
		Description: "By a manager; without a version the last publication is undone. Codes: not_allowed, no_version, nothing_before, in_force.",
	}, s.rollBackModel)
}

// ModelVersion is a version of a scoring model.
type ModelVersion struct {
	ID    string    `json:"id" example:"default@6ba0c506" doc:"The name and a hash of what the model says"`
	Name  string    `json:"name"`
	State string    `json:"state,omitempty" enum:"draft,live,former"`
	File  string    `json:"file"`
	By    Text      `json:"by" doc:"Who put it in force last, or forward"`
	Note  Text      `json:"note,omitempty"`
	At    time.Time `json:"at" doc:"When it was first seen"`
	Since time.Time `json:"since,omitzero" required:"false" doc:"When it was put in force, the last time"`
	Text  string    `json:"text,omitempty"`
}

// Publication is one step of which versions are in force.
type Publication struct {
	N      int       `json:"n"`
	Models []string  `json:"models" nullable:"false" doc:"The versions, the first that covers a customer leading for it"`
	How    string    `json:"how" enum:"config,publish,rollback"`
	By     Text      `json:"by"`
	Note   Text      `json:"note,omitempty"`
	At     time.Time `json:"at"`
}

// ModelList are all versions, and all publications, the latest first.
type ModelList struct {
	Versions     []ModelVersion `json:"versions" nullable:"false"`
	Publications []Publication  `json:"publications" nullable:"false"`
}

type modelsOutput struct{ Body ModelList }

func (s *server) listModels(ctx context.Context, _ *struct{}) (*modelsOutput, error) {
	versions, log, err := s.Models.ModelLog(ctx)
	if err != nil {
		return nil, err
	}
	out := ModelList{Versions: []ModelVersion{}, Publications: []Publication{}}
	for _, l := range versions {
		v := viewModel(l.Version)
		v.State, v.Since = string(l.State), l.Since
		if !l.Since.IsZero() {
			v.By, v.Note = Text(l.LastBy), Text(l.LastNote)
		}
		out.Versions = append(out.Versions, v)
	}
	for _, p := range log {
		out.Publications = append(out.Publications, viewPublication(p))
	}
	return &modelsOutput{out}, nil
}

func viewModel(v models.Version) ModelVersion {
	return ModelVersion{ID: v.ID, Name: v.Name, File: v.File, By: Text(v.By), Note: Text(v.Note), At: v.At, Text: v.Text}
}

func viewPublication(p models.Publication) Publication {
	return Publication{N: p.N, Models: p.Models, How: string(p.How), By: Text(p.By), Note: Text(p.Note), At: p.At}
}

type modelPath struct {
	Version string `path:"version" maxLength:"200"`
}

type modelOutput struct{ Body ModelVersion }

func (s *server) getModel(ctx context.Context, in *modelPath) (*modelOutput, error) {
	name, err := pathText(in.Version)
	if err != nil {
		return nil, err
	}
	v, err := s.Models.FindModel(ctx, name)
	return &modelOutput{viewModel(v)}, err
}

// ModelChoice names a version, or brings a text.
type ModelChoice struct {
	Version string `json:"version,omitempty" maxLength:"200" doc:"A version that is kept"`
	Text    string `json:"text,omitempty" doc:"A model file's text, where no version is named"`
}

func (s *server) chosen(ctx context.Context, c ModelChoice) (models.Version, error) {
	if c.Version != "" {
		return s.Models.FindModel(ctx, c.Version)
	}
	return s.Models.ParseModel("text", []byte(c.Text))
}

type tryInput struct{ Body ModelChoice }

// Trial is what publishing a version would change.
type Trial struct {
	Version string           `json:"version"`
	Summary ingestion.DryRun `json:"summary"`
	Moves   []ingestion.Move `json:"moves" nullable:"false" doc:"The first of those that would get another tier or pool"`
}

// namedMoves is how many customers a trial names.
const namedMoves = 200

type trialOutput struct{ Body Trial }

func (s *server) tryModel(ctx context.Context, in *tryInput) (*trialOutput, error) {
	v, err := s.chosen(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	out := Trial{Version: v.ID, Moves: []ingestion.Move{}}
	out.Summary, err = s.Models.DryRun(ctx, v, func(m ingestion.Move) error {
		if len(out.Moves) < namedMoves && m.Steps() {
			m.Name = maskText(m.Name)
			out.Moves = append(out.Moves, m)
		}
		return nil
	})
	return &trialOutput{out}, err
}

type publishInput struct {
	Body struct {
		ModelChoice

		Person string `json:"person" minLength:"1" maxLength:"200" doc:"The id of the person who decides"`
		Note   string `json:"note,omitempty" maxLength:"500"`
	}
}

type publicationOutput struct{ Body Publication }

func (s *server) publishModel(ctx context.Context, in *publishInput) (*publicationOutput, error) {
	who, err := s.manager(in.Body.Person)
	if err != nil {
		return nil, err
	}
	v, err := s.chosen(ctx, in.Body.ModelChoice)
	if err != nil {
		return nil, err
	}
	p, err := s.Models.PublishModel(ctx, v, who.ID, in.Body.Note)
	return &publicationOutput{viewPublication(p)}, err
}

type rollBackInput struct {
	Body struct {
		Version string `json:"version,omitempty" maxLength:"200"`
		Person  string `json:"person" minLength:"1" maxLength:"200" doc:"The id of the person who decides"`
		Note    string `json:"note,omitempty" maxLength:"500"`
	}
}

func (s *server) rollBackModel(ctx context.Context, in *rollBackInput) (*publicationOutput, error) {
	who, err := s.manager(in.Body.Person)
	if err != nil {
		return nil, err
	}
	p, err := s.Models.Rollback(ctx, in.Body.Version, who.ID, in.Body.Note)
	return &publicationOutput{viewPublication(p)}, err
}
