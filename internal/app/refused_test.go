package app_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/connections"
	"lingke/internal/customer"
)

// ask is an answer of the gateway's API, or of its metrics.
func ask(t *testing.T, a *app.App, path string) string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	req.Header.Set("Authorization", "Bearer 0123456789abcdef")
	rec := httptest.NewRecorder()
	a.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, rec.Code, rec.Body)
	}
	return rec.Body.String()
}

// waits wants so many things of the ERP that could not be taken in, wherever one looks.
func waits(t *testing.T, a *app.App, n int) {
	t.Helper()
	all, err := a.Connections(t.Context())
	must(t, err)
	if all[0].Name != "erp" || all[0].Refused != n || len(all[0].First) != n {
		t.Errorf("status: %+v, want %d waiting", all[0], n)
	}
	var page struct {
		Refused []struct{ Kind, ID, Why string }
	}
	must(t, json.Unmarshal([]byte(ask(t, a, "/api/v1/connectors/erp/refused")), &page))
	if len(page.Refused) != n || n > 0 && (page.Refused[0].ID != "3" || !strings.Contains(page.Refused[0].Why, "headcount")) {
		t.Errorf("listed: %+v, want %d", page, n)
	}
	if text := ask(t, a, "/metrics"); !strings.Contains(text, `lingke_connector_refused{connector="erp"} `+string(rune('0'+n))) {
		t.Errorf("the metric is not %d", n)
	}
}

// TestWhatTheMappingCannotReadWaitsUntilItCan: of five customers of the emulated Kingdee one has its headcount in words. The others are there, the bookmark is kept, the one is named
// in the status; a replay under another mapping takes it in, and so does a correction at the source.
func TestWhatTheMappingCannotReadWaitsUntilItCan(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 5)
	staff := func(n int, text, modified string) {
		must(t, o.site.PutRecord("BD_Customer", map[string]any{"FCUSTID": n, "F_LK_INDUSTRY": text, "FModifyDate": modified}))
	}
	for n := 1; n <= 5; n++ {
		staff(n, "120", "2026-02-01T10:00:00")
	}
	staff(3, "九百人", "2026-02-01T10:00:00")
	const strict = `, mapping: {headcount: {expr: "number(F_LK_INDUSTRY)"}}`
	a := o.open(strict, "")
	for range 2 { // the second goes on from the bookmark
		_, err := a.Pull(t.Context(), "erp", false, nil)
		must(t, err)
	}
	for _, ref := range []string{"1", "2", "4", "5"} {
		if c := named(t, a, customer.Ref("erp/"+ref)); c.Text("headcount") != "120" {
			t.Errorf("%s: %v", ref, c.Fields)
		}
	}
	waits(t, a, 1)
	_, err := a.Replay(t.Context(), "erp", false, nil)
	must(t, err)
	waits(t, a, 1)
	must(t, a.Close())

	a = o.open(`, mapping: {staff: F_LK_INDUSTRY}`, "")
	lines, err := a.Replay(t.Context(), "erp", false, nil)
	must(t, err)
	if c := named(t, a, customer.Ref("erp/3")); c.Text("staff") != "九百人" || !strings.Contains(strings.Join(lines, "\n"), "1 not taken in before") {
		t.Errorf("%v; %s", c.Fields, lines)
	}
	waits(t, a, 0)
	must(t, a.Close())

	a = o.open(strict, "")
	_, err = a.Replay(t.Context(), "erp", false, nil)
	must(t, err)
	waits(t, a, 1)
	staff(3, "900", "2026-02-02T10:00:00")
	_, err = a.Pull(t.Context(), "erp", false, nil)
	must(t, err)
	waits(t, a, 0)
	if c := named(t, a, customer.Ref("erp/3")); c.Text("headcount") != "900" {
		t.Errorf("%v", c.Fields)
	}
}

// TestWhatAPushCannotReadWaitsBesideWhatItCould: the sender is told of the bad one in its answer, and so is whoever looks at the status; corrected, it is taken in.
func TestWhatAPushCannotReadWaitsBesideWhatItCould(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 0)
	a := o.open("", "")
	stop := running(t, a)
	defer stop()
	push := func(data string) string {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/site", strings.NewReader(`{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00+08:00","data":`+data+`}`))
		req.Header.Set("Authorization", "Bearer hush-hook-secret-1")
		rec := httptest.NewRecorder()
		a.Handler().ServeHTTP(rec, req)
		if rec.Code/100 != 2 {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		return rec.Body.String()
	}
	waiting := func(n int) {
		t.Helper()
		const patience = 10 * time.Second
		var first []connections.Refusal
		for began := time.Now(); time.Since(began) < patience; time.Sleep(10 * time.Millisecond) {
			got, some, err := a.Refused(t.Context(), "site")
			must(t, err)
			if first = some; got == n {
				return
			}
		}
		t.Fatalf("waiting: %+v, want %d", first, n)
	}
	if said := push(`[{"id":"a1","name":"甲"},{"id":"a2","name":{"first":"乙"}}]`); !strings.Contains(said, "data[1].name") {
		t.Errorf("the sender hears %s", said)
	}
	waiting(1)
	push(`[{"id":"a2","name":"乙"}]`)
	waiting(0) // after everything else of the push
	if one, two := named(t, a, customer.Ref("site/a1")), named(t, a, customer.Ref("site/a2")); one.Name != "甲" || two.Name != "乙" {
		t.Errorf("%+v %+v", one, two)
	}
}
