package scoring

// blockRows is how many rows are scored at a time: few enough that their sums stay in the processor's nearest cache while one
// column after the other passes through.
const blockRows = 1024

// block scores blocks of rows. Each rule is one pass over its columns that adds to the rows' sums. Rules over narrow columns
// add to packed sums, four rows at a time; others row by row.
type block struct {
	model  *Model
	from   *Columns
	at     float64
	plans  []plan // of the dimensions
	first  int    // a multiple of 4
	sums   []int64
	totals []int64
	packed []uint64
	hits   []uint8
	plain  []float64 // a column's cells, where a kernel needs them as they are
	cells  cells     // one row, for rules that have no kernel
}

func newBlock(m *Model, c *Columns, at float64) *block {
	b := &block{
		model: m, from: c, at: at, sums: make([]int64, blockRows), totals: make([]int64, blockRows),
		packed: make([]uint64, blockRows/4), hits: make([]uint8, blockRows), plain: make([]float64, blockRows),
		cells: cells{num: filled(len(c.slots), missing), text: make([]string, len(c.slots))},
	}
	for i := range m.dimensions {
		b.plans = append(b.plans, c.plan(&m.dimensions[i].fast))
	}
	return b
}

func filled(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// score scores the rows from first on, at most blockRows less what first is beyond a multiple of 4.
func (b *block) score(first int, out []int32) {
	skip := first % 4
	b.first = first - skip
	n := (skip + len(out) + 3) / 4 * 4
	totals := b.totals[:n]
	clear(totals)
	for i := range b.plans {
		sums := b.sums[:n]
		clear(sums)
		b.dimension(&b.plans[i], sums)
		most := b.model.dimensions[i].cap
		for k, s := range sums {
			totals[k] += min(s, most)
		}
	}
	for k := range out {
		out[k] = int32(min(max(totals[skip+k], b.model.floor), b.model.cap))
	}
}

func (b *block) dimension(p *plan, sums []int64) {
	if len(p.packed) > 0 {
		b.addPacked(p, sums)
	}
	for _, r := range p.single {
		b.single(r, sums)
	}
	for _, r := range p.joins {
		b.join(r, sums)
	}
	for _, t := range p.tables {
		addTable(sums, b.words(t.slot, len(sums)), t.points)
	}
	for _, l := range p.fast.lines {
		if !p.tabled[l.slot] {
			addLine(sums, b.column(l.slot, len(sums)), l)
		}
	}
	for _, r := range p.fast.curves {
		if !p.tabled[r.slot] {
			addCurve(sums, b.column(r.slot, len(sums)), r.curve)
		}
	}
	b.rest(p.fast, sums)
}

func (b *block) words(slot, n int) []uint64 {
	return b.from.slots[slot].narrow[b.first/4 : (b.first+n)/4]
}

func (b *block) addPacked(p *plan, sums []int64) {
	packed := b.packed[:len(sums)/4]
	clear(packed)
	for _, r := range p.packed {
		x := r.lanes[0]
		x.column = b.words(r.slots[0], len(sums))
		if len(r.lanes) == 1 {
			addPacked(packed, x, r.flip, r.points)
			continue
		}
		y := r.lanes[1]
		y.column = b.words(r.slots[1], len(sums))
		addPackedTwo(packed, x, y, r.either, r.flip, r.points)
	}
	unpack(sums, packed, p.unit, p.base)
}

// single adds a rule of one interval over a column that is not narrow.
func (b *block) single(r spanRule, sums []int64) {
	if c := &b.from.slots[r.slot]; c.middle != nil {
		addMiddle(sums, c.middle[b.first:], r.interval, r.points)
	} else {
		addSpan(sums, c.wide[b.first:], r.interval, r.points)
	}
}

// join adds a rule of which several intervals must hold.
func (b *block) join(r joinRule, sums []int64) {
	n := len(sums)
	hits := b.hits[:n]
	clear(hits)
	for _, i := range r.all {
		switch c := &b.from.slots[i.slot]; {
		case c.narrow != nil:
			countLanes(hits, lanesOf(c, i, b.words(i.slot, n)))
		case c.middle != nil:
			countMiddle(hits, c.middle[b.first:], i)
		case c.wide != nil:
			countSpan(hits, c.wide[b.first:], i)
		}
	}
	addHits(sums, hits, uint8(r.need), r.points)
}

// column returns a column's cells as they are.
func (b *block) column(slot, n int) []float64 {
	c := &b.from.slots[slot]
	switch {
	case c.wide != nil:
		return c.wide[b.first : b.first+n]
	case c.middle != nil:
		numbers(b.plain[:n], c.middle[b.first:])
	default:
		for i := range b.plain[:n] {
			b.plain[i] = c.get(b.first + i)
		}
	}
	return b.plain[:n]
}

// rest does what has no kernel of its own, row by row.
func (b *block) rest(f *fast, sums []int64) {
	for i := range f.tests {
		r := &f.tests[i]
		for k := range sums {
			sums[k] += r.points & -int64(one(r.test(b.row(k, r.slots), b.at)))
		}
	}
	for i := range f.gains {
		r := &f.gains[i]
		for k := range sums {
			sums[k] += r.gain(b.row(k, r.slots), b.at)
		}
	}
}

// row lays out the fields of one row that a rule reads.
func (b *block) row(k int, slots []int) *cells {
	for _, slot := range slots {
		c := &b.from.slots[slot]
		v := missing
		if b.first+k < b.from.rows {
			v = c.get(b.first + k)
		}
		if b.cells.num[slot] = v; c.text && v == v {
			b.cells.text[slot] = b.from.schema.texts.text(int(v))
		}
	}
	return &b.cells
}
