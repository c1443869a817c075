package scoring

import (
	"testing"
)

const unbounded = `name: open
floor: -50
dimensions:
  - id: d
    rules:
      - {id: up, when: nps > 5, add: 30}
      - {id: down, when: complaints_90d > 0, add: -40}
      - {id: far, when: complaints_90d > 3, add: -30}
`

// A model may say that its total goes below 0; single customers, columns, explanations and ranks then agree on it.
func TestATotalGoesDownToTheFloor(t *testing.T) {
	t.Parallel()
	m := parse(t, unbounded)
	facts, wants := []*Facts{}, []float64{}
	for _, c := range []struct{ nps, complaints, want float64 }{{9, 0, 30}, {9, 1, -10}, {1, 1, -40}, {1, 5, -50}, {1, 0, 0}} {
		f := m.Schema().NewFacts()
		f.SetNumber("nps", c.nps, "", noon)
		f.SetNumber("complaints_90d", c.complaints, "", noon)
		facts, wants = append(facts, f), append(wants, c.want)
	}
	columns, scores := m.Schema().NewColumns(len(facts)), make([]int32, len(facts))
	for i, f := range facts {
		columns.Set(i, f)
	}
	m.Totals(columns, 0, noon.UnixMilli(), scores)
	h := NewHistogram()
	h.Add(scores...)
	for i, f := range facts {
		r, sum := m.Score(f, noon), 0.0
		for _, c := range r.Contributions {
			sum += c.Points
		}
		if got := m.Total(f, noon); got != wants[i] || r.Total != got || sum != got || points(int64(scores[i])) != got {
			t.Errorf("customer %d: %v, explained as %v made of %v, in a batch %d; want %v", i, got, r.Total, sum, scores[i], wants[i])
		}
	}
	s, err := h.Cuts("rank", []RankCut{{"A", "", 0.2}, {"B", "", 0.6}, {"C", "", 0.8}}, "D", "")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"A", "B", "C", "D", "B"} {
		if got := s.Tier(wants[i]); got != want {
			t.Errorf("%v is %s, want %s of %+v", wants[i], got, want, s.Cuts)
		}
	}
}

func TestAFloorAboveZeroIsRefused(t *testing.T) {
	t.Parallel()
	_, err := ParseModel("m.yaml", []byte("name: x\nfloor: 5\ndimensions:\n  - {id: d, rules: [{id: r, when: nps > 1, add: 1}]}\n"), BuiltIn())
	if err == nil || err.Error() != "m.yaml:2:8: floor is the least total, at most 0" {
		t.Errorf("error %v", err)
	}
}
