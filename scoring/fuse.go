package scoring

import (
	"math"

	"github.com/expr-lang/expr/ast"
)

// interval holds the cells that a comparison lets through, both ends included. Cells hold finite numbers, codes, or NaN, which
// lies in no interval.
type interval struct {
	slot   int
	lo, hi float64
}

func (i *interval) within(c *cells) bool {
	x := c.num[i.slot]
	return one(x >= i.lo)&one(x <= i.hi) == 1
}

// interval turns a bound into an interval; != is none.
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

// intervals turns a condition into intervals of which at least need must hold: one comparison, or a chain of the same
// junction. Two ends of one field become one interval. It returns false for other shapes.
func (e *expression) intervals(n ast.Node, sense bool) (all []interval, need int, ok bool) {
	if one, ok := e.oneInterval(n, sense); ok {
		return []interval{one}, 1, true
	}
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return e.intervals(n.Node, !sense)
		}
	case *ast.BinaryNode:
		if b, isBound := e.bound(n, sense); isBound && b.op == "!=" {
			return b.outside(), 1, true
		}
		return e.junction(n, sense)
	}
	return nil, 0, false
}

// oneInterval covers a bound, a flag, a text that equals a literal, and has.
func (e *expression) oneInterval(n ast.Node, sense bool) (interval, bool) {
	if id, ok := n.(*ast.IdentifierNode); ok && e.kindOf(id) == Flag {
		want := float64(one(sense))
		return interval{e.slot(id), want, want}, true
	}
	if call, ok := n.(*ast.CallNode); ok && sense && e.usesHas(call) {
		return interval{e.slot(call.Arguments[0].(*ast.IdentifierNode)), math.Inf(-1), math.Inf(1)}, true
	}
	if b, ok := e.bound(n, sense); ok {
		return b.interval()
	}
	if id, literal, equal, ok := e.textBound(n, sense); ok && equal {
		if _, code := e.schema.texts.intern(literal); code != uncoded {
			return interval{e.slot(id), code, code}, true
		}
	}
	return interval{}, false
}

// textBound takes apart a field's comparison with a literal text.
func (e *expression) textBound(n ast.Node, sense bool) (field *ast.IdentifierNode, literal string, equal, ok bool) {
	cmp, isBinary := n.(*ast.BinaryNode)
	if !isBinary || cmp.Operator != "==" && cmp.Operator != "!=" {
		return nil, "", false, false
	}
	for _, side := range [][2]ast.Node{{cmp.Left, cmp.Right}, {cmp.Right, cmp.Left}} {
		id, isField := side[0].(*ast.IdentifierNode)
		text, isLiteral := side[1].(*ast.StringNode)
		if isField && isLiteral && e.kindOf(id) == Text {
			return id, text.Value, (cmp.Operator == "==") == sense, true
		}
	}
	return nil, "", false, false
}

// outside are the two intervals around the value of a !=.
func (b bound) outside() []interval {
	return []interval{
		{b.slot, math.Inf(-1), math.Nextafter(b.value, math.Inf(-1))},
		{b.slot, math.Nextafter(b.value, math.Inf(1)), math.Inf(1)},
	}
}

func (e *expression) junction(n *ast.BinaryNode, sense bool) ([]interval, int, bool) {
	and := n.Operator == "&&" || n.Operator == "and"
	if !and && n.Operator != "||" && n.Operator != "or" {
		return nil, 0, false
	}
	left, needLeft, ok := e.intervals(n.Left, sense)
	if !ok {
		return nil, 0, false
	}
	right, needRight, ok := e.intervals(n.Right, sense)
	if !ok {
		return nil, 0, false
	}
	if and != sense { // De Morgan: "not (a and b)" is "not a or not b"
		all := append(left, right...)
		return all, 1, needLeft == 1 && needRight == 1
	}
	all := meet(append(left, right...))
	return all, len(all), needLeft == len(left) && needRight == len(right)
}

// meet joins intervals of one field, all of which must hold, into one.
func meet(all []interval) []interval {
	var out []interval
next:
	for _, i := range all {
		for k := range out {
			if out[k].slot == i.slot {
				out[k].lo, out[k].hi = max(out[k].lo, i.lo), min(out[k].hi, i.hi)
				continue next
			}
		}
		out = append(out, i)
	}
	return out
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
