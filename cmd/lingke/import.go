package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lingke/connectors/sheet"
	"lingke/internal/app"
	"lingke/internal/imports"
)

// importFlags are the flags of `lingke import`.
type importFlags struct {
	config, mapping, pool, undo, problems string
	dryRun, list                          bool
}

func importCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import [FILE]",
		Short: "import customers, orders and activities from Excel or CSV, or take an import back",
		Long: `Reads an Excel (.xlsx) or CSV file and takes in what it tells. Columns are recognised by their headers, Chinese or English; a mapping file
says what is not. Rows that cannot be read are listed with their cell, and written to --problems to be corrected and imported again; the
others are kept. Importing a file again, corrected or not, changes what is there and doubles nothing. Every import is a batch that
--undo takes back.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, f.config, func(a *app.App) error { return f.run(cmd, a, args) })
		},
	}
	configFlag(cmd, &f.config)
	cmd.Flags().StringVar(&f.mapping, "map", "", "a mapping file (YAML); the columns are recognised by their headers without")
	cmd.Flags().StringVar(&f.pool, "pool", "", "the pool to put the customers into; by their scores if empty")
	cmd.Flags().StringVar(&f.undo, "undo", "", "take this batch back")
	cmd.Flags().StringVar(&f.problems, "problems", "", "where to write the rows that cannot be read (.xlsx)")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "only say what would happen")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the latest imports")
	return cmd
}

var errNoFile = errors.New("name a file, or --undo BATCH, or --list")

func (f *importFlags) run(cmd *cobra.Command, a *app.App, args []string) error {
	switch {
	case f.undo != "":
		b, err := a.UndoImport(cmd.Context(), f.undo)
		if err == nil {
			fmt.Fprintf(cmd.OutOrStdout(), "%s (%s) is taken back\n", b.ID, b.File)
		}
		return err
	case f.list:
		return listImports(cmd, a)
	case len(args) == 0:
		return errNoFile
	}
	q, err := f.request(args[0])
	if err != nil {
		return err
	}
	if f.dryRun {
		return f.preview(cmd, a, q)
	}
	p, err := a.Import(cmd.Context(), q, progressTo(cmd.ErrOrStderr()))
	if err != nil {
		return err
	}
	printPreview(cmd.OutOrStdout(), p)
	fmt.Fprintf(cmd.OutOrStdout(), "batch %s; take it back with: lingke import --undo %s\n", p.Batch.ID, p.Batch.ID)
	return f.writeProblems(cmd, p)
}

func (f *importFlags) request(path string) (imports.Request, error) {
	content, err := readFile(path, sheet.DefaultLimits().Bytes)
	if err != nil {
		return imports.Request{}, err
	}
	q := imports.Request{File: filepath.Base(path), Content: content, By: "command line", Pool: f.pool}
	if who, err := user.Current(); err == nil {
		q.By = "command line: " + who.Username
	}
	if f.mapping != "" {
		text, err := os.ReadFile(f.mapping)
		if err != nil {
			return q, fmt.Errorf("--map: %w", err)
		}
		if q.Mapping, err = sheet.ParseMapping(f.mapping, text); err != nil {
			return q, err
		}
	}
	return q, nil
}

// readFile reads at most one byte more than may be, so that the limit is named instead of the memory filled.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator's choice
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // only read
	return io.ReadAll(io.LimitReader(file, most+1))
}

func (f *importFlags) preview(cmd *cobra.Command, a *app.App, q imports.Request) error {
	p, err := a.PreviewImport(cmd.Context(), q)
	if err != nil {
		return err
	}
	printPreview(cmd.OutOrStdout(), p)
	printRows(cmd.OutOrStdout(), p.Result)
	fmt.Fprintln(cmd.OutOrStdout(), "nothing was written (--dry-run)")
	return f.writeProblems(cmd, p)
}

// printPreview tells what a file says, and what it does or would do.
func printPreview(w io.Writer, p *imports.Preview) {
	r := p.Result
	fmt.Fprintf(w, "%s, sheet %s, header in row %d%s\n", p.Batch.File, r.Sheet, r.HeaderRow, encodingOf(r))
	for _, u := range r.Used {
		fmt.Fprintf(w, "  %-3s %-20s → %s.%s (%s)\n", u.Column, u.Header, u.Kind, u.Field, u.Type)
	}
	for _, u := range r.Unused {
		hint := ""
		if u.Nearest != "" {
			hint = " (did you mean " + u.Nearest + "?)"
		}
		fmt.Fprintf(w, "  %-3s %-20s   not read%s\n", u.Column, u.Header, hint)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %s\n", n.EN)
	}
	for _, b := range p.Before {
		fmt.Fprintf(w, "note: the same content was imported before: batch %s, %s\n", b.ID, b.At.Format("2006-01-02 15:04"))
	}
	b := p.Batch
	fmt.Fprintf(w, "%d rows: %d good, %d failed, %d skipped\n", b.Rows, b.Good, b.Failed, b.Skipped)
	fmt.Fprintf(w, "customers: %d new, %d changed, %d unchanged; %d orders, %d activities\n", b.New, b.Changed, b.Unchanged, b.Orders, b.Activities)
	printProblems(w, r)
}

func encodingOf(r *sheet.Result) string {
	out := ""
	if r.Encoding != "" {
		out = ", " + r.Encoding
	}
	if r.Guessed {
		out += ", columns recognised by their headers"
	}
	return out
}

func printProblems(w io.Writer, r *sheet.Result) {
	const most = 20
	for i, p := range r.Problems {
		if i == most {
			fmt.Fprintf(w, "… and more; --problems FILE.xlsx writes all rows that failed\n")
			break
		}
		fmt.Fprintf(w, "problem: %s\n", p)
	}
}

func printRows(w io.Writer, r *sheet.Result) {
	for _, row := range r.Preview {
		for _, rec := range row.Records {
			text, err := json.Marshal(rec.Fields)
			if err != nil {
				continue
			}
			fmt.Fprintf(w, "row %d: %s %s %s\n", row.Row, rec.Kind, rec.ID, text)
		}
	}
}

func (f *importFlags) writeProblems(cmd *cobra.Command, p *imports.Preview) error {
	if f.problems == "" || p.Result.Failed == 0 {
		return nil
	}
	out, err := os.OpenFile(f.problems, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("--problems: %w", err)
	}
	if err := p.Problems(cmd.Context(), out); err != nil {
		return errors.Join(err, out.Close())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "the rows that failed are in %s; correct and import it\n", f.problems)
	return out.Close()
}

func progressTo(w io.Writer) func(done, all int) {
	return func(done, all int) { fmt.Fprintf(w, "%d of %d records\n", done, all) }
}

func listImports(cmd *cobra.Command, a *app.App) error {
	const last = 50
	all, err := a.Imported(cmd.Context(), last)
	for _, b := range all {
		fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %-9s %6d rows  %s  %s\n", b.ID, b.At.Format("2006-01-02 15:04"), b.State, b.Rows, b.File, strings.TrimSpace(b.By))
	}
	return err
}
