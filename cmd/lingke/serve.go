package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"lingke/internal/app"
)

func serveCommand() *cobra.Command {
	var path string
	var debug bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "run the gateway",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := app.LoadConfig(path)
			if err != nil {
				return err
			}
			log := logger(debug)
			for _, w := range cfg.Warnings {
				log.Warn("config", slog.String("warning", w.String()))
			}
			a, err := app.New(cmd.Context(), cfg, app.WithLogger(log), app.WithReload(path))
			if err != nil {
				return err
			}
			l, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", cfg.Server.Addr)
			if err != nil {
				_ = a.Close()
				if errors.Is(err, syscall.EADDRINUSE) {
					return fmt.Errorf("server.addr: %w; end the program that listens there, or set another server.addr", err)
				}
				return fmt.Errorf("server.addr: %w", err)
			}
			go reloadOnHangup(cmd.Context(), a)
			log.Info("serving", slog.String("addr", l.Addr().String()))
			err = a.Run(cmd.Context(), l)
			if closed := a.Close(); err == nil {
				err = closed
			}
			return err
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&debug, "debug", false, "log every step")
	return cmd
}

// reloadOnHangup reads the config again at each SIGHUP.
func reloadOnHangup(ctx context.Context, a *app.App) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			a.Reload()
		}
	}
}

func logger(debug bool) *slog.Logger {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
