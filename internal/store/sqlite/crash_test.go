package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lingke/internal/customer"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

// crashFile names, for a child of TestKilledWriterLosesNothing, the file to write to until it is killed.
const crashFile = "LINGKE_TEST_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFile); path != "" {
		fmt.Fprintln(os.Stderr, writeForEver(path, os.Getenv(crashFile+"_ROUND")))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

var crashDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// writeForEver writes from eight goroutines and says on stdout what was acknowledged, one line each.
func writeForEver(path, round string) error {
	s, err := Open(context.Background(), path)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range 8 {
		go func() {
			for n := 0; ; n++ {
				if err := writeOne(s, fmt.Sprintf("%s-%d-%d", round, worker, n), fmt.Sprint("person", worker)); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// writeOne adds an event, stores a customer, and claims it.
func writeOne(s *Store, id, person string) error {
	ctx := context.Background()
	e := inbox.Event{ID: id, Body: make([]byte, 500), State: inbox.Due, Received: crashDay, Due: crashDay}
	if _, err := s.AddEvent(ctx, e); err != nil {
		return err
	}
	acknowledge("event " + id)
	c := customer.Customer{ID: id, Name: "客户" + id}
	if err := s.PutCustomer(ctx, c); err != nil {
		return err
	}
	c.Rev, c.Owner = 1, person
	if err := s.Claim(ctx, c, store.Allowance{Person: person, Day: "2026-03-02", Daily: 1 << 30, Holding: 1 << 30}); err != nil {
		return err
	}
	acknowledge("claim " + id)
	return nil
}

// acknowledge writes one line in one piece; a pipe takes that whole or not at all.
func acknowledge(line string) { _, _ = os.Stdout.WriteString(line + "\n") }

func TestKilledWriterLosesNothing(t *testing.T) {
	const kills = 40
	path := filepath.Join(t.TempDir(), "lingke.db")
	acknowledged := map[string]bool{}
	for round := range kills {
		for _, line := range killOne(t, path, round) {
			acknowledged[line] = true
		}
		if round%8 == 7 {
			checkSurvived(t, path, acknowledged)
		}
	}
	if len(acknowledged) < 10*kills {
		t.Fatalf("only %d writes were acknowledged: the test shows nothing", len(acknowledged))
	}
	t.Logf("%d kills, %d acknowledged writes", kills, len(acknowledged))
}

// killOne starts a writer, kills it at a random moment, every fourth time while it may still be opening the file, and returns what it
// acknowledged.
func killOne(t *testing.T, path string, round int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashFile+"="+path, fmt.Sprint(crashFile, "_ROUND=", round))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := readAndKill(out, cmd.Process, round%4 == 3)
	_ = cmd.Wait() // it was killed
	if complaints.Len() > 0 {
		t.Fatalf("the writer failed: %s", complaints.String())
	}
	return lines
}

// readAndKill reads whole lines to the end of the pipe, which the kill brings about.
func readAndKill(out io.Reader, process *os.Process, early bool) []string {
	var once sync.Once
	kill := func() {
		wait := time.Duration(rand.IntN(150)) * time.Millisecond
		once.Do(func() { time.AfterFunc(wait, func() { _ = process.Kill() }) })
	}
	if early {
		kill()
	}
	var lines []string
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return lines
		}
		kill()
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
}

// checkSurvived reopens the file and looks for everything that was acknowledged, and for claims that were half made.
func checkSurvived(t *testing.T, path string, acknowledged map[string]bool) {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var verdict string
	if err := s.row(t.Context(), []any{&verdict}, "PRAGMA integrity_check"); err != nil || verdict != "ok" {
		t.Fatalf("integrity_check says %q, %v", verdict, err)
	}
	stored := storedLines(t, s)
	for line := range acknowledged {
		if !stored[line] {
			t.Errorf("acknowledged, but lost: %s", line)
		}
	}
	for worker := range 8 {
		daily, holding, err := s.Spent(t.Context(), fmt.Sprint("person", worker), "2026-03-02")
		if err != nil || daily != holding {
			t.Errorf("person %d has spent %d and owns %d, %v", worker, daily, holding, err)
		}
	}
}

func storedLines(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	lines := map[string]bool{}
	events, err := s.Events(t.Context(), inbox.Due, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		lines["event "+e.ID] = true
	}
	err = s.EachCustomer(t.Context(), func(c customer.Customer) error {
		lines["claim "+c.ID] = c.Owner != ""
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
