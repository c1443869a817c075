package scoring

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

// fast holds a dimension's rules and indicators arranged for Total. The commonest shapes stand in plain tables that loops
// walk without calls and without jumps that could be guessed wrong; the rest are closures. The order does not matter to a
// sum of integers.
//
// An interval covers a number's bounds and also "text equals": a text's cell is its code.
type fast struct {
	least  []edgeRule  // one interval that is open above
	most   []edgeRule  // one interval that is open below
	spans  []spanRule  // one interval
	pairs  []pairRule  // two intervals, of which need (1: or, 2: and) must hold
	joins  []joinRule  // any number of intervals
	words  []wordRule  // a function of one text, by its code
	tests  []testRule  // anything else
	lines  []line      // linear indicators over a field as it is
	curves []curveRule // other functions of one number
	gains  []gainRule  // anything else
}

// maxIntervals lets a block count in bytes how many hold.
const maxIntervals = 200

type spanRule struct {
	interval
	points int64
}

type edgeRule struct {
	slot   int
	edge   float64
	points int64
}

type pairRule struct {
	a, b   interval
	need   int
	points int64
}

type joinRule struct {
	all    []interval
	need   int
	points int64
}

type wordRule struct {
	slot  int
	value *byCode // points
}

type testRule struct {
	test   test
	points int64
	slots  []int
}

// line is a linear indicator over a field as it is.
type line struct {
	slot              int
	from, width, full float64
}

type curveRule struct {
	slot  int
	curve func(x float64) int64
}

type gainRule struct {
	gain  gain
	slots []int
}

// oneBits are those of 1.0. Floats that are not negative order as their bits do.
var oneBits = int64(math.Float64bits(1))

// gain is portion without a jump.
func (l *line) gain(x float64) int64 {
	share := (x - l.from) / l.width
	bits := min(max(int64(math.Float64bits(share)), 0), oneBits) & -int64(one(share == share))
	return int64(float64(math.Float64frombits(uint64(bits))*l.full) + 0.5)
}

func (f *fast) addRule(spec *ruleSpec, points int64) {
	e := spec.when
	if all, need, ok := e.intervals(e.root, true); ok && len(all) <= maxIntervals {
		f.addIntervals(all, need, points)
		return
	}
	if slot, value, ok := e.wordTest(points); ok && small(points) {
		f.words = append(f.words, wordRule{slot, value})
		return
	}
	coded := *e
	coded.coded = true
	f.tests = append(f.tests, testRule{coded.compileTest(e.root, true), points, e.slots})
}

func (f *fast) addIntervals(all []interval, need int, points int64) {
	switch len(all) {
	case 0:
		if need == 0 {
			f.tests = append(f.tests, testRule{func(*cells, float64) bool { return true }, points, nil})
		}
	case 1:
		f.addInterval(all[0], points)
	case 2:
		f.pairs = append(f.pairs, pairRule{all[0], all[1], need, points})
	default:
		f.joins = append(f.joins, joinRule{all, need, points})
	}
}

func (f *fast) addInterval(i interval, points int64) {
	switch {
	case math.IsInf(i.hi, 1):
		f.least = append(f.least, edgeRule{i.slot, i.lo, points})
	case math.IsInf(i.lo, -1):
		f.most = append(f.most, edgeRule{i.slot, i.hi, points})
	default:
		f.spans = append(f.spans, spanRule{i, points})
	}
}

func (f *fast) addIndicator(i *indicatorSpec, weight float64, g gain, curve func(float64) int64) {
	e := i.value
	switch {
	case i.Linear != nil && e.plain():
		f.lines = append(f.lines, line{
			slot: e.slots[0], from: i.Linear.From, width: i.Linear.To - i.Linear.From, full: i.Weight * weight * 1000,
		})
	case i.Table != nil && e.plain() && small(thousandths(i.Weight*weight)):
		f.words = append(f.words, wordRule{e.slots[0], newByCode(e.schema.texts, e.ofText(func(c *cells) int64 { return g(c, missing) }))})
	case curve != nil && e.plain():
		f.curves = append(f.curves, curveRule{e.slots[0], curve})
	default:
		f.gains = append(f.gains, gainRule{g, e.slots})
	}
}

// ofText makes a function of the cells that reads one text only a function of that text.
func (e *expression) ofText(value func(c *cells) int64) func(string) int64 {
	slot, n := e.slots[0], len(e.schema.fields)
	return func(text string) int64 {
		c := cells{num: make([]float64, n), text: make([]string, n)}
		c.text[slot] = text
		return value(&c)
	}
}

// wordTest turns a condition that reads one text and is not certain without it into its points by the text's code.
func (e *expression) wordTest(points int64) (int, *byCode, bool) {
	if len(e.slots) != 1 || e.schema.fields[e.slots[0]].Kind != Text {
		return 0, nil, false
	}
	holds := e.compileTest(e.root, true)
	if holds(e.schema.nothing(), missing) {
		return 0, nil, false // "known or true" holds for a missing text too, which has no code
	}
	return e.slots[0], newByCode(e.schema.texts, e.ofText(func(c *cells) int64 {
		return int64(one(holds(c, missing))) * points
	})), true
}

// nothing are cells in which everything is missing.
func (s *Schema) nothing() *cells { return &s.NewFacts().cells }

func (e *expression) usesHas(n ast.Node) bool {
	call, ok := n.(*ast.CallNode)
	return ok && call.Callee.(*ast.IdentifierNode).Value == "has"
}

// small reports whether a table by code can hold the points.
func small(points int64) bool { return points > notComputed && points < -notComputed }

// total adds up the dimension before its cap.
func (f *fast) total(c *cells, at float64) int64 {
	num, sum := c.num, int64(0)
	for i := range f.least {
		r := &f.least[i]
		sum += r.points & -int64(one(num[r.slot] >= r.edge))
	}
	for i := range f.most {
		r := &f.most[i]
		sum += r.points & -int64(one(num[r.slot] <= r.edge))
	}
	for i := range f.spans {
		r := &f.spans[i]
		x := num[r.slot]
		sum += r.points & -int64(one(x >= r.lo)&one(x <= r.hi))
	}
	for i := range f.pairs {
		r := &f.pairs[i]
		x, y := num[r.a.slot], num[r.b.slot]
		n := one(x >= r.a.lo)&one(x <= r.a.hi) + one(y >= r.b.lo)&one(y <= r.b.hi)
		sum += r.points & -int64(one(n >= r.need))
	}
	for i := range f.words {
		r := &f.words[i]
		x, table := num[r.slot], *r.value.table.Load()
		v := int32(notComputed)
		if code := int(x); uint(code) < uint(len(table)) { // what is missing has no such code
			v = table[code].Load()
		}
		if v == notComputed {
			v = int32(r.value.at(x))
		}
		sum += int64(v)
	}
	for i := range f.lines {
		l := &f.lines[i]
		sum += l.gain(num[l.slot])
	}
	return sum + f.rest(c, at)
}

func (f *fast) rest(c *cells, at float64) (sum int64) {
	for i := range f.joins {
		sum += f.joins[i].points & -int64(one(f.joins[i].holds(c)))
	}
	for i := range f.tests {
		sum += f.tests[i].points & -int64(one(f.tests[i].test(c, at)))
	}
	for i := range f.curves {
		sum += f.curves[i].curve(c.num[f.curves[i].slot])
	}
	for i := range f.gains {
		sum += f.gains[i].gain(c, at)
	}
	return sum
}

func (r *joinRule) holds(c *cells) bool {
	n := 0
	for i := range r.all {
		n += one(r.all[i].within(c))
	}
	return n >= r.need
}
