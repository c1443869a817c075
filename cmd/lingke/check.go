package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func checkCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "check",
		Short: "check the config and the model, and print what holds",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := app.LoadConfig(path)
			if err != nil {
				return err
			}
			if err := app.Check(cfg); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, line := range cfg.Summary() {
				fmt.Fprintln(out, line)
			}
			for _, w := range cfg.Warnings {
				fmt.Fprintln(out, "warning:", w)
			}
			fmt.Fprintln(out, "ok")
			return nil
		},
	}
	configFlag(cmd, &path)
	return cmd
}
