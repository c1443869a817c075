package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/configs"
	"lingke/connectors"
)

// TestRawRecordsAreKeptForTheirTime goes through the nightly job as the timetable has it.
func TestRawRecordsAreKeptForTheirTime(t *testing.T) {
	t.Parallel()
	text := `
store: {uri: "sqlite://lingke.db"}
server: {tokens: ["0123456789abcdef"]}
bots: {dingtalk: {client_id: ding01, client_secret: hush}}
connectors:
  short: {type: webhook, secret: hush-hook-secret-1, auth: token, keep_raw: 2d}
  shipped: {type: webhook, secret: hush-hook-secret-2, auth: token}
people: [{id: lina, name: 李娜, role: manager, dingtalk: manager01}]
`
	file := filepath.Join(t.TempDir(), "lingke.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	a, err := New(t.Context(), cfg, WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for _, source := range []string{"short", "shipped", "former"} {
		r := connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: now, Fields: map[string]string{"name": "甲"}, Raw: json.RawMessage(`{"name":"甲"}`)}
		if err := a.ingest.Apply(t.Context(), source, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		later time.Duration
		kept  string
	}{{47 * time.Hour, "short shipped former"}, {49 * time.Hour, "shipped former"}, {31 * 24 * time.Hour, "former"}, {367 * 24 * time.Hour, ""}} {
		for _, k := range a.purges() {
			if _, err := k.Forget(t.Context(), now.Add(c.later-k.For)); err != nil {
				t.Fatal(err)
			}
		}
		if got := keptOf(t.Context(), t, a); got != c.kept {
			t.Errorf("after %s %q is kept, want %q", c.later, got, c.kept)
		}
	}
	if cfg.Connectors["shipped"].RawFor() != configs.ShippedKeepRaw {
		t.Error("without a word it is not the shipped time")
	}
}

func keptOf(ctx context.Context, t *testing.T, a *App) string {
	t.Helper()
	var kept []string
	for _, source := range []string{"short", "shipped", "former"} {
		n, err := a.store.CountRaw(ctx, source)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			kept = append(kept, source)
		}
	}
	return strings.Join(kept, " ")
}
