package report

import (
	"maps"
	"slices"

	"lingke/scoring"
)

// Disagreement sets the tiers of another scheme beside those of the leading one, as they are now.
type Disagreement struct {
	Scheme string   `json:"scheme"`
	Rows   []string `json:"rows"`  // tiers of the leading scheme, the best first
	Tiers  []string `json:"tiers"` // of the other, the best first
	Counts [][]int  `json:"counts"`
	// Apart are customers in the best tier of one scheme and the last of the other, the first by id.
	Apart []Named `json:"apart"`
	// Opposed is how many there are of those.
	Opposed int `json:"opposed"`
}

// Named is a customer as lists show it.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// shownApart is how many of them are named.
const shownApart = 10

type crossing struct {
	counts map[[2]string]int
	apart  []Named
	n      int
}

func (g *gathering) disagree(x Subject) {
	lead, _ := g.q.Schemes.Lead()
	rows := lead.Tiers()
	for _, t := range g.q.Schemes.All {
		if t.Name == g.scheme || x.Tiers[t.Name].Tier == "" {
			continue
		}
		if g.cross == nil {
			g.cross = make(map[string]crossing)
		}
		c := g.cross[t.Name]
		if c.counts == nil {
			c.counts = make(map[[2]string]int)
		}
		a, b, tiers := x.Tiers[g.scheme].Tier, x.Tiers[t.Name].Tier, t.Tiers()
		c.counts[[2]string{a, b}]++
		if a == rows[0] && b == tiers[len(tiers)-1] || a == rows[len(rows)-1] && b == tiers[0] {
			if c.n++; len(c.apart) < shownApart {
				c.apart = append(c.apart, Named{x.ID, x.Name})
			}
		}
		g.cross[t.Name] = c
	}
}

func (g *gathering) disagreements() []Disagreement {
	lead, _ := g.q.Schemes.Lead()
	var out []Disagreement
	for _, name := range slices.Sorted(maps.Keys(g.cross)) {
		i := slices.IndexFunc(g.q.Schemes.All, func(t scoring.TierScheme) bool { return t.Name == name })
		d := Disagreement{Scheme: name, Rows: lead.Tiers(), Tiers: g.q.Schemes.All[i].Tiers(), Apart: g.cross[name].apart, Opposed: g.cross[name].n}
		for _, a := range d.Rows {
			row := make([]int, len(d.Tiers))
			for k, b := range d.Tiers {
				row[k] = g.cross[name].counts[[2]string{a, b}]
			}
			d.Counts = append(d.Counts, row)
		}
		out = append(out, d)
	}
	return out
}
