package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/internal/app"
)

// sourceOf answers a page of one customer, or an error.
func sourceOf(t *testing.T, name string, status int) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"list":[{"id":"1","name":%q,"updated":"2026-03-01T00:00:00Z"},{"id":"2","updated":"never"}]}`, name)
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestAFailingSourceStopsNoOtherAndBothAreReported(t *testing.T) {
	t.Parallel()
	good, bad := sourceOf(t, "华星机械", http.StatusOK), sourceOf(t, "hush-body", http.StatusUnauthorized)
	model, err := filepath.Abs("../../configs/models/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "lingke.yaml")
	text := fmt.Sprintf(`
model: %s
store: {uri: "sqlite://lingke.db"}
server: {tokens: ["0123456789abcdef"]}
connectors:
  a_down: {type: rest, every: "@every 1h", base_url: %q, headers: {Authorization: "hush-header"}, resources: [{path: x, kind: customer, items: list, mapping: {modified_at: updated}}]}
  shop: {type: rest, every: "@every 1h", base_url: %q, resources: [{path: x, kind: customer, items: list, mapping: {name: name, modified_at: updated}}]}
  site: {type: webhook, secret: "0123456789abcdef"}
`, model, bad.URL, good.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
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
	if _, err := a.Pull(t.Context(), "a_down", false, nil); err == nil || strings.Contains(err.Error(), "hush") {
		t.Fatalf("the failing source: %v", err)
	}
	if report, err := a.Pull(t.Context(), "shop", false, nil); err != nil || report.Records != 1 {
		t.Fatalf("the other: %+v, %v", report, err)
	}
	var got struct {
		Connectors []struct {
			Name   string
			Pulls  bool
			Failed int
			Next   string
			Last   *struct {
				Records int
				Error   string
			}
		}
	}
	body := get(t, a.Handler(), "/api/v1/connectors")
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Connectors) != 3 {
		t.Fatalf("%s: %v", body, err)
	}
	down, shop, site := got.Connectors[0], got.Connectors[1], got.Connectors[2]
	if down.Failed != 1 || !strings.Contains(down.Last.Error, "status 401") || down.Next == "" {
		t.Errorf("a_down %+v", down)
	}
	if shop.Failed != 0 || shop.Last.Records != 1 || shop.Last.Error != "" || !shop.Pulls || site.Pulls || site.Last != nil {
		t.Errorf("shop %+v, site %+v", shop, site)
	}
	metrics := get(t, a.Handler(), "/metrics")
	for _, want := range []string{`lingke_connector_records_total{connector="shop",outcome="taken"} 1`, `lingke_connector_records_total{connector="a_down",outcome="failed"} 1`, `lingke_connector_good_timestamp_seconds{connector="shop"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if strings.Contains(body+metrics, "hush") {
		t.Errorf("something secret is told:\n%s", body)
	}
}

func get(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer 0123456789abcdef")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}
