package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

var errDryRun = errors.New("--model and --dry-run go together; lingke model publish puts a model in force")

func scoreCommand() *cobra.Command {
	var path, explain, model, said string
	var dry bool
	var o dryRunFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "score every customer anew, or explain one score",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dry != (model != "") {
				return errDryRun
			}
			return withApp(cmd, path, func(a *app.App) error {
				if dry {
					return dryRun(cmd, a, model, o)
				}
				if explain != "" {
					language, err := app.Language(said)
					if err != nil {
						return err
					}
					text, err := a.Explain(cmd.Context(), explain, language)
					if err != nil {
						return err
					}
					fmt.Fprintln(cmd.OutOrStdout(), text)
					return nil
				}
				n, err := a.Rescore(cmd.Context(), func(done int) {
					if done%10_000 < 256 { // progress comes by the page
						fmt.Fprintf(cmd.ErrOrStderr(), "%d customers …\n", done)
					}
				})
				fmt.Fprintf(cmd.OutOrStdout(), "%d customers scored\n", n)
				return err
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&explain, "explain", "", "id, name or part of the name of the customer whose score to explain")
	cmd.Flags().StringVar(&said, "lang", "zh", "language of the explanation: zh or en")
	cmd.Flags().StringVar(&model, "model", "", "a model file or version to try; needs --dry-run")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "with --model: list who would change, as lingke model dry-run does")
	o.add(cmd)
	return cmd
}
