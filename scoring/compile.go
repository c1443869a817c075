package scoring

import (
	"math"
	"time"

	"github.com/expr-lang/expr/ast"
)

// The compiled forms. They read the cells of one customer; at is the instant of scoring in Unix milliseconds. None
// allocates, loops over anything but a literal list, or panics.
type (
	test   func(c *cells, at float64) bool    // certainly true?
	number func(c *cells, at float64) float64 // NaN: missing
	phrase func(c *cells, at float64) (s string, missing bool)
)

// Each flag expression can be compiled in two senses: as "is it certainly true" and as "is it certainly false". Negation
// swaps the senses, so that an unknown stays unknown under any number of negations without a third value at run time.

// compileTest compiles a checked flag expression in one sense.
func (e *expression) compileTest(n ast.Node, sense bool) test {
	switch n := n.(type) {
	case *ast.BoolNode:
		holds := n.Value == sense
		return func(*cells, float64) bool { return holds }
	case *ast.IdentifierNode:
		return flagTest(e.slot(n), sense)
	case *ast.UnaryNode:
		return e.compileTest(n.Node, !sense)
	case *ast.BinaryNode:
		return e.compileBinaryTest(n, sense)
	case *ast.ConditionalNode:
		return e.compileChoice(n, sense)
	case *ast.CallNode: // has
		slot := e.slot(n.Arguments[0].(*ast.IdentifierNode))
		return func(c *cells, _ float64) bool { return c.missing(slot) != sense }
	}
	return func(*cells, float64) bool { return false } // the checker lets nothing else through
}

func (e *expression) slot(n *ast.IdentifierNode) int {
	_, slot, _ := e.schema.Lookup(n.Value)
	return slot
}

func flagTest(slot int, sense bool) test {
	want := 0.0
	if sense {
		want = 1
	}
	return func(c *cells, _ float64) bool { return c.num[slot] == want }
}

func (e *expression) compileBinaryTest(n *ast.BinaryNode, sense bool) test {
	switch n.Operator {
	case "&&", "and":
		return e.compileJunction(n, sense, sense)
	case "||", "or":
		return e.compileJunction(n, sense, !sense)
	case "in":
		return e.compileIn(n, sense)
	case "contains", "startsWith", "endsWith":
		return e.compileSearch(n, sense)
	}
	switch e.kindOf(n.Left) {
	case Flag:
		return e.compileFlagEquality(n, sense)
	case Text:
		if e.kindOf(n.Right) != Time {
			return e.compileTextEquality(n, sense)
		}
	}
	return e.compileComparison(n, sense)
}

// compileJunction joins both sides in the same sense: "a and b" is certainly false when either side is (De Morgan).
func (e *expression) compileJunction(n *ast.BinaryNode, sense, both bool) test {
	if t := e.fuseBounds(n, sense, both); t != nil {
		return t
	}
	a, b := e.compileTest(n.Left, sense), e.compileTest(n.Right, sense)
	if both {
		return func(c *cells, at float64) bool { return a(c, at) && b(c, at) }
	}
	return func(c *cells, at float64) bool { return a(c, at) || b(c, at) }
}

func (e *expression) compileChoice(n *ast.ConditionalNode, sense bool) test {
	yes, no := e.compileTest(n.Cond, true), e.compileTest(n.Cond, false)
	a, b := e.compileTest(n.Exp1, sense), e.compileTest(n.Exp2, sense)
	return func(c *cells, at float64) bool {
		return yes(c, at) && a(c, at) || no(c, at) && b(c, at)
	}
}

// compileFlagEquality: "a == b" is certainly true when both are known and the same.
func (e *expression) compileFlagEquality(n *ast.BinaryNode, sense bool) test {
	same := (n.Operator == "==") == sense
	left, notLeft := e.compileTest(n.Left, true), e.compileTest(n.Left, false)
	right, notRight := e.compileTest(n.Right, same), e.compileTest(n.Right, !same)
	return func(c *cells, at float64) bool {
		return left(c, at) && right(c, at) || notLeft(c, at) && notRight(c, at)
	}
}

