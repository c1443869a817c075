package scoring

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Scheme turns a total into a tier by cut-offs. The first cut that holds wins, so they stand from the best tier down.
type Scheme struct {
	Name      string
	Cuts      []Cut
	Else      string // the tier of all others
	ElseTitle string // its Chinese name
	// English are names of tiers in English. One without is called by itself.
	English map[string]string
}

// Cut is one cut-off; exactly one of Above, AtLeast and When is set.
type Cut struct {
	Tier    string
	Title   string   // the tier's Chinese name
	Above   *float64 // the total must be greater: the edge itself belongs to the next tier
	AtLeast *float64 // the total must be greater or equal
	// Enter, if set, is a total that is enough to enter the tier from below, however wide a Policy's entry band is. Cuts by rank have one.
	Enter *float64
	// When decides among those who reach no cut-off, by their facts instead of the total; such cuts stand behind the others. Without facts it
	// never holds.
	When *Condition
}

// Points returns the shipped scheme (requirements 000-R30 to R32): above 80 is A 高价值, above 50 is B 重点, the rest C 培育.
// Exactly 80 is B and exactly 50 is C.
func Points() Scheme {
	high, middle := 80.0, 50.0
	return Scheme{
		Name: "points",
		Cuts: []Cut{{Tier: "A", Title: "高价值", Above: &high}, {Tier: "B", Title: "重点", Above: &middle}},
		Else: "C", ElseTitle: "培育",
	}
}

// Money returns the shipped scheme over a year's orders in yuan (requirements 004-R19): 10,000 and more is high, 5,000 and more is
// medium, the rest low. Exactly 10,000 is high and exactly 5,000 is medium.
func Money() Scheme {
	high, medium := 10000.0, 5000.0
	return Scheme{
		Name: "money",
		Cuts: []Cut{{Tier: "high", Title: "高", AtLeast: &high}, {Tier: "medium", Title: "中", AtLeast: &medium}},
		Else: "low", ElseTitle: "低",
	}
}

// Ranks returns the shipped shares (requirements 002-R19 to R23): A is the best 5 %, B down to 20 %, C down to 80 %, D the
// rest. Histogram.Cuts turns them into a scheme.
func Ranks() []RankCut {
	return []RankCut{{"A", "战略", 0.05}, {"B", "高价值", 0.2}, {"C", "成长", 0.8}}
}

// Tier returns the tier of a total; a NaN gets Else.
func (s Scheme) Tier(total float64) string {
	for _, c := range s.Cuts {
		if c.holds(total) {
			return c.Tier
		}
	}
	return s.Else
}

func (c Cut) holds(total float64) bool {
	if c.Above != nil {
		return total > *c.Above
	}
	return c.AtLeast != nil && total >= *c.AtLeast
}

// Title returns the Chinese name of a tier; the tier itself where there is none.
func (s Scheme) Title(tier string) string {
	title := ""
	if tier == s.Else {
		title = s.ElseTitle
	}
	for _, c := range s.Cuts {
		if c.Tier == tier {
			title = c.Title
		}
	}
	if title == "" {
		return tier
	}
	return title
}

// TitleEN returns the English name of a tier; the tier itself where there is none.
func (s Scheme) TitleEN(tier string) string { return cmp.Or(s.English[tier], tier) }

// Tiers lists the tiers from the best down.
func (s Scheme) Tiers() []string {
	out := make([]string, 0, len(s.Cuts)+1)
	for _, c := range s.Cuts {
		out = append(out, c.Tier)
	}
	return append(out, s.Else)
}

