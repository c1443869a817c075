package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"lingke/internal/app"
)

// handClock stands still until it is set. Every process that opened its file reads the same time at once.
type handClock struct {
	path string
	at   *atomic.Int64
}

func openHandClock(path string) (handClock, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return handClock{}, err
	}
	defer func() { _ = f.Close() }()
	if err := f.Truncate(8); err != nil {
		return handClock{}, err
	}
	shared, err := syscall.Mmap(int(f.Fd()), 0, 8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return handClock{}, err
	}
	return handClock{path, (*atomic.Int64)(unsafe.Pointer(&shared[0]))}, nil //nolint:gosec // a page that is shared between processes, and never unmapped
}

func newHandClock(t *testing.T, at time.Time) handClock {
	t.Helper()
	c, err := openHandClock(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	c.set(at)
	return c
}

func (c handClock) now() time.Time   { return time.Unix(0, c.at.Load()) }
func (c handClock) set(to time.Time) { c.at.Store(to.UnixNano()) }

// byHand is a gateway whose clock and timetable are moved by its parent: a line "due FROM TO" on standard input runs what was due after one instant and not after another
// (Unix milliseconds), "resume" makes what a killed process left behind; each is answered by the number of runs. Every run that it made is a line of its log.
func byHand(path, clock string) error {
	c, err := openHandClock(clock)
	if err != nil {
		return err
	}
	return serve(path, slog.LevelInfo, func(a *app.App) {
		go func() {
			obey(a, os.Stdin, os.Stdout)
			_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // the parent is gone
		}()
	}, app.WithClock(c.now), app.ByHand())
}

func obey(a *app.App, orders io.Reader, answers io.Writer) {
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		var from, to int64
		n := 0
		if _, err := fmt.Sscanf(lines.Text(), "due %d %d", &from, &to); err == nil {
			n = a.RunDue(context.Background(), time.UnixMilli(from), time.UnixMilli(to))
		} else {
			n = a.Resume(context.Background())
		}
		fmt.Fprintln(answers, n)
	}
}

// replica is a gateway by hand in a process of its own.
type replica struct {
	*process
	orders  io.WriteCloser
	answers *bufio.Scanner
}

// replica starts one at addr and waits until it takes connections.
func (s *site) replica(addr string, c handClock) *replica {
	s.t.Helper()
	cmd := gatewayCommand(s.configFile(addr), 0, envClock+"="+c.path)
	orders, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	answers, writer, err := os.Pipe() // not the command's own: that one may not be read while the process is waited for
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = answers.Close() })
	cmd.Stdout = writer
	g := startProcess(s.t, addr, cmd)
	_ = writer.Close() // the process has its own
	return &replica{g, orders, bufio.NewScanner(answers)}
}

// order gives an order and returns the number that it is answered with; false where the process ended before.
func (r *replica) order(text string) (int, bool) {
	if _, err := fmt.Fprintln(r.orders, text); err != nil || !r.answers.Scan() {
		return 0, false
	}
	n, err := strconv.Atoi(r.answers.Text())
	return n, err == nil
}
