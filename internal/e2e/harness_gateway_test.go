package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/store"
)

// inProcess is a gateway in this process.
type inProcess struct {
	app   *app.App
	addr  string
	stop  context.CancelFunc
	ended chan error
}

// run starts a gateway in this process, whose clock is the platforms', and waits until it hears both platforms. It ends with the test.
func (s *site) run(opts ...app.Option) *inProcess {
	s.t.Helper()
	l := loopback(s.t)
	a, err := app.New(s.t.Context(), s.config(l.Addr().String()), append(opts, app.WithClock(s.now))...)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.started(a, l)
}

// started runs a gateway that was built, and waits as run does.
func (s *site) started(a *app.App, l net.Listener) *inProcess {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	g := &inProcess{app: a, addr: l.Addr().String(), stop: stop, ended: make(chan error, 1)}
	go func() { g.ended <- a.Run(ctx, l) }()
	s.front.lead(g.addr)
	s.t.Cleanup(func() { g.end(s.t) })
	if !strings.Contains(s.plan.dingtalk, "mode: http") {
		s.connected(1)
	}
	return g
}

// end stops the gateway and releases its store; ending again does nothing.
func (g *inProcess) end(t *testing.T) {
	t.Helper()
	if g.ended == nil {
		return
	}
	g.stop()
	if err := <-g.ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := g.app.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	g.ended = nil
}

// connected waits until n gateways listen to DingTalk.
func (s *site) connected(n int) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, "the gateways' stream connections", func() error {
		if have := s.em.DingTalk().Stats().Connections; have < n {
			return fmt.Errorf("%d of %d", have, n)
		}
		return nil
	})
}

// process is a gateway in a process of its own.
type process struct {
	cmd    *exec.Cmd
	addr   string
	stderr *bytes.Buffer
	exited chan error
}

// spawn starts a gateway as a process of its own at addr, and waits until it takes connections: this program started again, or the real
// program where path names it.
func (s *site) spawn(addr, path string) *process {
	s.t.Helper()
	file := s.configFile(addr)
	cmd := gatewayCommand(file, s.aheadBy(), envQuick+"="+s.plan.quickSince)
	if path != "" {
		cmd = exec.Command(path, "serve", "-c", file)
		cmd.Env = os.Environ()
	}
	return startProcess(s.t, addr, cmd)
}

// gatewayCommand is this program started again as a gateway whose clock is ahead.
func gatewayCommand(file string, ahead time.Duration, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this program
	cmd.Env = append(append(os.Environ(), envGateway+"="+file, envAhead+"="+ahead.String()), env...)
	return cmd
}

// startProcess starts a gateway's process and waits until it takes connections at addr.
func startProcess(t testing.TB, addr string, cmd *exec.Cmd) *process {
	t.Helper()
	g := &process{cmd: cmd, addr: addr, stderr: new(bytes.Buffer), exited: make(chan error, 1)}
	for name, value := range secrets() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stderr = g.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { g.exited <- cmd.Wait() }()
	g.ready(t)
	return g
}

func (g *process) ready(t testing.TB) {
	t.Helper()
	eventually(t, 30*time.Second, "the gateway at "+g.addr, func() error {
		select {
		case err := <-g.exited:
			t.Fatalf("the gateway ended at its start: %v\n%s", err, g.stderr)
		default:
		}
		c, err := net.DialTimeout("tcp", g.addr, time.Second)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

// kill ends the process at once, at whatever instruction it is, and waits until it is gone.
func (g *process) kill(t testing.TB) {
	t.Helper()
	if err := g.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill: %v\n%s", err, g.stderr)
	}
	<-g.exited
}

// terminate asks the process to stop and returns how it ended.
func (g *process) terminate(t testing.TB, within time.Duration) error {
	t.Helper()
	if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-g.exited:
		return err
	case <-time.After(within):
		g.kill(t)
		return fmt.Errorf("not stopped after %s", within)
	}
}

// look opens the site's store beside the gateways, hands it to fn and closes it.
func (s *site) look(fn func(store.Store)) {
	s.t.Helper()
	a, err := app.New(s.t.Context(), s.config("127.0.0.1:1"), app.WithClock(s.now))
	if err != nil {
		s.t.Fatal(err)
	}
	fn(a.Store())
	if err := a.Close(); err != nil {
		s.t.Error(err)
	}
}

// eventually asks again until there is no error any more, and fails the test with the last one after the time.
func eventually(t testing.TB, within time.Duration, what string, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(within)
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s, after %s: %v", what, within, err)
		}
		time.Sleep(pause)
	}
}
