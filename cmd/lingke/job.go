package main

import (
	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func jobCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "The timetable: what runs when, and running it by hand"}
	cmd.AddCommand(jobListCommand(), jobRunCommand())
	return cmd
}

func jobListCommand() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use: "list", Short: "List the jobs, when each is due next, and what its last run came to", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd, path, func(a *app.App) error { return a.PrintJobs(cmd.Context(), cmd.OutOrStdout()) })
		},
	}
	configFlag(cmd, &path)
	return cmd
}

func jobRunCommand() *cobra.Command {
	var path string
	var dry bool
	cmd := &cobra.Command{
		Use: "run NAME", Short: "Run a job now, or say who would get what and why", Args: one("a job's name, as lingke job list has them"),
		Example: "lingke job run churn --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withApp(cmd, path, func(a *app.App) error {
				if dry {
					return a.DryRunJob(cmd.Context(), args[0], cmd.OutOrStdout())
				}
				return a.RunJob(cmd.Context(), args[0], cmd.OutOrStdout())
			})
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&dry, "dry-run", false, "only say who would get what and why; store nothing")
	return cmd
}
