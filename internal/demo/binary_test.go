package demo

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTheCommand starts `lingke demo` as a newcomer does.
func TestTheCommand(t *testing.T) {
	t.Parallel()
	path := binary(t)
	t.Run("shows a card and leaves nothing behind", func(t *testing.T) { showsACard(t, path) })
	t.Run("goes on with its data", func(t *testing.T) { goesOn(t, path) })
}

// binary builds the command.
func binary(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the command")
	}
	path := filepath.Join(t.TempDir(), "lingke")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "lingke/cmd/lingke").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// process is a demo that runs as a command.
type process struct {
	cmd      *exec.Cmd
	out, err *transcript
	page     string
}

// launch starts the command with its temporary files in tmp, and waits until it told its address.
func launch(t *testing.T, path, tmp string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(t.Context(), path, append([]string{"demo"}, args...)...), out: newTranscript(), err: newTranscript()}
	p.cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // does nothing where the test has ended it
	p.page = p.out.await(t, `(http://\S+/_emulator/)`)
	return p
}

// end asks the command to stop, and checks that it did so without a complaint.
func (p *process) end(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the command ended with %v\n%s", err, p.err)
	}
	if text := p.err.String(); text != "" {
		t.Errorf("the command complained:\n%s", text)
	}
}

// showsACard lets the command run on ports that are taken, until a card stands in somebody's chat, and ends it as a service manager would.
func showsACard(t *testing.T, path string) {
	tmp := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	began := time.Now()
	p := launch(t, path, tmp, "--addr", taken.Addr().String(), "--emulator", taken.Addr().String())
	line := p.out.await(t, `(First card after .*)`)
	t.Logf("%.2f s from process start; the demo says: %s", time.Since(began).Seconds(), line)
	if n := strings.Count(p.out.String(), taken.Addr().String()+" is not free"); n != 2 {
		t.Errorf("told %d times that the port is taken, want 2:\n%s", n, p.out)
	}
	p.end(t)
	if left, err := os.ReadDir(tmp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// goesOn claims a lead and runs the command a second time in the same folder: the owner is still there, and no old card comes again.
func goesOn(t *testing.T, path string) {
	tmp, data := t.TempDir(), t.TempDir()
	args := []string{"--addr", "127.0.0.1:0", "--emulator", "127.0.0.1:0", "--data", data, "--lead-every", "1h"}
	first := launch(t, path, tmp, args...)
	firstSeen := opened(t, first.page)
	lead := cardsOf(t, first.page, "dingtalk", "zhangwei")[0]
	if got := clicks(t, first.page, "dingtalk", "zhangwei", lead.ID, "claim"); !got.Accepted {
		t.Fatalf("claim: %+v", got)
	}
	first.end(t)

	second := launch(t, path, tmp, args...)
	second.out.await(t, `(those of the last run)`)
	for _, title := range opened(t, second.page) {
		if slices.Contains(firstSeen, title) {
			t.Errorf("%s was shown again after the restart", title)
		}
	}
	name := strings.TrimPrefix(lead.Card.Title, "新线索：")
	ask[click](t, "POST", second.page+"messages", fmt.Sprintf(`{"platform":"wecom","person":"wangfang","conversation":"","text":"查 %s"}`, name))
	until(t, "the manager reads that 张伟 still has "+name, func() bool {
		for _, c := range chats(t, second.page, "wecom", "wangfang") {
			for _, m := range c.Messages {
				if strings.Contains(m.Text, "负责人：张伟") {
					return true
				}
			}
		}
		return false
	})
	second.end(t)
}

// opened waits until both sales teams have a card and returns the titles of all.
func opened(t *testing.T, page string) []string {
	t.Helper()
	var titles []string
	until(t, "both sales teams have a card", func() bool {
		titles = titles[:0]
		senior, other := cardsOf(t, page, "dingtalk", "zhangwei"), cardsOf(t, page, "dingtalk", "liuyang")
		for _, m := range append(senior, other...) {
			titles = append(titles, m.Card.Title)
		}
		return len(senior) > 0 && len(other) > 0
	})
	return titles
}
