package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lingke/configs"
	"lingke/connectors/sheet"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/exports"
)

func exportCommand() *cobra.Command {
	var path, stage string
	q := exports.Request{}
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "export the grading table, the tasks, or the messages that were given up, as .xlsx or .csv",
		Args:  one("the file to write, .xlsx or .csv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.File, q.Filter.Stage = args[0], customer.Stage(stage)
			return withApp(cmd, path, func(a *app.App) error {
				if err := a.LogExport(cmd.Context(), strings.Join(append([]string{"lingke export"}, args...), " "), q); err != nil {
					return err
				}
				n := 0
				err := writeFile(args[0], func(w io.Writer) (err error) {
					n, err = a.Export(cmd.Context(), q, w)
					return err
				})
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), "%d rows written to %s\n", n, args[0])
				}
				return err
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&q.List, "list", exports.Customers, "which list: "+strings.Join(exports.Lists(), ", "))
	cmd.Flags().StringVar(&q.Filter.Owner, "owner", "", "only the customers of this person (id)")
	cmd.Flags().StringVar(&q.Filter.Pool, "pool", "", "only the customers of this pool")
	cmd.Flags().StringVar(&q.Filter.Tier, "tier", "", "only the customers of this tier")
	cmd.Flags().StringVar(&stage, "stage", "", "only the customers of this stage: lead, active, dormant, lost")
	cmd.Flags().BoolVar(&q.Phones, "phones", false, "whole phone numbers instead of masked ones")
	return cmd
}

func templateCommand() *cobra.Command {
	var card bool
	var shipped string
	cmd := &cobra.Command{
		Use:   "template [FILE]",
		Short: "write an Excel template to fill in and import, the DingTalk card template (--card), or a file that ships inside, to be edited (--shipped plays.yaml)",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case shipped != "":
				return writeShipped(cmd, shipped, append(args, shipped)[0])
			case len(args) == 0:
				return errNoTarget
			case card:
				return writeCardTemplate(cmd, args[0])
			}
			err := writeFile(args[0], sheet.Template)
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is ready to be filled in; import it with: lingke import %s\n", args[0], args[0])
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&card, "card", false, "the card template to import into DingTalk's card platform (卡片平台)")
	cmd.Flags().StringVar(&shipped, "shipped", "", "a file that ships inside the program: "+strings.Join(configs.Shipped(), ", "))
	return cmd
}

var errNoTarget = errors.New("name the file to write, such as customers.xlsx")

// writeShipped writes a file that ships inside the program, but not over one that somebody may have edited.
func writeShipped(cmd *cobra.Command, name, file string) error {
	text, err := configs.FS.ReadFile(name)
	if err != nil {
		return fmt.Errorf("%q does not ship inside; there are %s", name, strings.Join(configs.Shipped(), ", "))
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already; move it away, or write to another name", file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // nothing secret ships
		return err
	}
	err = writeFile(file, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err == nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is written. Beside the config it comes in place of what ships; lingke check says whether it is right, and a running gateway takes a change up by itself\n", file)
	}
	return err
}

func writeCardTemplate(cmd *cobra.Command, file string) error {
	err := writeFile(file, func(w io.Writer) error {
		text, err := app.CardTemplate()
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	})
	if err == nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s is ready: import it at open-dev.dingtalk.com → 卡片平台, publish it, and write its id as bots.dingtalk.card_template; bots/dingtalk/README.md goes through it step by step\n", file)
	}
	return err
}

// writeFile writes a file that only its owner may read, and removes it again where writing fails.
func writeFile(path string, write func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the operator's choice
	if err != nil {
		return err
	}
	if err := errors.Join(write(out), out.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
