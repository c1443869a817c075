package risk

import (
	"testing"
	"time"

	"lingke/internal/testdata"
)

// cdnow returns each customer's purchase times.
func cdnow(t testing.TB) [][]time.Time {
	t.Helper()
	return times(testdata.CDNOW(t))
}

// onlineRetail returns each customer's purchase times.
func onlineRetail(t testing.TB) [][]time.Time {
	t.Helper()
	return times(testdata.OnlineRetail(t))
}

func times(data [][]testdata.Purchase) [][]time.Time {
	out := make([][]time.Time, len(data))
	for i, of := range data {
		for _, p := range of {
			out[i] = append(out[i], p.At)
		}
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
