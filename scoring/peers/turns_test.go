package peers

import (
	"slices"
	"testing"
	"time"

	"lingke/scoring"
)

// BenchmarkScoreOneInTurns lets the hand-written function and Lingke score the same customers in turns of a fraction of a millisecond, so that whatever
// else the machine does meets both alike. The times are medians of the turns, x-native is the median of the ratios of neighbouring turns.
func BenchmarkScoreOneInTurns(b *testing.B) {
	rows, order := customers(many), visits()
	b.Run("narrow", func(b *testing.B) { inTurns(b, false, rows, order) })
	b.Run("all-fields", func(b *testing.B) { inTurns(b, true, rows, order) })
	// The same order each time: the processor learns how each of native's branches goes, which no stream of customers would let it.
	again := slices.Repeat(order[:many], len(order)/many)
	b.Run("narrow-learned", func(b *testing.B) { inTurns(b, false, rows, again) })
}

func inTurns(b *testing.B, wide bool, rows []Row, order []uint16) {
	m, err := model(wide)
	if err != nil {
		b.Fatal(err)
	}
	all := factsOf(m, rows)
	var byHand, compiled, ratio []float64
	for first := 0; b.Loop(); first = (first + many) % len(order) {
		turn := order[first : first+many]
		want, h := timed(func() int64 { return sumNative(rows, turn) })
		got, l := timed(func() int64 { return sumLingke(m, all, turn) })
		if got != want {
			b.Fatalf("totals add up to %d, by hand %d", got, want)
		}
		byHand, compiled, ratio = append(byHand, h), append(compiled, l), append(ratio, l/h)
	}
	b.ReportMetric(median(byHand)/many, "native-ns/customer")
	b.ReportMetric(median(compiled)/many, "lingke-ns/customer")
	b.ReportMetric(median(ratio), "x-native")
}

func sumNative(rows []Row, order []uint16) (sum int64) {
	for _, i := range order {
		sum += native(&rows[i])
	}
	return sum
}

func sumLingke(m *scoring.Model, all []*scoring.Facts, order []uint16) (sum int64) {
	for _, i := range order {
		sum += int64(m.Total(all[i], noon)*1000 + 0.5)
	}
	return sum
}

func timed(do func() int64) (result int64, ns float64) {
	began := time.Now()
	result = do()
	return result, float64(time.Since(began).Nanoseconds())
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
