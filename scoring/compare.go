package scoring

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// opposite is the comparison that holds exactly when the other does not, both operands being known.
var opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

// mirrored is the comparison with its sides exchanged.
var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", ">=": "<=", ">": "<", "<=": ">="}

// compileComparison compares numbers or instants. A comparison with NaN is false in Go too, except !=, so that only !=
// needs a look at its operands.
func (e *expression) compileComparison(n *ast.BinaryNode, sense bool) test {
	if b, ok := e.bound(n, sense); ok {
		return b.test()
	}
	op := n.Operator
	if !sense {
		op = opposite[op]
	}
	return compare(op, e.compileNumber(n.Left), e.compileNumber(n.Right))
}

func compare(op string, a, b number) test {
	switch op {
	case "<":
		return func(c *cells, at float64) bool { return a(c, at) < b(c, at) }
	case "<=":
		return func(c *cells, at float64) bool { return a(c, at) <= b(c, at) }
	case ">":
		return func(c *cells, at float64) bool { return a(c, at) > b(c, at) }
	case ">=":
		return func(c *cells, at float64) bool { return a(c, at) >= b(c, at) }
	case "==":
		return func(c *cells, at float64) bool { return a(c, at) == b(c, at) }
	}
	return func(c *cells, at float64) bool {
		x, y := a(c, at), b(c, at)
		return x < y || x > y
	}
}

// bound is a comparison of one field with a constant, the shape that most rules have. It gets a closure of its own, without
// calls inside.
type bound struct {
	slot  int
	op    string
	value float64
}

func (e *expression) bound(n ast.Node, sense bool) (bound, bool) {
	cmp, ok := n.(*ast.BinaryNode)
	if !ok || mirrored[cmp.Operator] == "" {
		return bound{}, false
	}
	field, value, op := cmp.Left, cmp.Right, cmp.Operator
	if _, ok := field.(*ast.IdentifierNode); !ok {
		field, value, op = value, field, mirrored[op]
	}
	id, isField := field.(*ast.IdentifierNode)
	v, isConstant := constant(value)
	if !isField || !isConstant || e.kindOf(id) == Text {
		return bound{}, false
	}
	if !sense {
		op = opposite[op]
	}
	return bound{e.slot(id), op, v}, true
}

func (b bound) test() test {
	slot, v := b.slot, b.value
	switch b.op {
	case "<":
		return func(c *cells, _ float64) bool { return c.num[slot] < v }
	case "<=":
		return func(c *cells, _ float64) bool { return c.num[slot] <= v }
	case ">":
		return func(c *cells, _ float64) bool { return c.num[slot] > v }
	case ">=":
		return func(c *cells, _ float64) bool { return c.num[slot] >= v }
	case "==":
		return func(c *cells, _ float64) bool { return c.num[slot] == v }
	}
	return func(c *cells, _ float64) bool { x := c.num[slot]; return x < v || x > v }
}

// compileIn compiles a search in a literal list. A list of numbers or texts in rules is short, so it is walked.
func (e *expression) compileIn(n *ast.BinaryNode, sense bool) test {
	if id, ok := n.Right.(*ast.IdentifierNode); ok {
		return e.compileInField(n, e.slot(id), sense)
	}
	items := n.Right.(*ast.ArrayNode).Nodes
	if e.kindOf(n.Left) == Text {
		list := make([]string, 0, len(items))
		for _, item := range items {
			list = append(list, item.(*ast.StringNode).Value)
		}
		return e.testText(n.Left, func(s string) bool { return slices.Contains(list, s) == sense })
	}
	list := make([]float64, 0, len(items))
	for _, item := range items {
		v, _ := constant(item)
		list = append(list, v)
	}
	v := e.compileNumber(n.Left)
	return func(c *cells, at float64) bool {
		x := v(c, at)
		return x == x && slices.Contains(list, x) == sense
	}
}

// compileInField compiles a search in the customer's own list; one that is missing makes it unknown.
func (e *expression) compileInField(n *ast.BinaryNode, slot int, sense bool) test {
	v := e.compileText(n.Left)
	return func(c *cells, at float64) bool {
		text, missing := v(c, at)
		return !missing && !c.missing(slot) && slices.Contains(c.texts(slot), text) == sense
	}
}
