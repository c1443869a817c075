package peers

import (
	"math/rand/v2"
	"sync"
	"testing"

	"lingke/scoring"
)

const million = 1_000_000

// store are the same customers as rows and as columns.
type store struct {
	rows    []Row
	model   *scoring.Model
	columns *scoring.Columns
	scores  []int32
}

var loaded = sync.OnceValue(func() *store {
	g := rand.New(rand.NewPCG(1, 2))
	m, err := model(false)
	if err != nil {
		panic(err) // the rules are constant
	}
	s := &store{make([]Row, million), m, m.Schema().NewColumns(million), make([]int32, million)}
	f := m.Schema().NewFacts()
	for i := range s.rows {
		s.rows[i] = draw(g)
		s.rows[i].facts(f)
		s.columns.Set(i, f)
	}
	return s
})

// rank finds the cut-offs of the best 5, 20 and 80 % and gives every customer its tier.
func rank(b testing.TB, scores []int32, tiers []uint8) {
	h := scoring.NewHistogram()
	h.Add(scores...)
	s, err := h.Cuts("rank", scoring.Ranks(), "D", "")
	if err != nil {
		b.Fatal(err)
	}
	s.Tiers32(scores, tiers)
}

// perCustomer reports what one customer took, by the clock and of the processors.
func perCustomer(b *testing.B) (report func()) {
	before := cpuTime(b)
	return func() {
		n := float64(b.N) * million
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/customer")
		b.ReportMetric(float64((cpuTime(b)-before).Nanoseconds())/n, "cpu-ns/customer")
	}
}

// The native loop scores only; Lingke's, on one core, also finds the rank cut-offs and each customer's tier.
func BenchmarkScoreBatch(b *testing.B) {
	s := loaded()
	m := s.model
	tiers := make([]uint8, million)
	b.Run("native", func(b *testing.B) {
		measure := perCustomer(b)
		for b.Loop() {
			for i := range s.rows {
				s.scores[i] = int32(native(&s.rows[i]))
			}
		}
		measure()
	})
	b.Run("native-and-rank", func(b *testing.B) {
		measure := perCustomer(b)
		for b.Loop() {
			for i := range s.rows {
				s.scores[i] = int32(native(&s.rows[i]))
			}
			rank(b, s.scores, tiers)
		}
		measure()
	})
	b.Run("lingke-score", func(b *testing.B) {
		measure := perCustomer(b)
		for b.Loop() {
			m.Totals(s.columns, 0, noon.UnixMilli(), s.scores)
		}
		measure()
	})
	b.Run("lingke", func(b *testing.B) {
		measure := perCustomer(b)
		for b.Loop() {
			m.Totals(s.columns, 0, noon.UnixMilli(), s.scores)
			rank(b, s.scores, tiers)
		}
		measure()
	})
	b.Run("lingke-two-cores", func(b *testing.B) {
		measure := perCustomer(b)
		for b.Loop() {
			var both sync.WaitGroup
			for half := range 2 {
				both.Go(func() {
					first := half * million / 2
					m.Totals(s.columns, first, noon.UnixMilli(), s.scores[first:first+million/2])
				})
			}
			both.Wait()
			rank(b, s.scores, tiers)
		}
		measure()
	})
}

func TestBatchGivesTheTotalsOfTheHandWrittenLoop(t *testing.T) {
	s := loaded()
	s.model.Totals(s.columns, 0, noon.UnixMilli(), s.scores)
	for i := range s.rows {
		if want := native(&s.rows[i]); int64(s.scores[i]) != want {
			t.Fatalf("customer %d: %d, want %d", i, s.scores[i], want)
		}
	}
}
