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
	"sync"
	"time"

	"lingke/internal/app"
	"lingke/internal/emulator"
)

// Options is what a newcomer may choose.
type Options struct {
	Addr         string        // of the gateway; another free port where it is taken
	EmulatorAddr string        // of the emulated platforms; likewise
	Dir          string        // of the store; a temporary folder, removed at the end, where empty
	Customers    int           // in the emulated ERP
	Orders       int           // of theirs
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
	gateway, err := listen(o.Addr)
	if err != nil {
		return err
	}
	platforms, err := listen(o.EmulatorAddr)
	if err != nil {
		return errors.Join(err, gateway.Close())
	}
	em, err := Emulator(o.Customers, o.Orders, "http://"+gateway.Addr().String()+"/callbacks/wecom", time.Now)
	if err != nil {
		return errors.Join(err, gateway.Close(), platforms.Close())
	}
	defer em.Close()
	url := "http://" + platforms.Addr().String()
	cfg, err := Config(gateway.Addr().String(), url, dir, em.World().People())
	if err != nil {
		return errors.Join(err, gateway.Close(), platforms.Close())
	}
	return together(ctx, em, platforms, func(ctx context.Context) error {
		a, err := app.New(ctx, cfg, app.WithLogger(o.Log))
		if err != nil {
			return errors.Join(err, gateway.Close())
		}
		welcome(o.Out, url, gateway.Addr().String(), dir)
		var aside sync.WaitGroup
		aside.Go(func() { announceFirst(ctx, em, started, o.Out) })
		aside.Go(func() { trickle(ctx, em, gateway.Addr().String(), o.LeadEvery, o.Log) })
		err = a.Run(ctx, gateway)
		aside.Wait()
		return errors.Join(err, a.Close())
	})
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
	if dir != "" {
		abs, err := filepath.Abs(dir)
		return abs, func() error { return nil }, err
	}
	dir, err := os.MkdirTemp("", "lingke-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("temporary folder: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// listen takes the address, or a free port of the same host where the port is taken.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		return l, nil
	}
	host, _, splitErr := net.SplitHostPort(addr)
	if splitErr != nil {
		return nil, fmt.Errorf("address %q: %w", addr, splitErr)
	}
	free, freeErr := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if freeErr != nil {
		return nil, err
	}
	return free, nil
}

func welcome(out io.Writer, platforms, gateway, dir string) {
	fmt.Fprintf(out, `
Lingke demo  领客演示

  Chat page  聊天页面   %[1]s/_emulator/
  API                   http://%[2]s/api/v1/customers   (Authorization: Bearer %[3]s)
  Store      数据       %[4]s

Try  试试看
  1. Open the chat page and press 领取 on a card: every copy in DingTalk and WeCom says who has it.
     打开聊天页面，在任意一张卡片上点“领取”，两个平台上的同一张卡片都会显示由谁领取。
  2. Type 帮助, 查 <客户>, 为什么 <客户>, 我的客户 or 今日 to the bot.
     给机器人发：帮助、查 <客户>、为什么 <客户>、我的客户、今日。
  3. curl -H 'Authorization: Bearer %[3]s' 'http://%[2]s/api/v1/customers?tier=A&limit=5'

Stop with Ctrl-C  按 Ctrl-C 结束

`, platforms, gateway, Token, dir)
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
