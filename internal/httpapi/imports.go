package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/imports"
)

// importing takes files in and back; see app.App.
type importing interface {
	PreviewImport(ctx context.Context, q imports.Request) (*imports.Preview, error)
	// Upload notes a file durably and takes it in. It returns when all is done, or earlier: the batch's state tells.
	Upload(ctx context.Context, q imports.Request) (*imports.Preview, error)
	// Recall takes a batch back, likewise.
	Recall(ctx context.Context, id string) (batch.Batch, error)
}

const importsPath = "/imports"

func (s *server) registerImports(api huma.API) {
	tags := []string{"sheets"}
	handle(s, api, huma.Operation{
		OperationID: "import-file", Method: http.MethodPost, Path: importsPath, Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Import customers, orders and activities from Excel or CSV, or tell what that would do",
		Description: "By a manager. Good rows are taken in, the others are told with their cell. What is answered is stored: if it takes longer than some seconds, the status is " +
			"202 and the batch's state applying until it is done. With dry_run nothing is written and the status is 200. " +
			"Codes: not_allowed, too_large, file, mapping, no_pool, source, busy.",
	}, s.importFile)
	handle(s, api, huma.Operation{
		OperationID: "list-imports", Method: http.MethodGet, Path: importsPath, Tags: tags, Summary: "List the imports, the latest first",
	}, s.listImports)
	handle(s, api, huma.Operation{
		OperationID: "get-import", Method: http.MethodGet, Path: importsPath + "/{id}", Tags: tags, Summary: "What became of an import",
	}, s.getImport)
	handle(s, api, huma.Operation{
		OperationID: "get-import-problems", Method: http.MethodGet, Path: importsPath + "/{id}/problems.xlsx", Tags: tags,
		Summary:     "The rows that could not be read, to be corrected and imported again",
		Description: "For a manager: the rows are as they were in the file, phone numbers included. Codes: not_allowed, not_found.",
	}, s.importProblems)
	handle(s, api, huma.Operation{
		OperationID: "undo-import", Method: http.MethodDelete, Path: importsPath + "/{id}", Tags: tags, Summary: "Take an import back",
		Description: "By a manager. Everything is then as if the file had never been imported, with what was told since. 202 where it takes longer. Codes: not_allowed, batch_state.",
	}, s.undoImport)
}

// ImportForm is what comes with a file.
type ImportForm struct {
	File    huma.FormFile `form:"file" required:"true" doc:"An .xlsx or .csv file"`
	Person  string        `form:"person" required:"true" minLength:"1" maxLength:"200" doc:"The id of the person who imports"`
	Mapping string        `form:"mapping" required:"false" maxLength:"65536" doc:"A mapping file's text (YAML); the columns are recognised by their headers without"`
	Pool    string        `form:"pool" required:"false" maxLength:"200" doc:"The pool to put the customers into; by their scores without"`
	DryRun  bool          `form:"dry_run" required:"false" doc:"Only tell what would happen"`
}

type importInput struct {
	RawBody huma.MultipartFormFiles[ImportForm]
}

// ImportProblem is a cell, or a row, that could not be read.
type ImportProblem struct {
	Sheet    string `json:"sheet"`
	Row      int    `json:"row" doc:"As Excel counts; the line of a CSV file"`
	Column   string `json:"column,omitempty" doc:"Its letter; absent for the whole row"`
	Header   string `json:"header,omitempty"`
	Field    string `json:"field,omitempty" example:"order.amount"`
	Value    Text   `json:"value,omitempty"`
	Reason   string `json:"reason" doc:"What was expected"`
	ReasonZH string `json:"reason_zh" doc:"The same in Chinese"`
}

// ImportRow is a row as it was read.
type ImportRow struct {
	Row     int          `json:"row"`
	Records []ImportRead `json:"records" nullable:"false"`
}

// ImportRead is what a row tells of one thing.
type ImportRead struct {
	Kind   string          `json:"kind" enum:"customer,order,activity"`
	ID     Text            `json:"id"`
	Fields map[string]Text `json:"fields" nullable:"false"`
}

// ImportReport is what an import did, or would do.
type ImportReport struct {
	Batch     batch.Batch     `json:"batch"`
	Sheet     string          `json:"sheet"`
	HeaderRow int             `json:"header_row"`
	Guessed   bool            `json:"guessed" doc:"The columns were recognised by their headers"`
	Used      []sheet.Use     `json:"used" nullable:"false" doc:"Which column a field is read from"`
	Unused    []sheet.Unused  `json:"unused" nullable:"false" doc:"Columns that are not read"`
	Notes     []string        `json:"notes" nullable:"false"`
	Problems  []ImportProblem `json:"problems" nullable:"false" doc:"The first of them; the batch counts the rows"`
	Rows      []ImportRow     `json:"rows" nullable:"false" doc:"The first rows as they were read"`
	Before    []batch.Batch   `json:"before" nullable:"false" doc:"Imports of the same content that count"`
}

type importOutput struct {
	Status int
	Body   ImportReport
}

