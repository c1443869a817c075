package app

import (
	"context"
	"io"

	"github.com/google/uuid"

	"lingke/connectors/sheet"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/exports"
	"lingke/internal/imports"
	"lingke/scoring"
)

// newImports makes the service that takes files in.
func (a *App) newImports() *imports.Service {
	return &imports.Service{
		Ledger: a.store, Intake: a.ingest, Fields: a.sheetFields, Pools: a.poolNames,
		Reserved: func(source string) bool { _, taken := a.cfg.Connectors[source]; return taken },
		Limits:   sheet.DefaultLimits(), Zone: a.cfg.Location, Now: a.now, NewID: batchID, Log: a.log,
	}
}

// batchID sorts by time.
func batchID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString() // without randomness nothing else would work either
	}
	return id.String()
}

func (a *App) poolNames() []string {
	var names []string
	for _, p := range a.rules.Load().Pools {
		names = append(names, p.Name)
	}
	return names
}

// sheetFields are the fields of the rules' schema that are told about a customer rather than derived from its history.
func (a *App) sheetFields() []sheet.Field {
	types := map[scoring.Kind]string{scoring.Number: "number", scoring.Time: "date", scoring.Flag: "flag", scoring.Text: "text", scoring.Texts: "text"}
	var out []sheet.Field
	for _, f := range a.rules.Load().Schema().Fields() {
		if t, told := types[f.Kind]; told && f.From != "orders" && f.From != "activities" {
			out = append(out, sheet.Field{Name: f.Name, Names: []string{f.ZH, f.EN}, Type: t})
		}
	}
	return out
}

// PreviewImport says what importing a file would do. Errors are those of package imports.
func (a *App) PreviewImport(ctx context.Context, q imports.Request) (*imports.Preview, error) {
	return a.imports.Preview(ctx, q)
}

// Import takes a file in. progress, if not nil, is told how many of all records are taken in.
func (a *App) Import(ctx context.Context, q imports.Request, progress func(done, all int)) (*imports.Preview, error) {
	return a.imports.Import(ctx, q, progress)
}

// UndoImport takes a batch back, and carries out at once what follows for the cards of its customers.
func (a *App) UndoImport(ctx context.Context, id string) (batch.Batch, error) {
	b, err := a.imports.Undo(ctx, id)
	if err != nil {
		return b, err
	}
	_, err = a.dispatch.Sweep(ctx)
	return b, err
}

// Imported lists the latest batches.
func (a *App) Imported(ctx context.Context, limit int) ([]batch.Batch, error) {
	page, _, err := a.store.Batches(ctx, "", limit)
	return page, err
}

// Export writes a list as a table and returns how many rows it has. Errors are those of package exports.
func (a *App) Export(ctx context.Context, q exports.Request, w io.Writer) (int, error) {
	e := &exports.Service{
		Store: a.store, Models: func() scoring.Models { return a.rules.Load().Models }, Zone: a.cfg.Location, Name: a.personName,
		Explain: func(c customer.Customer) scoring.Result { return a.rules.Load().Explain(c) },
	}
	return e.Write(ctx, q, func(title string, header []string) (sheet.Writer, error) {
		return sheet.NewWriter(w, q.File, title, a.cfg.Location, header...)
	})
}

// personName is a person's name, or the id of one who is not in the config any more.
func (a *App) personName(id string) string {
	if p, ok := a.people.ByID(id); ok {
		return p.Name
	}
	return id
}
