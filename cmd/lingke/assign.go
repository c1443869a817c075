package main

import (
	"errors"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

var errDays = errors.New("--days must be from 1 to 366")

func assignCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "assign", Short: "how customers find their owners"}
	cmd.AddCommand(simulateCommand())
	return cmd
}

func simulateCommand() *cobra.Command {
	var path, pool, strategy string
	var days int
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "hand out a pool's last customers once more by its present rule and say who would have got them and why; changes nothing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > 366 {
				return errDays
			}
			return withApp(cmd, path, func(a *app.App) error {
				return a.SimulateHandOut(cmd.Context(), cmd.OutOrStdout(), pool, strategy, days)
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&pool, "pool", "", "the pool's name")
	cmd.Flags().StringVar(&strategy, "strategy", "", "try rotate, equal, weighted or least instead of the pool's")
	cmd.Flags().IntVar(&days, "days", 30, "how many days to look back")
	if err := cmd.MarkFlagRequired("pool"); err != nil {
		panic(err) // the flag is there
	}
	return cmd
}
