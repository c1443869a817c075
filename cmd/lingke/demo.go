package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"lingke/internal/demo"
)

func demoCommand() *cobra.Command {
	o := demo.Options{Customers: 500, Orders: 3000}
	var verbose bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "run everything in one process, with emulated platforms and a sample company",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Out = cmd.OutOrStdout()
			o.Log = demoLogger(verbose)
			return demo.Run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", "127.0.0.1:8080", "address of the gateway")
	cmd.Flags().StringVar(&o.EmulatorAddr, "emulator", "127.0.0.1:8090", "address of the emulated platforms and the chat page")
	cmd.Flags().StringVar(&o.Dir, "data", "", "folder of the store; a temporary one if empty")
	cmd.Flags().StringSliceVar(&o.English, "english", nil, "people whose cards, answers and pages are in English, by id: lina,liuyang")
	cmd.Flags().DurationVar(&o.LeadEvery, "lead-every", 20*time.Second, "how often a new lead appears; 0 for never")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "log every step")
	return cmd
}

// demoLogger keeps the newcomer's terminal for what went wrong, unless they want more.
func demoLogger(verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
