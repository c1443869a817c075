package names_test

import (
	"encoding/csv"
	"os"
	"testing"

	"lingke/internal/customer/names"
)

// pair is one line of testdata/pairs.csv: two names, whether they are of one company by the rules of registration and of what people leave
// out, and why. The names are made up, or public ones.
type pair struct{ part, label, a, b, reason string }

func pairs(t testing.TB) []pair {
	t.Helper()
	f, err := os.Open("testdata/pairs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []pair
	for _, l := range lines[1:] {
		all = append(all, pair{l[0], l[1], l[2], l[3], l[4]})
	}
	return all
}

// tally counts grades against labels.
type tally struct{ asked, askedRight, same, sameRight, truth int }

func (c *tally) add(p pair, g names.Grade) {
	right := p.label == "same"
	if right {
		c.truth++
	}
	if g >= names.Likely {
		c.asked++
		if right {
			c.askedRight++
		}
	}
	if g == names.Same {
		c.same++
		if right {
			c.sameRight++
		}
	}
}

// TestNamesAgreeWithTheLabelledPairs measures the rule on the pairs that it was made with and on those held out: nothing was changed after it had first
// seen the latter. A question is asked for Same and Likely alike, so that is what precision and recall are about; Same alone must be all but always right.
func TestNamesAgreeWithTheLabelledPairs(t *testing.T) {
	t.Parallel()
	counts := map[string]*tally{"tune": {}, "hold": {}}
	total := 0
	for _, p := range pairs(t) {
		total++
		g := names.Compare(names.Parse(p.a), names.Parse(p.b))
		counts[p.part].add(p, g)
		if (g >= names.Likely) != (p.label == "same") {
			t.Logf("%s: %s, %s: %s, but %s (%s)", p.part, p.a, p.b, g, p.label, p.reason)
		}
	}
	if total < 500 {
		t.Errorf("only %d pairs", total)
	}
	for part, floor := range map[string]struct{ precision, recall, same float64 }{"tune": {0.95, 0.95, 0.99}, "hold": {0.93, 0.88, 0.98}} {
		c := counts[part]
		precision, recall := float64(c.askedRight)/float64(c.asked), float64(c.askedRight)/float64(c.truth)
		same := float64(c.sameRight) / float64(c.same)
		t.Logf("%s: precision %.3f (%d of %d), recall %.3f (of %d); same alone: precision %.3f (%d of %d)", part, precision, c.askedRight, c.asked, recall, c.truth, same, c.sameRight, c.same)
		if precision < floor.precision || recall < floor.recall || same < floor.same {
			t.Errorf("%s falls below its floor %+v", part, floor)
		}
	}
}
