package risk

import (
	"encoding/csv"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/internal/testdata"
)

// table reads a CSV file with a header.
func table(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(testdata.File(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]map[string]string, 0, len(rows))
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func parsed(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// cdnow returns each customer's purchase times.
func cdnow(t testing.TB) [][]time.Time {
	t.Helper()
	text := testdata.Read(t, "cdnow/CDNOW_sample.txt")
	var all [][]time.Time
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		at, err := time.Parse("20060102", f[2])
		if err != nil {
			t.Fatal(err)
		}
		id := int(parsed(t, f[1]))
		for len(all) < id {
			all = append(all, nil)
		}
		all[id-1] = append(all[id-1], at)
	}
	return all
}

// onlineRetail returns the purchase times of its customers, without cancellations and returns.
func onlineRetail(t testing.TB) [][]time.Time {
	t.Helper()
	index, out := map[string]int{}, [][]time.Time{}
	for _, r := range table(t, "online_retail/online_retail_dev.csv") {
		quantity, price := parsed(t, r["Quantity"]), parsed(t, r["UnitPrice"])
		if r["CustomerID"] == "" || strings.HasPrefix(r["InvoiceNo"], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		at, err := time.Parse(time.DateTime, r["InvoiceDate"])
		if err != nil {
			t.Fatal(err)
		}
		i, known := index[r["CustomerID"]]
		if !known {
			i = len(out)
			index[r["CustomerID"]], out = i, append(out, nil)
		}
		out[i] = append(out[i], at)
	}
	return out
}

func spells(all [][]time.Time, at time.Time) []Spell {
	var out []Spell
	for _, p := range all {
		if s, ok := SpellAt(p, at); ok {
			out = append(out, s)
		}
	}
	return out
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
