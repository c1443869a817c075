package customer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// partition puts records together that are one customer. It is a function of the set of records and of the set of decisions; their order does not
// matter.
//
// Records with a strong key in common are joined, key by key (credit codes, tax numbers, what sources say of each other, mobile
// numbers of persons), then those that a person said are one, the oldest decision first. What never becomes one: records with
// different credit codes, and records that a person said are not one; a join that would bring such two together is left out, also where
// others lie between them.
func partition(records []Record, decisions []Decision) [][]Record {
	if len(records) == 1 {
		return [][]Record{records}
	}
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b Record) int { return cmp.Compare(a.Ref, b.Ref) })
	g := newGrouping(records, decisions)
	g.joinByKeys()
	g.joinByDecisions(decisions)
	return g.groups()
}

// grouping is records on their way into groups.
type grouping struct {
	records []Record
	at      map[Ref]int
	group   []int          // of each record: the place of the group's first record
	members map[int][]int  // of each group
	code    map[int]string // of each group that has one
	apart   map[[2]int]bool
}

func newGrouping(records []Record, decisions []Decision) *grouping {
	g := &grouping{
		records: records, at: make(map[Ref]int, len(records)), group: make([]int, len(records)), members: make(map[int][]int, len(records)),
		code: make(map[int]string), apart: make(map[[2]int]bool),
	}
	for i, r := range records {
		g.at[r.Ref], g.group[i], g.members[i] = i, i, []int{i}
		if code := r.code(); code != "" {
			g.code[i] = code
		}
	}
	for _, d := range decisions {
		if a, b, both := g.both(d); both && !d.Same {
			g.apart[[2]int{min(a, b), max(a, b)}] = true
		}
	}
	return g
}

// both returns where the records of a decision stand, if both are there.
func (g *grouping) both(d Decision) (a, b int, ok bool) {
	a, hasA := g.at[d.A]
	b, hasB := g.at[d.B]
	return a, b, hasA && hasB
}

// order of the kinds of strong keys: what is believed most comes first.
var strengths = []string{keyCode, keyTax, keySame, keyMobile}

func strength(key string) int {
	return slices.IndexFunc(strengths, func(kind string) bool { return strings.HasPrefix(key, kind) })
}

func (g *grouping) joinByKeys() {
	with := make(map[string][]int)
	for i, r := range g.records {
		for _, key := range r.Strong() {
			if other, found := strings.CutPrefix(key, keySame); found {
				if j, there := g.at[Ref(other)]; there {
					with[key] = append(with[key], j)
				}
			}
			with[key] = append(with[key], i)
		}
	}
	keys := slices.SortedFunc(maps.Keys(with), func(a, b string) int {
		return cmp.Or(cmp.Compare(strength(a), strength(b)), cmp.Compare(a, b))
	})
	for _, key := range keys {
		for n, i := range with[key] {
			for _, j := range with[key][:n] {
				g.join(i, j)
			}
		}
	}
}

func (g *grouping) joinByDecisions(decisions []Decision) {
	decisions = slices.Clone(decisions)
	slices.SortFunc(decisions, func(a, b Decision) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	for _, d := range decisions {
		if a, b, both := g.both(d); both && d.Same {
			g.join(a, b)
		}
	}
}

// join makes the groups of two records one, unless something keeps them apart.
func (g *grouping) join(i, j int) {
	a, b := min(g.group[i], g.group[j]), max(g.group[i], g.group[j])
	if a == b || g.code[a] != "" && g.code[b] != "" && g.code[a] != g.code[b] || g.parted(a, b) {
		return
	}
	for _, m := range g.members[b] {
		g.group[m] = a
	}
	g.members[a] = append(g.members[a], g.members[b]...)
	if g.code[a] == "" {
		g.code[a] = g.code[b]
	}
	delete(g.members, b)
}

// parted reports whether a person said of two records of the groups that they are not one.
func (g *grouping) parted(a, b int) bool {
	if len(g.apart) == 0 {
		return false
	}
	for _, i := range g.members[a] {
		for _, j := range g.members[b] {
			if g.apart[[2]int{min(i, j), max(i, j)}] {
				return true
			}
		}
	}
	return false
}

// groups returns the records of each group, sorted by ref, the groups by their first.
func (g *grouping) groups() [][]Record {
	out := make([][]Record, 0, len(g.members))
	for _, first := range slices.Sorted(maps.Keys(g.members)) {
		members := g.members[first]
		slices.Sort(members)
		group := make([]Record, len(members))
		for n, i := range members {
			group[n] = g.records[i]
		}
		out = append(out, group)
	}
	return out
}
