package testdata

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Rows reads a file of separated values with a header in UTF-8, with or without a byte order mark: each row by its columns' names.
func Rows(tb testing.TB, name string, comma rune) []map[string]string {
	tb.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(Read(tb, name), []byte("\ufeff"))))
	r.Comma = comma
	lines, err := r.ReadAll()
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	rows := make([]map[string]string, 0, len(lines)-1)
	for _, line := range lines[1:] {
		row := make(map[string]string, len(line))
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// Number reads a number, or fails the test.
func Number(tb testing.TB, text string) float64 {
	tb.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// Purchase is what somebody bought at once.
type Purchase struct {
	At     time.Time // UTC
	Amount float64
}

// CDNOW returns each customer's purchases, in the order of the customers' numbers.
func CDNOW(tb testing.TB) [][]Purchase {
	tb.Helper()
	var all [][]Purchase
	for line := range strings.Lines(string(Read(tb, "cdnow/CDNOW_sample.txt"))) {
		f := strings.Fields(line)
		id := int(Number(tb, f[1]))
		for len(all) < id {
			all = append(all, nil)
		}
		all[id-1] = append(all[id-1], Purchase{instant(tb, "20060102", f[2]), Number(tb, f[4])})
	}
	return all
}

// OnlineRetail returns each customer's purchases, line by line, in the order in which the customers first bought; without cancellations and returns.
func OnlineRetail(tb testing.TB) [][]Purchase {
	tb.Helper()
	index, all := map[string]int{}, [][]Purchase{}
	for _, r := range Rows(tb, "online_retail/online_retail_dev.csv", ',') {
		quantity, price := Number(tb, r["Quantity"]), Number(tb, r["UnitPrice"])
		if r["CustomerID"] == "" || strings.HasPrefix(r["InvoiceNo"], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		i, known := index[r["CustomerID"]]
		if !known {
			i = len(all)
			index[r["CustomerID"]], all = i, append(all, nil)
		}
		all[i] = append(all[i], Purchase{instant(tb, time.DateTime, r["InvoiceDate"]), quantity * price})
	}
	return all
}

func instant(tb testing.TB, layout, text string) time.Time {
	tb.Helper()
	at, err := time.Parse(layout, text)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}
