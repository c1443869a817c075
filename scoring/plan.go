package scoring

import "math"

// plan is how a dimension is scored over certain columns, which are narrow or not.
type plan struct {
	fast       *fast
	packed     []packedRule
	unit, base int64        // a packed sum counts in units; base is what the flipped rules took ahead
	single     []spanRule   // one interval over a column that is not narrow
	joins      []joinRule   // several intervals, some over columns that are not narrow
	tables     []tableRule  // functions of a narrow column, one for each column
	tabled     map[int]bool // the slots whose lines and curves are in a table
}

// packedRule adds points to packed sums. A rule that takes points away gives them ahead, in base, and adds them again to
// those for whom it does not hold, as a packed sum cannot go below 0.
type packedRule struct {
	slots        [2]int
	lanes        []lanes
	either, flip uint64
	points       uint64
}

type tableRule struct {
	slot   int
	points []int64
}

// maxTable is how many values a column may have for a table to be faster than the computation.
const maxTable = 4096

func (c *Columns) plan(f *fast) plan {
	p := plan{fast: f, tabled: map[int]bool{}}
	var rules []joinRule
	for _, r := range f.least {
		rules = append(rules, joinRule{[]interval{{r.slot, r.edge, math.Inf(1)}}, 1, r.points})
	}
	for _, r := range f.most {
		rules = append(rules, joinRule{[]interval{{r.slot, math.Inf(-1), r.edge}}, 1, r.points})
	}
	for _, r := range f.spans {
		rules = append(rules, joinRule{[]interval{r.interval}, 1, r.points})
	}
	for _, r := range f.pairs {
		rules = append(rules, joinRule{[]interval{r.a, r.b}, r.need, r.points})
	}
	c.pack(&p, append(rules, f.joins...))
	c.tabulate(&p)
	return p
}

// pack sorts the rules by the columns that they read.
func (c *Columns) pack(p *plan, rules []joinRule) {
	var narrow []joinRule
	for _, r := range rules {
		switch {
		case len(r.all) <= 2 && c.allNarrow(r.all):
			narrow = append(narrow, r)
		case len(r.all) > 1:
			p.joins = append(p.joins, r)
		case !c.slots[r.all[0].slot].empty():
			p.single = append(p.single, spanRule{r.all[0], r.points})
		}
	}
	if p.unit = unitOf(narrow); p.unit == 0 {
		p.joins = append(p.joins, narrow...)
		return
	}
	for _, r := range narrow {
		p.packed = append(p.packed, c.packedRule(r, p))
	}
}

func (c *Columns) allNarrow(all []interval) bool {
	for _, i := range all {
		if c.slots[i.slot].narrow == nil {
			return false
		}
	}
	return true
}

// unitOf is the largest unit that divides all points; 0 if their sum in it finds no room in a lane.
func unitOf(rules []joinRule) int64 {
	unit, sum := int64(0), int64(0)
	for _, r := range rules {
		unit, sum = divisor(unit, max(r.points, -r.points)), sum+max(r.points, -r.points)
	}
	if unit == 0 || sum/unit > math.MaxUint16 {
		return 0
	}
	return unit
}

func divisor(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (c *Columns) packedRule(r joinRule, p *plan) packedRule {
	out := packedRule{points: uint64(max(r.points, -r.points) / p.unit)}
	if r.points < 0 {
		out.flip = high
		p.base += r.points
	}
	if r.need < len(r.all) {
		out.either = high
	}
	for k, i := range r.all {
		out.slots[k] = i.slot
		out.lanes = append(out.lanes, lanesOf(&c.slots[i.slot], i, nil))
	}
	return out
}

// tabulate computes the functions of narrow columns once for each value, where there are few.
func (c *Columns) tabulate(p *plan) {
	tables := map[int][]int64{}
	for _, w := range p.fast.words {
		if col := &c.slots[w.slot]; col.narrow != nil {
			add(tables, w.slot, int(col.hi), w.value.at, 0)
		}
	}
	for slot := range c.slots {
		c.tabulateNumber(p, slot, tables)
	}
	for slot := range c.slots { // in the order of slots, as a map has none
		if points := tables[slot]; points != nil {
			p.tables = append(p.tables, tableRule{slot, points})
		}
	}
}

func (c *Columns) tabulateNumber(p *plan, slot int, tables map[int][]int64) {
	col := &c.slots[slot]
	if p.tabled[slot] = col.empty() || col.narrow != nil && !col.text && col.hi < maxTable; col.empty() || !p.tabled[slot] {
		return
	}
	for _, l := range p.fast.lines {
		if l.slot == slot {
			add(tables, slot, int(col.hi), l.gain, 1)
		}
	}
	for _, r := range p.fast.curves {
		if r.slot == slot {
			add(tables, slot, int(col.hi), r.curve, 1)
		}
	}
}

// add adds a function's values to a slot's table, which has an entry for each lane up to hi.
func add(tables map[int][]int64, slot, hi int, of func(x float64) int64, shift float64) {
	if tables[slot] == nil {
		tables[slot] = make([]int64, hi+1)
	}
	for lane := 1; lane <= hi; lane++ {
		tables[slot][lane] += of(float64(lane) - shift)
	}
}