// Validate reports what makes the scheme meaningless: a tier without a name or named twice, a cut without exactly one
// cut-off, cuts that do not go downwards.
func (s Scheme) Validate() error {
	var errs []error
	seen := map[string]bool{}
	for _, tier := range s.Tiers() {
		if tier == "" || seen[tier] {
			errs = append(errs, fmt.Errorf("scheme %q: tier %q is empty or there twice", s.Name, tier))
		}
		seen[tier] = true
	}
	for i, c := range s.Cuts {
		if one(c.Above != nil)+one(c.AtLeast != nil)+one(c.When != nil) != 1 || c.edge() != c.edge() {
			errs = append(errs, fmt.Errorf("scheme %q: tier %q needs either above or at least, or a condition", s.Name, c.Tier))
		} else if i > 0 && !s.Cuts[i-1].higher(c) {
			errs = append(errs, fmt.Errorf("scheme %q: tier %q can never be reached behind %q", s.Name, c.Tier, s.Cuts[i-1].Tier))
		}
	}
	return errors.Join(errs...)
}

func (c Cut) edge() float64 {
	switch {
	case c.Above != nil:
		return *c.Above
	case c.AtLeast != nil:
		return *c.AtLeast
	}
	return 0
}

// higher reports whether c leaves something for next: "above 80" leaves "at least 80".
func (c Cut) higher(next Cut) bool {
	if c.When != nil || next.When != nil {
		return next.When != nil
	}
	return c.edge() > next.edge() || c.edge() == next.edge() && c.Above != nil && next.AtLeast != nil
}

// of returns the scheme for one customer, with a cut-off in place of each condition: one that everybody reaches where it holds, and one that
// nobody reaches where it does not.
func (s Scheme) of(f *Facts, total float64) Scheme {
	own := slices.IndexFunc(s.Cuts, func(c Cut) bool { return c.When != nil })
	if own < 0 {
		return s
	}
	s.Cuts = slices.Clone(s.Cuts)
	for i := own; i < len(s.Cuts); i++ {
		c := &s.Cuts[i]
		if c.When != nil && c.When.Match(f, total, "") {
			c.AtLeast = &everybody
		}
		c.When = nil
	}
	return s
}

// everybody is an edge below every total, whatever the band.
var everybody = -math.MaxFloat64 / 2

// Tiers32 puts the place of each score's tier, counted from the best down as in Tiers, into places, which must be as long.
// Scores are whole thousandths, as Totals gives them; a scheme has at most 255 tiers.
func (s Scheme) Tiers32(scores []int32, places []uint8) {
	places = places[:len(scores)]
	for i := 0; i < max(len(s.Cuts), 1); i += 3 {
		edges := [3]int32{math.MaxInt32, math.MaxInt32, math.MaxInt32}
		for k, c := range s.Cuts[i:min(i+3, len(s.Cuts))] {
			edges[k] = c.lowest()
		}
		if i == 0 {
			firstEdges(places, scores, edges, uint8(len(s.Cuts)))
		} else {
			furtherEdges(places, scores, edges)
		}
	}
}

// firstEdges takes one from the last place for each edge that a score reaches. Cuts go downwards, so a score that reaches one
// reaches all that follow.
func firstEdges(places []uint8, scores []int32, edges [3]int32, last uint8) {
	a, b, c := edges[0], edges[1], edges[2]
	places = places[:len(scores)]
	for i, score := range scores {
		places[i] = last - uint8(one(score >= a)+one(score >= b)+one(score >= c))
	}
}

func furtherEdges(places []uint8, scores []int32, edges [3]int32) {
	a, b, c := edges[0], edges[1], edges[2]
	places = places[:len(scores)]
	for i, score := range scores {
		places[i] -= uint8(one(score >= a) + one(score >= b) + one(score >= c))
	}
}

// lowest is the lowest score, in thousandths, for which the cut holds.
func (c Cut) lowest() int32 {
	switch {
	case c.Above != nil:
		return int32(min(math.Floor(*c.Above*1000+1e-6)+1, math.MaxInt32))
	case c.AtLeast != nil:
		return int32(min(math.Ceil(*c.AtLeast*1000-1e-6), math.MaxInt32))
	}
	return math.MaxInt32
}
