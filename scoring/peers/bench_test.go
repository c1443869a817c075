package peers

import (
	"math/rand/v2"
	"testing"

	"lingke/scoring"
)

func newModel(b testing.TB) *scoring.Model {
	m, err := model(false)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// lane is one engine, ready to score the i-th of the customers.
type lane struct {
	name  string
	total func(i int) (int64, error)
}

func lanes(b testing.TB, rows []Row) []lane {
	m := newModel(b)
	all := factsOf(m, rows)
	var envs []map[string]any
	for i := range rows {
		envs = append(envs, rows[i].fields())
	}
	x, errX := newExpr(envs[0])
	c, errC := newCEL(envs[0])
	g, errG := newGrule()
	for _, err := range []error{errX, errC, errG} {
		if err != nil {
			b.Fatal(err)
		}
	}
	return []lane{
		{"native", func(i int) (int64, error) { return native(&rows[i]), nil }},
		{"lingke", func(i int) (int64, error) { return int64(m.Total(all[i], noon)*1000 + 0.5), nil }},
		{"expr", func(i int) (int64, error) { return x.total(envs[i]) }},
		{"cel", func(i int) (int64, error) { return c.total(envs[i]) }},
		{"grule", func(i int) (int64, error) { return g.total(&rows[i]) }},
	}
}

func TestAllEnginesGiveTheSameTotals(t *testing.T) {
	rows := customers(many)
	for _, engine := range lanes(t, rows) {
		for i := range rows {
			got, err := engine.total(i)
			if want := native(&rows[i]); err != nil || got != want {
				t.Fatalf("%s, customer %d: %d, %v, want %d", engine.name, i, got, err, want)
			}
		}
	}
}

// many customers are visited in an order that is drawn, a million visits long. PERFORMANCE.md's floor cycles as many different ones so that branches cannot
// be predicted; a processor that remembers more learns a short cycle by heart, and then measures what no stream of customers would let it.
const many = 4096

func visits() []uint16 {
	g := rand.New(rand.NewPCG(3, 4))
	out := make([]uint16, 1<<20)
	for i := range out {
		out[i] = uint16(g.IntN(many))
	}
	return out
}

func BenchmarkScoreOne(b *testing.B) {
	rows, order := customers(many), visits()
	next := len(order) - 1
	// The two that take some 50 ns are called without a detour, which would cost both as much as some rules.
	b.Run("native", func(b *testing.B) {
		b.ReportAllocs()
		var sink int64
		for i := range b.N {
			sink += native(&rows[order[i&next]])
		}
		keep = sink
	})
	b.Run("lingke", func(b *testing.B) { benchmarkLingke(b, newModel(b), rows, order) })
	wide, err := model(true)
	if err != nil {
		b.Fatal(err)
	}
	// Facts with all built-in fields, most of them missing, take five times the memory of a Row.
	b.Run("lingke-all-fields", func(b *testing.B) { benchmarkLingke(b, wide, rows, order) })
	for _, engine := range lanes(b, rows)[2:] {
		b.Run(engine.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				got, err := engine.total(int(order[i&next]))
				if err != nil {
					b.Fatal(err)
				}
				keep += got
			}
		})
	}
}

func benchmarkLingke(b *testing.B, m *scoring.Model, rows []Row, order []uint16) {
	all := factsOf(m, rows)
	next := len(order) - 1
	b.ReportAllocs()
	b.ResetTimer()
	sink := 0.0
	for i := range b.N {
		sink += m.Total(all[order[i&next]], noon)
	}
	keep = int64(sink)
}

func factsOf(m *scoring.Model, rows []Row) []*scoring.Facts {
	all := make([]*scoring.Facts, len(rows))
	for i := range all {
		all[i] = m.Schema().NewFacts()
		rows[i].facts(all[i])
	}
	return all
}

var keep int64
