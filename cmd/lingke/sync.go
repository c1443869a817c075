package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func syncCommand() *cobra.Command {
	var path string
	var full bool
	cmd := &cobra.Command{
		Use:   "sync NAME",
		Short: "pull one connector now",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				const step = 1000
				report, err := a.Pull(cmd.Context(), args[0], full, func(n int) {
					if n%step == 0 {
						fmt.Fprintf(cmd.ErrOrStderr(), "%d records\n", n)
					}
				})
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %d records taken in, %d refused\n", args[0], report.Records, report.Bad)
				return err
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&full, "full", false, "from the beginning, not from where the last sync ended")
	return cmd
}

// withApp runs do with a gateway that is built but not running.
func withApp(cmd *cobra.Command, path string, do func(*app.App) error) error {
	cfg, err := app.LoadConfig(path)
	if err != nil {
		return err
	}
	a, err := app.New(cmd.Context(), cfg, app.WithLogger(logger(false)))
	if err != nil {
		return err
	}
	err = do(a)
	if closed := a.Close(); err == nil {
		err = closed
	}
	return err
}
