package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

// errSick ends the command with a failure after it has printed what is wrong.
var errSick = errors.New("something is wrong: see above")

func doctorCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "try every credential, the store, the clock and the public address, and say what to fix",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := app.LoadConfig(path)
			if err != nil {
				return err
			}
			if err := app.Check(cfg); err != nil {
				return err
			}
			return printFindings(cmd.OutOrStdout(), app.Doctor(cmd.Context(), cfg))
		},
	}
	configFlag(cmd, &path)
	return cmd
}

// printFindings prints a line a part and below it what to do; the error is for anything wrong.
func printFindings(out io.Writer, findings []app.Finding) error {
	width := 0
	for _, f := range findings {
		width = max(width, len(f.Part))
	}
	var err error
	for _, f := range findings {
		fmt.Fprintf(out, "%-7s  %-*s  %s\n", f.Health, width, f.Part, f.What)
		if f.Fix != "" {
			fmt.Fprintf(out, "%-7s  %-*s  → %s\n", "", width, "", f.Fix)
		}
		if f.Health == app.Sick {
			err = errSick
		}
	}
	return err
}
