package demo_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/demo"
)

// TestThePrintedConfigConnects: what lingke emulate prints is taken as it is, everything that doctor asks answers, and each connector reads.
func TestThePrintedConfigConnects(t *testing.T) {
	t.Parallel()
	em, err := demo.Emulator(20, 30, "http://127.0.0.1:9/callbacks/wecom", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(em.Handler())
	t.Cleanup(func() {
		em.Close()
		srv.Close()
	})
	file := filepath.Join(t.TempDir(), "lingke.yaml")
	if err := os.WriteFile(file, []byte(demo.Sample(srv.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := app.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for _, f := range app.Doctor(t.Context(), cfg) {
		if f.Health == app.Sick {
			t.Errorf("%+v", f)
		}
	}
	for _, name := range []string{"kingdee", "xingchen", "yonyou"} {
		lines, err := a.Preview(t.Context(), name, true, nil)
		if err != nil || !strings.Contains(strings.Join(lines, "\n"), "customer") {
			t.Errorf("%s: %v, %v", name, lines, err)
		}
	}
}
