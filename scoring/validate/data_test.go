package validate

import (
	"encoding/json"
	"math"
	"testing"

	"lingke/internal/testdata"
)

// table reads a file of separated values with a header, by column.
func table(t testing.TB, name string, comma rune) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, row := range testdata.Rows(t, name, comma) {
		for column, value := range row {
			out[column] = append(out[column], value)
		}
	}
	return out
}

// reference reads figures of a JSON file by their path.
func reference(t testing.TB, name string) func(path ...string) float64 {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(testdata.Read(t, name), &all); err != nil {
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

func numbers(t testing.TB, texts []string) []float64 {
	t.Helper()
	out := make([]float64, len(texts))
	for i, text := range texts {
		out[i] = math.NaN()
		if text != "" && text != "Select" {
			out[i] = testdata.Number(t, text)
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