func (s *server) importFile(ctx context.Context, in *importInput) (*importOutput, error) {
	form := in.RawBody.Data()
	q, err := s.importRequest(in.RawBody.Form.Value, form)
	if err != nil {
		return nil, err
	}
	if form.DryRun {
		p, err := s.Imports.PreviewImport(ctx, q)
		if err != nil {
			return nil, err
		}
		return &importOutput{http.StatusOK, viewImport(p)}, nil
	}
	p, err := s.Imports.Upload(ctx, q)
	if err != nil {
		return nil, err
	}
	return &importOutput{settled(p.Batch.State, http.StatusCreated), viewImport(p)}, nil
}

// settled is the status of what may still be under way.
func settled(state batch.State, done int) int {
	if state == batch.Applying || state == batch.Undoing {
		return http.StatusAccepted
	}
	return done
}

// formFields are those of an ImportForm. An unknown one is refused, so that none that was meant to hold something back is overlooked.
var formFields = []string{"person", "mapping", "pool", "dry_run"}

func (s *server) importRequest(fields map[string][]string, form *ImportForm) (imports.Request, error) {
	for name := range fields {
		if !slices.Contains(formFields, name) {
			return imports.Request{}, fmt.Errorf("%w: %q", errField, name)
		}
	}
	who, err := s.manager(form.Person)
	if err != nil {
		return imports.Request{}, err
	}
	q := imports.Request{File: fileName(form.File.Filename), By: who.ID, Pool: form.Pool}
	if form.Mapping != "" {
		if q.Mapping, err = sheet.ParseMapping("mapping", []byte(form.Mapping)); err != nil {
			return q, err
		}
	}
	q.Content, err = io.ReadAll(form.File)
	return q, errors.Join(err, form.File.Close())
}

// fileName is a name that can be shown.
func fileName(given string) string {
	const most = 200
	name := []rune(strings.ToValidUTF8(given, "�"))
	name = slices.DeleteFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f })
	return string(name[:min(len(name), most)])
}

func viewImport(p *imports.Preview) ImportReport {
	r := p.Result
	out := ImportReport{
		Batch: p.Batch, Sheet: r.Sheet, HeaderRow: r.HeaderRow, Guessed: r.Guessed, Used: append([]sheet.Use{}, r.Used...), Unused: append([]sheet.Unused{}, r.Unused...),
		Notes: []string{}, Problems: []ImportProblem{}, Rows: []ImportRow{}, Before: append([]batch.Batch{}, p.Before...),
	}
	for _, n := range r.Notes {
		out.Notes = append(out.Notes, n.EN)
	}
	for _, x := range r.Problems {
		out.Problems = append(out.Problems, ImportProblem{
			Sheet: x.Sheet, Row: x.Row, Column: x.Column, Header: x.Header, Field: x.Field, Value: Text(x.Value), Reason: x.Reason.EN, ReasonZH: x.Reason.ZH,
		})
	}
	for _, row := range r.Preview {
		view := ImportRow{Row: row.Row, Records: []ImportRead{}}
		for _, rec := range row.Records {
			read := ImportRead{Kind: string(rec.Kind), ID: Text(rec.ID), Fields: map[string]Text{}}
			for name, value := range rec.Fields {
				read.Fields[name] = fieldText(name, value)
			}
			view.Records = append(view.Records, read)
		}
		out.Rows = append(out.Rows, view)
	}
	return out
}

type importsInput struct{ Paging }

// ImportPage is one page of imports.
type ImportPage struct {
	Imports []batch.Batch `json:"imports" nullable:"false"`
	Next    string        `json:"next,omitempty" doc:"after of the next page; absent on the last"`
}

type importsOutput struct{ Body ImportPage }

// importsQuery gives the cursors of the list their kind; it has no filters.
type importsQuery struct{}

func (s *server) listImports(ctx context.Context, in *importsInput) (*importsOutput, error) {
	after, err := decodeCursor(importsQuery{}, in.After)
	if err != nil {
		return nil, err
	}
	page, next, err := s.Records.Batches(ctx, after, in.Limit)
	if err != nil {
		return nil, err
	}
	return &importsOutput{ImportPage{append([]batch.Batch{}, page...), encodeCursor(importsQuery{}, next)}}, nil
}

// ImportPath names an import.
type ImportPath struct {
	ID string `path:"id" maxLength:"200" doc:"The batch's id"`
}

type batchOutput struct {
	Status int
	Body   batch.Batch
}

func (s *server) getImport(ctx context.Context, in *ImportPath) (*batchOutput, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	b, err := s.Records.Batch(ctx, id)
	return &batchOutput{http.StatusOK, b}, err
}

type importByInput struct {
	ImportPath

	Person string `query:"person" required:"true" minLength:"1" maxLength:"200" doc:"The id of the person who asks"`
}

type fileOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte `contentType:"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"`
}

func (s *server) importProblems(ctx context.Context, in *importByInput) (*fileOutput, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := s.manager(in.Person); err != nil {
		return nil, err
	}
	content, err := s.Records.Attachment(ctx, id, batch.ProblemsAttachment)
	return &fileOutput{fileTypes[".xlsx"], `attachment; filename="problems.xlsx"`, content}, err
}

func (s *server) undoImport(ctx context.Context, in *importByInput) (*batchOutput, error) {
	id, err := pathText(in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := s.manager(in.Person); err != nil {
		return nil, err
	}
	b, err := s.Imports.Recall(ctx, id)
	return &batchOutput{settled(b.State, http.StatusOK), b}, err
}
