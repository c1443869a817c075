package validate

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"lingke/internal/testdata"
)

// open opens a data file, or skips the test.
func open(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(testdata.File(t, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// table reads a file of separated values with a header, by column.
func table(t testing.TB, name string, comma rune) map[string][]string {
	t.Helper()
	r := csv.NewReader(open(t, name))
	r.Comma = comma
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows[0][0] = strings.TrimPrefix(rows[0][0], "\ufeff")
	out := map[string][]string{}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			out[name] = append(out[name], row[i])
		}
	}
	return out
}

// reference reads figures of a JSON file by their path.
func reference(t testing.TB, name string) func(path ...string) float64 {
	t.Helper()
	var all map[string]any
	if err := json.NewDecoder(open(t, name)).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return func(path ...string) float64 {
		t.Helper()
		at := any(all)
		for _, p := range path {
			m, _ := at.(map[string]any)
			at = m[p]
		}
		v, ok := at.(float64)
		if !ok {
			t.Fatalf("%s has no number at %v", name, path)
		}
		return v
	}
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func numbers(t testing.TB, texts []string) []float64 {
	t.Helper()
	out := make([]float64, len(texts))
	for i, text := range texts {
		out[i] = math.NaN()
		if text != "" && text != "Select" {
			out[i] = number(t, text)
		}
	}
	return out
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, within)
	}
}
