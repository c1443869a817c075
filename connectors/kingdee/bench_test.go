package kingdee

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
)

// memorySite answers queries from pages that are rendered beforehand: what is measured is the connector.
func memorySite(tb testing.TB, cfg Config, rows int) *httptest.Server {
	tb.Helper()
	forms, err := newForms(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	pages := map[string][]byte{} // by the time in the filter
	start := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	width := len(forms[1].layout(modifyKey).keys)
	filter := beginning
	for from := 0; from < rows; from += maxPageSize - 1 { // the last row of a page is the first of the next
		pages[filter.Format(filterTime)] = memoryPage(tb, start, from, min(from+maxPageSize, rows), width)
		filter = start.Add(time.Duration(from+maxPageSize-1) * time.Minute)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Data query }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			tb.Error(err)
		}
		answer := []byte("[]")
		if body.Data.FormID == customerForm {
			_, at, _ := strings.Cut(body.Data.FilterString, "'")
			if answer = pages[strings.TrimSuffix(at, "'")]; answer == nil {
				tb.Errorf("nothing prepared for %s", body.Data.FilterString)
			}
		}
		_, _ = w.Write(answer)
	}))
	tb.Cleanup(srv.Close)
	return srv
}

func memoryPage(tb testing.TB, start time.Time, from, to, width int) []byte {
	tb.Helper()
	page := [][]any{}
	for n := from; n < to; n++ {
		row := []any{100000 + n, start.Add(time.Duration(n) * time.Minute).Format("2006-01-02T15:04:05")}
		for len(row) < width {
			row = append(row, fmt.Sprintf("深圳市示例%d有限公司", n))
		}
		page = append(page, row)
	}
	body, err := json.Marshal(page)
	if err != nil {
		tb.Fatal(err)
	}
	return body
}

// BenchmarkPull reads 20,000 customers of 13 fields over HTTP from memory.
func BenchmarkPull(b *testing.B) {
	const rows = 20_000
	cfg := example()
	cfg.BaseURL = memorySite(b, cfg, rows).URL
	conn, err := cfg.Open("erp")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := conn.Pull(context.Background(), "", func(connectors.Record) error { n++; return nil }); err != nil || n != rows {
			b.Fatalf("%d rows, %v", n, err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
