// Command lingke is the gateway between a company's customer records and its sales people in DingTalk and WeCom.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // time zones also where the machine has none

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300) // the live heap is small; collecting it less often takes a third off the slowest cards
	}
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for what is under way
	if err := root().ExecuteContext(ctx); err != nil {
		if !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "lingke",
		Short:         "Lingke (领客) turns customer records into work that a sales team finishes inside DingTalk and WeCom",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.AddCommand(demoCommand(), serveCommand(), checkCommand(), doctorCommand(), syncCommand(), scoreCommand(), validateCommand(), emulateCommand(), versionCommand())
	cmd.AddCommand(importCommand(), exportCommand(), templateCommand(), modelCommand(), assignCommand(), jobCommand(), reportCommand(), logCommand(), chatCommand())
	return cmd
}

// one takes one argument and says what is missing without it.
func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes %s; found %d arguments", cmd.CommandPath(), what, len(args))
		}
		return nil
	}
}

// configFlag adds -c to a command.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "config", "c", "lingke.yaml", "the config file")
}
