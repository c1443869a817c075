package httpapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/google/uuid"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/exports"
	"lingke/internal/store"
)

// exporting writes lists as tables and returns how many rows they have; see app.App.
type exporting func(ctx context.Context, q exports.Request, w io.Writer) (int, error)

const exportsPath = "/exports"

func (s *server) registerExports(api huma.API) {
	handle(s, api, huma.Operation{
		OperationID: "export-list", Method: http.MethodGet, Path: exportsPath + "/{file}", Tags: []string{"sheets"},
		Summary: "The grading table of customers, the tasks, or the messages that were given up, as Excel or CSV",
		Description: "file is " + strings.Join(exports.Lists(), ", ") + " with .xlsx or .csv. The filters are for customers. Phone numbers are masked but for a manager who asks for them. " +
			"An answer that breaks off is not whole. Codes: not_found, not_allowed.",
	}, s.exportList)
}

// fileTypes are the kinds of tables by their ending.
var fileTypes = map[string]string{
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".csv":  "text/csv; charset=utf-8",
}

type exportInput struct {
	File   string `path:"file" maxLength:"100" example:"customers.xlsx"`
	Owner  string `query:"owner" maxLength:"200" doc:"Only the customers of this person"`
	Pool   string `query:"pool" maxLength:"200"`
	Tier   string `query:"tier" maxLength:"20"`
	Stage  string `query:"stage" enum:"lead,active,dormant,lost"`
	Phones bool   `query:"phones" doc:"Whole phone numbers; only for a manager"`
	Person string `query:"person" maxLength:"200" doc:"Who asks, for phones"`
}

func (s *server) exportList(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	ending := path.Ext(in.File)
	list := strings.TrimSuffix(in.File, ending)
	if fileTypes[ending] == "" || !slices.Contains(exports.Lists(), list) {
		return nil, fmt.Errorf("%w: no list %q", store.ErrNotFound, in.File)
	}
	if in.Phones {
		if _, err := s.manager(in.Person); err != nil {
			return nil, err
		}
	}
	q := exports.Request{
		List: list, File: in.File, Phones: in.Phones,
		Filter: store.CustomerQuery{Owner: in.Owner, Pool: in.Pool, Tier: in.Tier, Stage: customer.Stage(in.Stage)},
	}
	if err := s.logExport(ctx, in); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) { s.streamExport(ctx, h, q) }}, nil
}

// logExport adds the line about a table, which names no single customers: its command says which filters it had.
func (s *server) logExport(ctx context.Context, in *exportInput) error {
	req := requestOf(ctx)
	err := s.Reads.Add(ctx, access.Read{
		ID: "export-" + uuid.NewString(), Account: req.token, Person: in.Person, Platform: "export", Place: req.path, Command: req.command, Layers: everything.String(), Note: "整张表",
	})
	if err != nil {
		return fmt.Errorf("log what is shown: %w", err)
	}
	return nil
}

// streamExport writes as the rows come. Where that fails in the middle, the connection is cut, so that nobody takes a part for the whole.
func (s *server) streamExport(ctx context.Context, h huma.Context, q exports.Request) {
	w := &begun{h: h, name: q.File}
	_, err := s.Export(ctx, q, w)
	switch {
	case err == nil:
	case w.body == nil:
		s.refuse(humagin.Unwrap(h), err)
	default:
		requestOf(ctx).err = err
		panic(http.ErrAbortHandler)
	}
}

// begun sends the headers of a file with its first bytes, so that a failure before them can still be told.
type begun struct {
	h    huma.Context
	name string
	body io.Writer
}

func (b *begun) Write(p []byte) (int, error) {
	if b.body == nil {
		b.h.SetHeader("Content-Type", fileTypes[path.Ext(b.name)])
		b.h.SetHeader("Content-Disposition", `attachment; filename="`+b.name+`"`)
		b.body = b.h.BodyWriter()
	}
	return b.body.Write(p)
}
