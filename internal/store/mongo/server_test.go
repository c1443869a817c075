package mongo_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// ferret is the FerretDB of this process, started by the first test that needs it.
var ferret struct {
	start sync.Once
	uri   string
	err   error
	stop  func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if ferret.stop != nil {
		ferret.stop()
	}
	os.Exit(code)
}

// serverURI is the server's address, or skips the test where there is none.
func serverURI(t *testing.T) string {
	t.Helper()
	if uri := os.Getenv(envURI); uri != "" {
		return uri
	}
	ferret.start.Do(func() { ferret.uri, ferret.stop, ferret.err = startFerret() })
	if ferret.err != nil {
		t.Skipf("no MongoDB: %s is not set, and FerretDB cannot be built or started here: %v", envURI, ferret.err)
	}
	return ferret.uri
}

// startFerret builds the module in folder ferretdb, whose modules `go build` fetches once, and starts it in a new folder.
func startFerret() (uri string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "lingke-ferretdb-")
	if err != nil {
		return "", nil, err
	}
	clean := func() { _ = os.RemoveAll(dir) }
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Minute)
	defer cancel()
	program := filepath.Join(dir, "ferretdb.exe")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "ferretdb_no_postgresql", "-o", program, ".")
	build.Dir = "ferretdb"
	build.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", clean, fmt.Errorf("%w: %s", err, lastLine(string(out)))
	}
	uri, end, err := startServer(exec.Command(program, "-data", dir))
	return uri, func() { end(); clean() }, err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// startServer starts a program whose first line of output is its URI and which ends with its input.
func startServer(program *exec.Cmd) (uri string, stop func(), err error) {
	in, err := program.StdinPipe()
	if err != nil {
		return "", func() {}, err
	}
	out, err := program.StdoutPipe()
	if err != nil {
		return "", func() {}, err
	}
	program.Stderr = os.Stderr
	if err := program.Start(); err != nil {
		return "", func() {}, err
	}
	stop = func() {
		_ = in.Close()
		_ = program.Wait()
	}
	lines := bufio.NewReader(out)
	uri, err = lines.ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = errors.New("it ended before it listened")
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return strings.TrimSpace(uri), stop, err
}

// drop removes the database that a test's URI names.
func drop(t *testing.T, uri string) {
	t.Helper()
	base, _, _ := strings.Cut(uri, "?")
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := errors.Join(client.Database(base[strings.LastIndex(base, "/")+1:]).Drop(ctx), client.Disconnect(ctx)); err != nil {
		t.Errorf("dropping: %v", err)
	}
}
