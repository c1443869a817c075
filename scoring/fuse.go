package scoring

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

// interval holds the values that a bound lets through, both ends included.
type interval struct {
	slot   int
	lo, hi float64
}

// interval turns a bound into an interval; != is none. Cells hold finite numbers or NaN, which lies in no interval.
func (b bound) interval() (interval, bool) {
	i := interval{b.slot, math.Inf(-1), math.Inf(1)}
	switch b.op {
	case "<":
		i.hi = math.Nextafter(b.value, math.Inf(-1))
	case "<=":
		i.hi = b.value
	case ">":
		i.lo = math.Nextafter(b.value, math.Inf(1))
	case ">=":
		i.lo = b.value
	case "==":
		i.lo, i.hi = b.value, b.value
	default:
		return i, false
	}
	return i, true
}

func (i *interval) within(c *cells) bool {
	x := c.num[i.slot]
	return one(x >= i.lo)&one(x <= i.hi) == 1
}

// fuseBounds compiles two comparisons of fields with constants, of which both or either must hold, into one closure that
// looks at both without a jump: a jump that the processor guesses wrong costs more than the second look. It returns nil for
// other shapes.
func (e *expression) fuseBounds(n *ast.BinaryNode, sense, both bool) test {
	left, okLeft := e.bound(n.Left, sense)
	right, okRight := e.bound(n.Right, sense)
	if !okLeft || !okRight {
		return nil
	}
	a, okA := left.interval()
	b, okB := right.interval()
	if !okA || !okB {
		return nil
	}
	if both {
		return func(c *cells, _ float64) bool { return one(a.within(c))&one(b.within(c)) == 1 }
	}
	return func(c *cells, _ float64) bool { return one(a.within(c))|one(b.within(c)) == 1 }
}

// one is 1 for true; the compiler makes it without a jump.
func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
