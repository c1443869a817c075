package scoring

import (
	"errors"
	"fmt"
	"math"
)

// Histogram counts scores by their whole thousandths, exactly: any number of them in memory that depends only on how
// many different scores there can be (8 bytes each, in pages that are made when a score falls into them). Parts of a store
// can be counted apart, by several goroutines or replicas, and added up.
//
// A Histogram is not safe for concurrent use.
type Histogram struct {
	pages  [][]int64
	total  int64
	recent *[nearBuckets]uint32 // the scores that are common, counted in a small table before they go to the pages
	fresh  int64                // how many are in recent
}

const (
	pageBits    = 12
	maxBuckets  = 2*maxPoints*1000 + 1
	zeroBucket  = maxPoints * 1000 // that of a score of 0; those below are of models without a floor
	nearBuckets = 1 << 17          // scores up to 131 points
)

// NewHistogram returns an empty one.
func NewHistogram() *Histogram {
	return &Histogram{pages: make([][]int64, maxBuckets>>pageBits+1), recent: new([nearBuckets]uint32)}
}

// Add counts scores in whole thousandths, as Totals gives them. Beyond 10,000 points either way counts as that.
func (h *Histogram) Add(scores ...int32) {
	for len(scores) > 0 {
		n := int(min(int64(len(scores)), math.MaxUint32-h.fresh))
		h.add(scores[:n])
		if scores = scores[n:]; h.fresh == math.MaxUint32 {
			h.flush()
		}
	}
}

func (h *Histogram) add(scores []int32) {
	near := h.recent
	for _, s := range scores {
		if uint32(s) < nearBuckets {
			near[s]++
		} else {
			h.count(s, 1)
		}
	}
	h.fresh += int64(len(scores))
	h.total += int64(len(scores))
}

func (h *Histogram) count(score int32, n int64) {
	b := min(max(score, -zeroBucket), zeroBucket) + zeroBucket
	if h.pages[b>>pageBits] == nil {
		h.pages[b>>pageBits] = make([]int64, 1<<pageBits)
	}
	h.pages[b>>pageBits][b&(1<<pageBits-1)] += n
}

// flush moves the recent counts to the pages.
func (h *Histogram) flush() {
	if h.fresh == 0 {
		return
	}
	for s, n := range h.recent {
		if n > 0 {
			h.count(int32(s), int64(n))
		}
	}
	*h.recent, h.fresh = [nearBuckets]uint32{}, 0
}

// AddTotal counts a score as Total and Result give it.
func (h *Histogram) AddTotal(total float64) {
	h.Add(int32(thousandths(min(max(total, -maxPoints), maxPoints))))
}

// Merge adds the counts of another histogram.
func (h *Histogram) Merge(of *Histogram) {
	of.flush()
	for p, page := range of.pages {
		if page == nil {
			continue
		}
		if h.pages[p] == nil {
			h.pages[p] = make([]int64, 1<<pageBits)
		}
		for i, n := range page {
			h.pages[p][i] += n
		}
	}
	h.total += of.total
}

// Count returns how many scores were added.
func (h *Histogram) Count() int64 { return h.total }

// descend calls visit for each score that occurs, from the highest down, until it returns false.
func (h *Histogram) descend(visit func(score int32, n int64) bool) {
	h.flush()
	for p := len(h.pages) - 1; p >= 0; p-- {
		for i := len(h.pages[p]) - 1; i >= 0; i-- {
			if n := h.pages[p][i]; n > 0 && !visit(int32(p<<pageBits+i-zeroBucket), n) {
				return
			}
		}
	}
}

// A RankCut is a tier's share of all customers, counted from the best.
type RankCut struct {
	Tier  string  // "A"
	Title string  // its Chinese name
	Top   float64 // 0.05: down to the best 5 %; above 0, at most 1, rising from cut to cut
}

// ErrRankCuts is what Cuts reports for cuts that mean nothing.
var ErrRankCuts = errors.New("rank cuts")

