package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func modelCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "model",
		Short: "the versions of the scoring model: look, compare, try, publish, go back",
	}
	var path string
	cmd.PersistentFlags().StringVarP(&path, "config", "c", "lingke.yaml", "the config file")
	cmd.AddCommand(modelList(&path), modelShow(&path), modelDiff(&path), modelDryRun(&path), modelPublish(&path), modelRollback(&path))
	return cmd
}

func modelList(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the versions, and what was in force when",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, *path, func(a *app.App) error { return listModels(cmd.Context(), a, cmd.OutOrStdout()) })
		},
	}
}

func listModels(ctx context.Context, a *app.App, out io.Writer) error {
	all, log, err := a.ModelLog(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VERSION\tSTATE\tSINCE\tBY\tFILE\tNOTE")
	for _, v := range all {
		since, by, note := v.Since, v.LastBy, v.LastNote
		if since.IsZero() {
			since, by, note = v.At, v.By, v.Note
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", v.ID, v.State, stamp(since), by, v.File, note)
	}
	fmt.Fprintln(w, "\nPUBLICATION\tHOW\tAT\tBY\tMODELS\tNOTE")
	for _, p := range log {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\n", p.N, p.How, stamp(p.At), p.By, strings.Join(p.Models, " "), p.Note)
	}
	return w.Flush()
}

func stamp(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

func modelShow(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "show VERSION",
		Short: "print a version's text",
		Args:  one("a version or a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, *path, func(a *app.App) error {
				v, err := a.FindModel(cmd.Context(), args[0])
				if err == nil {
					fmt.Fprint(cmd.OutOrStdout(), v.Text)
				}
				return err
			})
		},
	}
}

func modelDiff(path *string) *cobra.Command {
	return &cobra.Command{
		Use:   "diff A B",
		Short: "compare two versions or files",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, *path, func(a *app.App) error {
				diff, err := a.DiffModels(cmd.Context(), args[0], args[1])
				if err == nil {
					fmt.Fprint(cmd.OutOrStdout(), diff)
				}
				return err
			})
		},
	}
}

func modelDryRun(path *string) *cobra.Command {
	var o dryRunFlags
	cmd := &cobra.Command{
		Use:   "dry-run FILE|VERSION",
		Short: "list who would change score, tier and pool; nothing is stored",
		Args:  one("a version or a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, *path, func(a *app.App) error { return dryRun(cmd, a, args[0], o) })
		},
	}
	o.add(cmd)
	return cmd
}

// dryRunFlags are the flags of a dry run.
type dryRunFlags struct {
	all bool
	csv string
}

func (o *dryRunFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.all, "all", false, "name every customer, not only the first 20")
	cmd.Flags().StringVar(&o.csv, "csv", "", "write the whole list to this file")
}

func dryRun(cmd *cobra.Command, a *app.App, name string, o dryRunFlags) error {
	v, err := a.Model(cmd.Context(), name)
	if err != nil {
		return err
	}
	names := 20
	if o.all {
		names = -1
	}
	return a.PrintDryRun(cmd.Context(), v, app.DryRunOptions{Names: names, CSV: o.csv}, cmd.OutOrStdout())
}

var errUnsigned = errors.New("say who decides: --by NAME")

func modelPublish(path *string) *cobra.Command {
	var by, note string
	cmd := &cobra.Command{
		Use:   "publish FILE|VERSION --by NAME",
		Short: "put a model in force; running gateways score everybody by it at once",
		Args:  one("a version or a file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if by == "" {
				return errUnsigned
			}
			return withApp(cmd, *path, func(a *app.App) error {
				v, err := a.Model(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				p, err := a.PublishModel(cmd.Context(), v, by, note)
				return published(cmd, p.N, p.Models, err)
			})
		},
	}
	signed(cmd, &by, &note)
	return cmd
}

func modelRollback(path *string) *cobra.Command {
	var by, note string
	cmd := &cobra.Command{
		Use:   "rollback [VERSION] --by NAME",
		Short: "go back to a version; without one, undo the last publication",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if by == "" {
				return errUnsigned
			}
			return withApp(cmd, *path, func(a *app.App) error {
				p, err := a.Rollback(cmd.Context(), strings.Join(args, ""), by, note)
				return published(cmd, p.N, p.Models, err)
			})
		},
	}
	signed(cmd, &by, &note)
	return cmd
}

func signed(cmd *cobra.Command, by, note *string) {
	cmd.Flags().StringVar(by, "by", os.Getenv("LINGKE_BY"), "who decides this")
	cmd.Flags().StringVar(note, "note", "", "why")
}

func published(cmd *cobra.Command, n int, models []string, err error) error {
	if errors.Is(err, app.ErrAwaiting) {
		_, err = fmt.Fprintln(cmd.OutOrStdout(), "the managers are asked by a card in chat; once one of them agrees the model is in force")
		return err
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "publication %d: in force are %s\nrunning gateways take it up within seconds and score everybody anew; where none runs, `lingke score` does, or the next start\n",
		n, strings.Join(models, ", "))
	return err
}
