package scoring

import (
	"fmt"
	"sync"
	"testing"
)

// Texts that nobody has seen before arrive while others score.
func TestScoringAndSettingNewTextsAtTheSameTime(t *testing.T) {
	t.Parallel()
	m := parse(t, shapes)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			columns, out := BuiltIn().NewColumns(200), make([]int32, 200)
			totals := make([]float64, 200)
			for i := range 200 {
				f := facts(t, map[string]any{"region": fmt.Sprintf("华东 %d", i), "contact_role": fmt.Sprintf("总 %d-%d", worker, i), "nps": i % 11})
				totals[i] = m.Total(f, noon)
				if want := m.Score(f, noon).Sum(); totals[i] != want {
					t.Errorf("total %v, explained %v", totals[i], want)
				}
				columns.Set(i, f)
			}
			m.Totals(columns, 0, noon.UnixMilli(), out)
			for i := range out {
				if points(int64(out[i])) != totals[i] {
					t.Errorf("row %d: %v, alone %v", i, out[i], totals[i])
				}
			}
		})
	}
	all.Wait()
}

// A dictionary that is full gives no more codes; what it cannot take is compared as text.
func TestAFullDictionaryChangesNothing(t *testing.T) {
	t.Parallel()
	s, err := BuiltIn().Only(parse(t, shapes).Fields()...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxTexts + 10 {
		s.texts.intern(fmt.Sprint("text ", i))
	}
	m, err := ParseModel("m.yaml", []byte(shapes), s)
	if err != nil {
		t.Fatal(err)
	}
	want := parse(t, shapes)
	columns, out := s.NewColumns(1), make([]int32, 1)
	for _, region := range []string{"华东", "江苏", "text 7", "nowhere", ""} {
		f := facts(t, map[string]any{"region": region, "contact_role": "副总", "nps": 5})
		columns.Set(0, f)
		m.Totals(columns, 0, noon.UnixMilli(), out)
		if got := m.Total(f, noon); got != want.Total(f, noon) || points(int64(out[0])) != got {
			t.Errorf("%s: %v and %v, want %v", region, got, out[0], want.Total(f, noon))
		}
	}
}
