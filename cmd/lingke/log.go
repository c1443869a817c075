package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/access"
	"lingke/internal/app"
)

var errLogDamaged = errors.New("the read log is not as it was written")

func logCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "log", Short: "who was shown what: list and verify the read log"}
	cmd.AddCommand(logListCommand(), logVerifyCommand())
	return cmd
}

func logListCommand() *cobra.Command {
	var path string
	q := access.ReadQuery{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list the newest lines",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				page, _, err := a.Reads().Find(cmd.Context(), q)
				for _, r := range page {
					who := r.Person
					if who == "" {
						who = r.Account
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%d\t%s\t%s\t%s %s\t%s\t%s\t%v +%d\t%s\n", r.N, r.At.Format(time.RFC3339), who, r.Platform, r.Place, r.Command, r.Layers, r.Customers, r.More, r.Note)
				}
				return err
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&q.Person, "person", "", "only what this person was shown (id)")
	cmd.Flags().StringVar(&q.Customer, "customer", "", "only what was shown of this customer (id)")
	cmd.Flags().IntVar(&q.Limit, "limit", 50, "how many lines, at most 1000")
	return cmd
}

func logVerifyCommand() *cobra.Command {
	var path string
	var noted []string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "look whether a line of the read log is missing, changed or moved; exit 1 where one is",
		Long: "Each line is sealed over the one before it. The head that is printed, and written to the gateway's own log every night, names the newest line: noted somewhere else " +
			"and given as --noted later, it also shows whether the log was put back to an older state.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				found, err := a.Reads().Check(cmd.Context(), noted...)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d lines", found.Lines)
				if found.Purged > 0 {
					fmt.Fprintf(cmd.OutOrStdout(), ", the %d before them were old enough to be forgotten", found.Purged)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "\nhead %s\n", found.Head())
				for _, d := range found.Damage {
					fmt.Fprintln(cmd.OutOrStdout(), d)
				}
				if !found.Whole() {
					return errLogDamaged
				}
				fmt.Fprintln(cmd.OutOrStdout(), "whole")
				return nil
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringArrayVar(&noted, "noted", nil, "a head that was noted earlier, NUMBER:SEAL; may be given several times")
	return cmd
}