// Cuts returns the cut-offs that give each tier its share of the scores that were added.
//
// Customers of one score are never parted, so a share can be met only up to a tie. The rule for the customers tied at the
// edge: they share the better tier, unless so many of them come with it that the tier would be further beyond its share
// than it falls short without them; when both are equally far, they get the better tier. A tier thus misses its share by at
// most half of the tie, so that a share is never passed by more than the tie itself, and exactly hits it when nobody is tied at its edge. The share of n customers is rounded to whole
// customers, half up, and is at least 1: of 5 customers, and of 1, somebody is the best. Where a tie covers all that is left of
// several tiers, the best of these takes it and the others are empty.
//
// A cut lies half way between the lowest score of its tier and the highest below it (or 0): where customers are few, the best ones would
// else be edges themselves, which no entry band of a Policy ever lets them pass. Where scores lie closer together than the band is wide, that is not
// enough: of two customers within 4 % of each other neither would ever be beyond it, and the tier would stand empty. So a cut also says what the better
// half of its tier reaches (Enter), and who reaches that enters whatever the band.
//
// A tier that nobody reaches, and every tier before the first score was added, has a cut that never holds.
func (h *Histogram) Cuts(name string, ranks []RankCut, otherwise, title string) (Scheme, error) {
	if err := checkRanks(ranks); err != nil {
		return Scheme{}, fmt.Errorf("scheme %q: %w", name, err)
	}
	s := Scheme{Name: name, Else: otherwise, ElseTitle: title}
	edges := h.edges(ranks)
	h.middles(edges)
	for i, edge := range edges {
		cut := Cut{Tier: ranks[i].Tier, Title: ranks[i].Title}
		if edge.low < nobody {
			at := points(int64(edge.low))
			cut.AtLeast = &at
		}
		if edge.middle < nobody {
			at := points(int64(edge.middle))
			cut.Enter = &at
		}
		s.Cuts = append(s.Cuts, cut)
	}
	return s, nil
}

func checkRanks(ranks []RankCut) error {
	last := 0.0
	for _, r := range ranks {
		if !(r.Top > last) || r.Top > 1 {
			return fmt.Errorf("%w: tier %q: the share %v does not lie above %v and at most at 1", ErrRankCuts, r.Tier, r.Top, last)
		}
		last = r.Top
	}
	return nil
}

// edge is where a tier begins, how many customers it has and which score half of them reach; in whole thousandths.
type edge struct {
	low, middle int32
	n           int64
}

// nobody is an edge that no score reaches.
const nobody = math.MaxInt32

// edges returns where each tier begins: half way between its lowest score and the highest below; nobody where no score reaches it.
func (h *Histogram) edges(ranks []RankCut) []edge {
	lowest, below := make([]int32, len(ranks)), make([]int32, len(ranks))
	next, above, last := 0, int64(0), int32(nobody)
	for i := range lowest {
		lowest[i], below[i] = nobody, -nobody
	}
	h.descend(func(score int32, n int64) bool {
		for ; next < len(ranks); next++ {
			want := h.share(ranks[next].Top)
			if above+n < want {
				break // the whole tie belongs here, and more
			}
			if beyond, short := above+n-want, want-above; beyond <= short || above == 0 {
				lowest[next] = score
			} else {
				lowest[next] = last
			}
		}
		pending := next < len(ranks)
		for i, low := range lowest[:next] {
			switch {
			case low == score:
				pending = true
			case below[i] == -nobody:
				below[i] = score
			}
		}
		above, last = above+n, score
		return pending
	})
	out := make([]edge, len(ranks))
	for i, low := range lowest {
		if below[i] == -nobody {
			below[i] = min(low, 0)
		}
		if out[i] = (edge{low: low, middle: nobody}); low < nobody {
			out[i].low = below[i] + (low-below[i]+1)/2
		}
	}
	return out
}

// middles fills in what the better half of each tier reaches: of an odd number, with the one in the middle.
func (h *Histogram) middles(edges []edge) {
	tier := 0
	place := func(score int32) int { // tiers go downwards with the scores
		for tier < len(edges) && score < edges[tier].low {
			tier++
		}
		return tier
	}
	each := func(visit func(e *edge, score int32, n int64)) {
		tier = 0
		h.descend(func(score int32, n int64) bool {
			if at := place(score); at < len(edges) {
				visit(&edges[at], score, n)
			}
			return tier < len(edges)
		})
	}
	each(func(e *edge, _ int32, n int64) { e.n += n })
	seen := make(map[*edge]int64, len(edges))
	each(func(e *edge, score int32, n int64) {
		if seen[e] < (e.n+1)/2 {
			e.middle = score
		}
		seen[e] += n
	})
}

// share is how many of all customers the best share are.
func (h *Histogram) share(top float64) int64 {
	return max(int64(math.Floor(float64(h.total)*top+0.5)), 1)
}
