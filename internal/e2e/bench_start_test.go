package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart starts `lingke serve` in a process of its own on a new store and measures until /healthz answers, and what it holds in memory then: idle-MB
// is all that is resident, own-MB without the pages of the program's file, of which a system maps as many as it likes and can drop them at any time.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	program := filepath.Join(dir, "lingke")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, "lingke/cmd/lingke").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	ready, memory, own := &latencies{}, 0.0, 0.0
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		took, resident, anonymous := startOnce(b, program, filepath.Join(dir, strconv.Itoa(i)))
		ready.add(took)
		memory, own = memory+resident, own+anonymous
	}
	ready.report(b, "ready-")
	b.ReportMetric(memory/float64(b.N), "idle-MB")
	b.ReportMetric(own/float64(b.N), "own-MB")
}

func startOnce(b *testing.B, program, dir string) (ready time.Duration, resident, own float64) {
	b.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	l := dataListen(b)
	addr := l.Addr().String()
	_ = l.Close()
	text := fmt.Sprintf(dataConfig, dir, addr, "http://127.0.0.1:9", dataSecret)
	config := filepath.Join(dir, "lingke.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), program, "serve", "-c", config)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	awaitHealth(b, "http://"+addr+"/healthz")
	ready = time.Since(began)
	return ready, memoryOf(b, cmd.Process.Pid, "VmRSS:"), memoryOf(b, cmd.Process.Pid, "RssAnon:")
}

func awaitHealth(b *testing.B, url string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatal("not ready after 20 s")
		}
	}
}

// memoryOf reads a line of what Linux says of a process, in MB; elsewhere it is 0.
func memoryOf(b *testing.B, pid int, line string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Logf("no figure of memory here: %v", err)
		return 0
	}
	for l := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(l, line); ok {
			kb, err := strconv.ParseFloat(strings.Fields(value)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	return 0
}
