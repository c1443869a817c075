package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"lingke/configs"
	"lingke/internal/app"
)

// emulated is `lingke emulate` in a process of its own.
type emulated struct {
	cmd    *exec.Cmd
	url    string
	config string // what it printed: a whole config, without a store
}

// emulate starts the program with so many customers and orders in the emulated Kingdee, and stops it with the test.
func emulate(tb testing.TB, customers, orders int) *emulated {
	tb.Helper()
	cmd := exec.Command(lingke(tb), "emulate", "--addr", "127.0.0.1:0", "--customers", strconv.Itoa(customers), "--orders", strconv.Itoa(orders)) //nolint:gosec // our own program
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	e := &emulated{cmd: cmd}
	tb.Cleanup(e.stop)
	var text strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "  - {name: 线索池") { // the last line
		text.WriteString(lines.Text() + "\n")
	}
	text.WriteString(lines.Text() + "\n")
	head, config, found := strings.Cut(text.String(), "\n\n")
	_, e.url, _ = strings.Cut(strings.TrimSuffix(strings.SplitN(head, "\n", 2)[0], "/_emulator/"), "  ")
	if e.config = config; !found || !strings.HasPrefix(e.url, "http://") {
		tb.Fatalf("lingke emulate printed:\n%s", text.String())
	}
	return e
}

// stop kills it. A second time does nothing.
func (e *emulated) stop() {
	_ = e.cmd.Process.Kill()
	_ = e.cmd.Wait()
}

// control calls the emulator's control API.
func (e *emulated) control(tb testing.TB, path string, body map[string]any) {
	tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := http.Post(e.url+"/_emulator/"+path, "application/json", bytes.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s: %s", path, resp.Status, answer)
	}
}

// world is a folder with a store and the printed config, whose Kingdee is logged in to and not called with signed headers: only a login makes a session that can expire.
func (e *emulated) world(t *testing.T, page int) *syncWorld {
	t.Helper()
	w := &syncWorld{site: &site{t: t, dir: t.TempDir()}, name: "kingdee"}
	w.file = filepath.Join(w.dir, "lingke.yaml")
	config := kingdeeLine.ReplaceAllString(e.config, fmt.Sprintf("$1, auth: app_secret, page_size: %d}", page))
	if err := os.WriteFile(w.file, []byte(`store: {uri: "sqlite://`+filepath.Join(w.dir, "lingke.db")+`"}`+"\n"+config), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

var kingdeeLine = regexp.MustCompile(`(kingdee: \{.*)\}`)

// gateway builds, in this process, what the printed config says, with a store in a folder.
func (e *emulated) gateway(tb testing.TB, dir string) *app.App {
	tb.Helper()
	text := `store: {uri: "sqlite://` + filepath.Join(dir, "lingke.db") + `"}` + "\n" + e.config
	cfg, err := configs.Parse("lingke.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
	if err != nil {
		tb.Fatal(err)
	}
	a, err := app.New(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}
