package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"lingke/internal/app"
)

// The environment by which the test binary, started again, becomes a gateway: a process of its own that can be killed.
const (
	envGateway = "LINGKE_E2E_GATEWAY" // the config file
	envAhead   = "LINGKE_E2E_AHEAD"   // how far its clock is ahead of the machine's, as a duration
	envClock   = "LINGKE_E2E_CLOCK"   // a file with the time of a clock that stands still until it is moved; see byHand
	envQuick   = "LINGKE_E2E_QUICK"   // since when its clock goes quick times as fast, in Unix nanoseconds; "" for never
)

func TestMain(m *testing.M) {
	if path := os.Getenv(envGateway); path != "" {
		os.Exit(runGateway(path, os.Getenv(envAhead)))
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// runGateway is `lingke serve` with a clock that can be ahead, so that the leases of a killed predecessor are over at once.
func runGateway(path, ahead string) int {
	debug.SetGCPercent(300) // as the program does
	if clock := os.Getenv(envClock); clock != "" {
		if err := byHand(path, clock); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	offset, err := time.ParseDuration(ahead)
	if err == nil {
		err = serve(path, slog.LevelWarn, func(*app.App) {}, app.WithClock(quickSince(os.Getenv(envQuick), func() time.Time { return time.Now().Add(offset) })))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// quickSince makes a clock go quick times as fast since an instant of the machine's clock.
func quickSince(since string, now func() time.Time) func() time.Time {
	ns, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return now
	}
	start := time.Unix(0, ns)
	return func() time.Time { return start.Add(quick * time.Since(start)) }
}

// serve runs a gateway until the process is asked to stop. begun is told of it before it takes connections.
func serve(path string, level slog.Level, begun func(*app.App), opts ...app.Option) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	cfg, err := app.LoadConfig(path)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	a, err := app.New(ctx, cfg, append(opts, app.WithLogger(log))...)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	begun(a)
	l, err := net.Listen("tcp", cfg.Server.Addr)
	if err != nil {
		return err
	}
	return a.Run(ctx, l)
}

// built is the real program, built once for all tests of a run that want it.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// lingke returns the path of the program.
func lingke(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		built.dir, built.err = os.MkdirTemp("", "lingke-e2e-")
		if built.err != nil {
			return
		}
		built.path = filepath.Join(built.dir, "lingke")
		out, err := exec.Command("go", "build", "-o", built.path, "lingke/cmd/lingke").CombinedOutput()
		if err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}
