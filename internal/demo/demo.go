// Package demo runs everything in one process for a newcomer: the emulated platforms with a sample company, and the gateway on an embedded store.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
)

// Options is what a newcomer may choose.
type Options struct {
	Addr         string        // of the gateway; another free port where it is taken
	EmulatorAddr string        // of the emulated platforms; likewise
	Dir          string        // of the store; a temporary folder, removed at the end, where empty
	Customers    int           // in the emulated ERP
	Orders       int           // of theirs
	English      []string      // ids of the people who read English
	LeadEvery    time.Duration // how often a new lead appears there; 0 is never
	Out          io.Writer     // where addresses are told
	Log          *slog.Logger
}

// Run runs the demo until ctx ends.
func Run(ctx context.Context, o Options) (err error) {
	started := time.Now()
	dir, remove, err := folder(o.Dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	_, statErr := os.Stat(filepath.Join(dir, storeFile))
	continued := statErr == nil
	gateway, err := listen(ctx, o.Addr, o.Out)
	if err != nil {
		return err
	}
	platforms, err := listen(ctx, o.EmulatorAddr, o.Out)
	if err != nil {
		return errors.Join(err, gateway.Close())
	}
	em, err := Emulator(o.Customers, o.Orders, "http://"+gateway.Addr().String()+"/callbacks/wecom", time.Now)
	if err != nil {
		return errors.Join(err, gateway.Close(), platforms.Close())
	}
	defer em.Close()
	url := "http://" + platforms.Addr().String()
	cfg, err := Config(gateway.Addr().String(), url, dir, reading(em.World().People(), o.English))
	if err != nil {
		return errors.Join(err, gateway.Close(), platforms.Close())
	}
	return together(ctx, em, platforms, func(ctx context.Context) error {
		a, err := app.New(ctx, cfg, app.WithLogger(o.Log))
		if err != nil {
			return errors.Join(err, gateway.Close())
		}
		welcome(o.Out, url, gateway.Addr().String(), dir, continued)
		asideCtx, stopAside := context.WithCancel(ctx)
		defer stopAside()
		var aside sync.WaitGroup
		aside.Go(func() { announceFirst(asideCtx, em, started, o.Out) })
		aside.Go(func() { trickle(asideCtx, em, gateway.Addr().String(), o.LeadEvery, o.Log) })
		err = a.Run(ctx, gateway)
		stopAside()
		aside.Wait()
		return errors.Join(err, a.Close())
	})
}

// reading are the people, some of whom read English.
func reading(people []world.Person, english []string) []world.Person {
	for i, p := range people {
		if slices.Contains(english, p.ID) {
			people[i].Language = "en" // as the config has it
		}
	}
	return people
}

// together serves the emulated platforms while do runs; either's failure ends the other.
func together(ctx context.Context, em *emulator.Emulator, l net.Listener, do func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	platforms, stopPlatforms := context.WithCancel(context.WithoutCancel(ctx)) // they outlast the gateway, which still sends while it stops
	defer stopPlatforms()
	go func() {
		defer stop()
		served <- em.Run(platforms, l)
	}()
	err := do(ctx)
	stopPlatforms()
	if serveErr := <-served; serveErr != nil && !errors.Is(serveErr, context.Canceled) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// folder returns where the store lies, and what removes it.
func folder(dir string) (string, func() error, error) {
	if dir == "" {
		dir, err := os.MkdirTemp("", "lingke-demo-")
		if err != nil {
			return "", nil, fmt.Errorf("temporary folder: %w", err)
		}
		return dir, func() error { return os.RemoveAll(dir) }, nil
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = writable(dir)
	}
	if err != nil {
		return "", nil, fmt.Errorf("folder for the data: %w", err)
	}
	return dir, func() error { return nil }, nil
}

// writable makes the folder if it is missing, and reports before anything starts if nothing can be kept there.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	probe, err := os.CreateTemp(dir, ".lingke-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// listen takes the address, or a free port of the same host where the port cannot be had, and tells out about that.
func listen(ctx context.Context, addr string, out io.Writer) (net.Listener, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", addr)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		return nil, fmt.Errorf("address %q: expected host:port, like 127.0.0.1:8080: %w", addr, splitErr)
	}
	free, freeErr := c.Listen(ctx, "tcp", net.JoinHostPort(host, "0"))
	if freeErr != nil {
		return nil, err
	}
	fmt.Fprintf(out, "%s is not free, so %s is used instead.  端口被占用，已改用空闲端口。\n", addr, free.Addr())
	return free, nil
}

// announceFirst tells when the first card stood in somebody's chat.
func announceFirst(ctx context.Context, em *emulator.Emulator, started time.Time, out io.Writer) {
	changes, stop := em.World().Subscribe()
	defer stop()
	for {
		if name := firstCard(em); name != "" {
			fmt.Fprintf(out, "First card after %.1f s, in %s's chat.  首张卡片已送达。\n", time.Since(started).Seconds(), name)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changes:
		}
	}
}

func firstCard(em *emulator.Emulator) string {
	for _, p := range em.World().People() {
		for _, platform := range []string{"dingtalk", "wecom"} {
			if p.Account(platform) == "" {
				continue
			}
			for _, c := range em.World().Conversations(platform, p.Account(platform)) {
				for _, m := range c.Messages {
					if m.Card != nil {
						return p.Name
					}
				}
			}
		}
	}
	return ""
}