// kindOf is the kind of a node that has been checked.
func (e *expression) kindOf(n ast.Node) Kind {
	c := checker{schema: e.schema}
	kind, _ := c.check(n, 1)
	return kind
}

// compileNumber compiles a checked number or time expression.
func (e *expression) compileNumber(n ast.Node) number {
	if v, ok := constant(n); ok {
		return func(*cells, float64) float64 { return v }
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		slot := e.slot(n)
		return func(c *cells, _ float64) float64 { return c.num[slot] }
	case *ast.UnaryNode:
		v := e.compileNumber(n.Node)
		if n.Operator == "-" {
			return func(c *cells, at float64) float64 { return -v(c, at) }
		}
		return v
	case *ast.BinaryNode:
		return arithmetic(n.Operator, e.compileNumber(n.Left), e.compileNumber(n.Right))
	case *ast.ConditionalNode:
		return e.compileNumberChoice(n)
	case *ast.BuiltinNode:
		return e.compileFunction(n.Name, n.Arguments)
	case *ast.CallNode: // days_since
		v := e.compileNumber(n.Arguments[0])
		const day = float64(24 * time.Hour / time.Millisecond)
		return func(c *cells, at float64) float64 { return (at - v(c, at)) / day }
	}
	return func(*cells, float64) float64 { return math.NaN() }
}

// constant is the value of a literal number, or of a text that stands for an instant.
func constant(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.StringNode:
		t, err := parseInstant(n.Value)
		return float64(t.UnixMilli()), err == nil
	case *ast.UnaryNode:
		v, ok := constant(n.Node)
		if n.Operator == "-" {
			v = -v
		}
		return v, ok && n.Operator != "!" && n.Operator != "not"
	case *ast.BinaryNode:
		return constantArithmetic(n)
	}
	return 0, false
}

func constantArithmetic(n *ast.BinaryNode) (float64, bool) {
	if operators[n.Operator].operand != Number || operators[n.Operator].result != Number {
		return 0, false
	}
	a, okA := constant(n.Left)
	b, okB := constant(n.Right)
	if !okA || !okB {
		return 0, false
	}
	fixed := func(v float64) number { return func(*cells, float64) float64 { return v } }
	return arithmetic(n.Operator, fixed(a), fixed(b))(nil, 0), true
}

func arithmetic(op string, a, b number) number {
	switch op {
	case "+":
		return func(c *cells, at float64) float64 { return a(c, at) + b(c, at) }
	case "-":
		return func(c *cells, at float64) float64 { return a(c, at) - b(c, at) }
	case "*":
		return func(c *cells, at float64) float64 { return a(c, at) * b(c, at) }
	}
	return func(c *cells, at float64) float64 {
		by := b(c, at)
		if by == 0 {
			return math.NaN()
		}
		return a(c, at) / by
	}
}

func (e *expression) compileNumberChoice(n *ast.ConditionalNode) number {
	yes, no := e.compileTest(n.Cond, true), e.compileTest(n.Cond, false)
	a, b := e.compileNumber(n.Exp1), e.compileNumber(n.Exp2)
	return func(c *cells, at float64) float64 {
		switch {
		case yes(c, at):
			return a(c, at)
		case no(c, at):
			return b(c, at)
		}
		return math.NaN()
	}
}

// compileFunction compiles abs, min and max; NaN, the missing value, passes through all of them.
func (e *expression) compileFunction(name string, args []ast.Node) number {
	if name == "len" { // a list's cell is its length
		slot := e.slot(args[0].(*ast.IdentifierNode))
		return func(c *cells, _ float64) float64 { return c.num[slot] }
	}
	v := e.compileNumber(args[0])
	if name == "abs" {
		return func(c *cells, at float64) float64 { return math.Abs(v(c, at)) }
	}
	for _, arg := range args[1:] {
		v = extreme(name, v, e.compileNumber(arg))
	}
	return v
}

func extreme(name string, a, b number) number {
	if name == "min" {
		return func(c *cells, at float64) float64 { return min(a(c, at), b(c, at)) }
	}
	return func(c *cells, at float64) float64 { return max(a(c, at), b(c, at)) }
}
