package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

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
		Args:  cobra.ExactArgs(1),
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
	cmd := &cobra.Command{
		Use:   "template FILE",
		Short: "write an Excel template to fill in and import, or with --card the DingTalk card template",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if card {
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
	return cmd
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
