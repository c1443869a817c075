package lifetime

import (
	"testing"
	"time"

	"lingke/internal/testdata"
)

func cdnow(t testing.TB) [][]Purchase {
	t.Helper()
	return purchases(testdata.CDNOW(t))
}

func onlineRetail(t testing.TB) [][]Purchase {
	t.Helper()
	return purchases(testdata.OnlineRetail(t))
}

func purchases(data [][]testdata.Purchase) [][]Purchase {
	out := make([][]Purchase, len(data))
	for i, of := range data {
		for _, p := range of {
			out[i] = append(out[i], Purchase(p))
		}
	}
	return out
}

func histories(t testing.TB, all [][]Purchase, until time.Time) []History {
	t.Helper()
	var out []History
	for _, p := range all {
		if h, ok := Summarise(p, until); ok {
			out = append(out, h)
		}
	}
	return out
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
