package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func scoreCommand() *cobra.Command {
	var path, explain string
	cmd := &cobra.Command{
		Use:   "score",
		Short: "score every customer anew, or explain one score",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				if explain != "" {
					text, err := a.Explain(cmd.Context(), explain)
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
	cmd.Flags().StringVar(&explain, "explain", "", "id or name of the customer whose score to explain")
	return cmd
}
