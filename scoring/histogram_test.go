package scoring

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func sizes(s Scheme, scores []int32) []int {
	out, tiers := make([]int, len(s.Cuts)+1), s.Tiers()
	for _, score := range scores {
		out[slices.Index(tiers, s.Tier(points(int64(score))))]++
	}
	return out
}

func cutsOf(t interface {
	Helper()
	Fatal(...any)
}, scores []int32,
) Scheme {
	t.Helper()
	h := NewHistogram()
	h.Add(scores...)
	s, err := h.Cuts("rank", Ranks(), "D", "普通")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRankCutsOfFewCustomers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		scores []int32
		want   []int
	}{
		{"nobody", nil, []int{0, 0, 0, 0}},
		{"one customer is the best", []int32{500}, []int{1, 0, 0, 0}},
		{"one customer without points, too", []int32{0}, []int{1, 0, 0, 0}},
		{"five customers", []int32{10, 20, 30, 40, 50}, []int{1, 0, 3, 1}},
		{"five that are all the same share the best tier", []int32{7, 7, 7, 7, 7}, []int{5, 0, 0, 0}},
		{"two at the top of five", []int32{50, 50, 30, 20, 10}, []int{2, 0, 2, 1}},
		{"twenty", []int32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, []int{1, 3, 12, 4}},
		{"a tie at the edge of B that is nearer outside", []int32{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 17, 17, 17}, []int{1, 2, 13, 4}},
		{"a tie at the edge of B that is nearer inside", []int32{20, 18, 18, 18, 18, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, []int{1, 4, 11, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := sizes(cutsOf(t, c.scores), c.scores); !slices.Equal(got, c.want) {
				t.Errorf("sizes %v, want %v", got, c.want)
			}
		})
	}
}

// 30 % of 10,000 customers share their score with another one: every tier is right to one customer.
func TestTierSizesAreRightToOneWithTies(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		scores := make([]int32, 10000)
		for i, s := range g.Perm(100001)[:len(scores)] {
			scores[i] = int32(s)
		}
		for i := range 1500 {
			scores[9999-i] = scores[i]
		}
		for i, want := range []int{500, 1500, 6000, 2000} {
			if got := sizes(cutsOf(t, scores), scores)[i]; got < want-1 || got > want+1 {
				t.Fatalf("tier %d has %d customers, want %d ± 1", i, got, want)
			}
		}
	}
}

// bySorting is the same rule over all scores in memory.
func bySorting(scores []int32, top float64) int {
	sorted := slices.Clone(scores)
	slices.SortFunc(sorted, func(a, b int32) int { return cmp.Compare(b, a) })
	want := max(int(float64(len(sorted))*top+0.5), 1)
	edge, from, to := sorted[want-1], want-1, want
	for ; from > 0 && sorted[from-1] == edge; from-- {
	}
	for ; to < len(sorted) && sorted[to] == edge; to++ {
	}
	if to-want <= want-from || from == 0 {
		return to
	}
	return from
}

// TestATieIsNeverPartedAndNoShareIsPassedByMoreThanIt is the stated rule, for any scores: what is tied stays together, a share is missed by at most
// half of the tie at its edge (by all of it only where the tie is the very first), and not at all without a tie there.
func TestATieIsNeverPartedAndNoShareIsPassedByMoreThanIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Int32Range(0, rapid.Int32Range(1, 500).Draw(t, "different")), 1, 400).Draw(t, "scores")
		tied := map[int32]int{}
		for _, s := range scores {
			tied[s]++
		}
		s := cutsOf(t, scores)
		got, sum := sizes(s, scores), 0
		slices.SortFunc(scores, func(a, b int32) int { return cmp.Compare(b, a) })
		for i, r := range Ranks() {
			sum += got[i]
			want := max(int(float64(len(scores))*r.Top+0.5), 1)
			tie, off := tied[scores[want-1]], sum-want
			if off >= tie || 2*max(off, -off) > tie && sum != tied[scores[0]] {
				t.Fatalf("down to %s: %d, want %d, %d are tied at the edge", r.Tier, sum, want, tie)
			}
			if sum < len(scores) && scores[sum-1] == scores[sum] {
				t.Fatalf("down to %s: a tie of %d is parted", r.Tier, tie)
			}
		}
	})
}

// Scores of whole points, as hand-made scorecards give them: hundreds share each, and the sizes are as near as they can be without parting one.
func TestTierSizesWithLargeTies(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(9, 1))
	scores := make([]int32, 10000)
	for i := range scores {
		scores[i] = int32(min(max(45+18*g.NormFloat64(), 0), 100)) * 1000
		if i >= 7000 {
			scores[i] += int32(i - 7000) // only seven in ten are tied
		}
	}
	sum := 0
	for i, n := range sizes(cutsOf(t, scores), scores)[:3] {
		sum += n
		want := []int{500, 2000, 8000}[i]
		if sum != bySorting(scores, Ranks()[i].Top) || sum < want-150 || sum > want+150 {
			t.Errorf("down to the %d. tier %d, want about %d", i+1, sum, want)
		}
	}
}

func TestHistogramCutsAreThoseOfSorting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Int32Range(0, 60), 1, 300).Draw(t, "scores")
		split := rapid.IntRange(0, len(scores)).Draw(t, "split")
		h, part := NewHistogram(), NewHistogram()
		h.Add(scores[:split]...)
		part.Add(scores[split:]...)
		h.Merge(part)
		s, err := h.Cuts("rank", Ranks(), "D", "")
		if err != nil {
			t.Fatal(err)
		}
		got, sum := sizes(s, scores), 0
		for i, r := range Ranks() {
			sum += got[i]
			if want := bySorting(scores, r.Top); sum != want {
				t.Fatalf("the best %v are %d, by sorting %d", r.Top, sum, want)
			}
		}
	})
}

func TestCutsRefuseSharesThatMeanNothing(t *testing.T) {
	t.Parallel()
	for _, ranks := range [][]RankCut{{{"A", "", 0}}, {{"A", "", 1.1}}, {{"A", "", 0.5}, {"B", "", 0.5}}} {
		if _, err := NewHistogram().Cuts("r", ranks, "D", ""); !errors.Is(err, ErrRankCuts) {
			t.Errorf("Cuts(%v) = %v", ranks, err)
		}
	}
}

func TestTiersOfManyScoresAreThoseOfEach(t *testing.T) {
	t.Parallel()
	five := Scheme{Name: "five", Else: "F"}
	for i, edge := range []float64{90, 70.5, 50, 30.001, 10} {
		cut := Cut{Tier: string(rune('A' + i))}
		if i%2 == 0 {
			cut.Above = &edge
		} else {
			cut.AtLeast = &edge
		}
		five.Cuts = append(five.Cuts, cut)
	}
	never := Scheme{Name: "never", Cuts: []Cut{{Tier: "A"}, {Tier: "B", AtLeast: five.Cuts[2].Above}}, Else: "C"}
	scores := make([]int32, 0, 100001)
	for s := range int32(100001) {
		scores = append(scores, s)
	}
	places := make([]uint8, len(scores))
	for _, s := range []Scheme{Points(), Money(), five, never, {Name: "none", Else: "X"}} {
		s.Tiers32(scores, places)
		for i, score := range scores {
			if want := s.Tier(points(int64(score))); s.Tiers()[places[i]] != want {
				t.Fatalf("%s: %d is %s, want %s", s.Name, score, s.Tiers()[places[i]], want)
			}
		}
	}
}
