package scoring

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
)

// checkModelAgainstExpr puts random conditions into a model and holds all ways of scoring (tables, closures, columns, explanation)
// to what expr's own machine says.
func checkModelAgainstExpr(t *testing.T, seed uint64) {
	g := gen{rand.New(rand.NewPCG(seed, 7))}
	s := custom(t)
	var text strings.Builder
	text.WriteString("name: m\ncap: 10000\ndimensions:\n  - id: d\n    rules:\n      - {id: base, when: 'true', add: 1000}\n")
	var conditions []string
	for len(conditions) < 6 {
		when := g.flag(g.IntN(4))
		if _, err := ParseCondition(when, s); err != nil { // too large for one expression
			continue
		}
		fmt.Fprintf(&text, "      - {id: r%d, when: '%s', add: %d}\n", len(conditions), when, ruleAdd(len(conditions)))
		conditions = append(conditions, when)
	}
	m, err := ParseModel("m.yaml", []byte(text.String()), s)
	if err != nil && strings.Contains(err.Error(), "bytes, at most") {
		return
	}
	if err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	const rows = 9
	columns, all, want := s.NewColumns(rows), make([]*Facts, rows), make([]float64, rows)
	for i := range all {
		f, env := g.complete(s)
		want[i] = exprModel(t, conditions, env)
		all[i] = f
		columns.Set(i, f)
	}
	out := make([]int32, rows)
	m.Totals(columns, 0, noon.UnixMilli(), out)
	for i, f := range all {
		if single, told := m.Total(f, noon), m.Score(f, noon).Sum(); single != want[i] || told != want[i] || points(int64(out[i])) != want[i] {
			stored, _ := f.MarshalJSON()
			t.Fatalf("expr says %v, Total %v, Score %v, Totals %v\n%s\n%s", want[i], single, told, out[i], stored, text.String())
		}
	}
}

// ruleAdd gives each rule points of its own, some negative, so that no two sums are mistaken for each other.
func ruleAdd(i int) int { return (1 << i) * (1 - 2*(i%2)) }

func exprModel(t *testing.T, conditions []string, env map[string]any) float64 {
	total := 1000
	for i, when := range conditions {
		v, err := expr.Eval(when, env)
		if err != nil {
			t.Fatalf("expr fails on %s: %v", when, err)
		}
		if v.(bool) {
			total += ruleAdd(i)
		}
	}
	return float64(total)
}

func TestCompiledModelsAgreeWithExpr(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		checkModelAgainstExpr(t, seed)
	}
}

func FuzzModelAgainstExpr(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(checkModelAgainstExpr)
}

func FuzzParseFields(f *testing.F) {
	f.Add([]byte("fields:\n  - {id: stores, name: 门店数, english: shops, kind: number, unit: 家, days: 30, from: profile}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		fields, err := ParseFields("f.yaml", text)
		if err != nil && !strings.HasPrefix(err.Error(), "f.yaml:") {
			t.Errorf("error without a place: %v", err)
		}
		if err == nil && len(fields) < 100 {
			if _, err := BuiltIn().Extend(fields...); err != nil {
				t.Errorf("fields that were read are refused: %v", err)
			}
		}
	})
}
