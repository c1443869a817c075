package scoring

// blockRows is how many rows are scored at a time: few enough that their sums and masks stay in the processor's nearest
// cache while one column after the other passes through.
const blockRows = 1024

// block scores blocks of rows. Each rule is one pass over its column that adds to the rows' sums; a rule over several
// columns first counts in hits how many of its intervals hold.
type block struct {
	model   *Model
	from    *Columns
	at      float64
	first   int
	sums    []int64 // of the dimension
	totals  []int64
	hits    []uint8
	nothing []float64
	noText  []uint16
	tables  [][][]int32 // points by code: dimension, word rule
	cells   cells       // one row, for rules that have no kernel
}

func newBlock(m *Model, c *Columns, at float64) *block {
	b := &block{
		model: m, from: c, at: at, sums: make([]int64, blockRows), totals: make([]int64, blockRows), hits: make([]uint8, blockRows),
		nothing: filled(blockRows, missing), noText: make([]uint16, blockRows),
		cells: cells{num: filled(len(m.schema.fields), missing), text: make([]string, len(m.schema.fields))},
	}
	for i := range m.dimensions {
		var tables [][]int32
		for _, w := range m.dimensions[i].fast.words {
			tables = append(tables, w.value.all(nil))
		}
		b.tables = append(b.tables, tables)
	}
	return b
}

func (b *block) score(first int, out []int32) {
	b.first = first
	n := len(out)
	totals := b.totals[:n]
	clear(totals)
	for i := range b.model.dimensions {
		d := &b.model.dimensions[i]
		sums := b.sums[:n]
		clear(sums)
		b.dimension(&d.fast, b.tables[i], sums)
		for k, s := range sums {
			totals[k] += min(s, d.cap)
		}
	}
	for k, t := range totals {
		out[k] = int32(min(max(t, 0), b.model.cap))
	}
}

func (b *block) dimension(f *fast, tables [][]int32, sums []int64) {
	n := len(sums)
	for _, r := range f.least {
		if b.isText(r.slot) {
			b.span(interval{r.slot, r.edge, maxTexts}, r.points, sums)
			continue
		}
		addLeast(sums, b.column(r.slot, n), r.edge, r.points)
	}
	for _, r := range f.most {
		if b.isText(r.slot) {
			b.span(interval{r.slot, 0, r.edge}, r.points, sums)
			continue
		}
		addMost(sums, b.column(r.slot, n), r.edge, r.points)
	}
	for i := range f.spans {
		b.span(f.spans[i].interval, f.spans[i].points, sums)
	}
	for i := range f.pairs {
		r := &f.pairs[i]
		b.count([]interval{r.a, r.b}, n)
		addHits(sums, b.hits[:n], uint8(r.need), r.points)
	}
	for i := range f.words {
		addTable(sums, b.codes(f.words[i].slot, n), tables[i])
	}
	for i := range f.lines {
		addLine(sums, b.column(f.lines[i].slot, n), f.lines[i])
	}
	b.rest(f, sums)
}

func (b *block) span(i interval, points int64, sums []int64) {
	if b.isText(i.slot) {
		addCodes(sums, b.codes(i.slot, len(sums)), i, points)
		return
	}
	addSpan(sums, b.column(i.slot, len(sums)), i, points)
}

// count puts into hits how many of the intervals each row lies in.
func (b *block) count(all []interval, n int) {
	hits := b.hits[:n]
	clear(hits)
	for _, i := range all {
		if b.isText(i.slot) {
			countCodes(hits, b.codes(i.slot, n), i)
		} else {
			countSpan(hits, b.column(i.slot, n), i)
		}
	}
}

// rest does what has no kernel of its own, row by row.
func (b *block) rest(f *fast, sums []int64) {
	n := len(sums)
	for i := range f.joins {
		b.count(f.joins[i].all, n)
		addHits(sums, b.hits[:n], uint8(f.joins[i].need), f.joins[i].points)
	}
	for i := range f.curves {
		curve := f.curves[i].curve
		for k, x := range b.column(f.curves[i].slot, n) {
			sums[k] += curve(x)
		}
	}
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
		b.cells.num[slot] = missing
		if b.isText(slot) {
			if col := b.from.code[slot]; col != nil && col[b.first+k] != 0 {
				code := col[b.first+k]
				b.cells.num[slot], b.cells.text[slot] = float64(code), b.from.schema.texts.text(int(code))
			}
		} else if col := b.from.num[slot]; col != nil {
			b.cells.num[slot] = col[b.first+k]
		}
	}
	return &b.cells
}
