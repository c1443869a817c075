package scoring

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// checker walks a parsed expression once: it refuses what is not on the whitelist, finds the type of every node, and notes
// the fields that are read. Faults do not stop it, so that one pass finds them all.
type checker struct {
	schema   *Schema
	timeless bool // where no instant is known, days_since is refused
	faults   []fault
	slots    []int
	told     []int
	nodes    int
}

func (c *checker) fault(n ast.Node, what string) {
	at := 0
	if n != nil {
		at = n.Location().From
	}
	c.faults = append(c.faults, fault{at, what})
}

// check returns the kind of value that n gives; false if a fault was noted in it.
func (c *checker) check(n ast.Node, depth int) (Kind, bool) {
	if c.nodes++; c.nodes > maxExpressionNodes || depth > maxExpressionDepth {
		if c.nodes == maxExpressionNodes+1 || depth == maxExpressionDepth+1 {
			c.fault(n, fmt.Sprintf("the expression is too large: at most %d parts, nested at most %d deep", maxExpressionNodes, maxExpressionDepth))
		}
		return 0, false
	}
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return Number, true
	case *ast.StringNode:
		return Text, true
	case *ast.BoolNode:
		return Flag, true
	case *ast.IdentifierNode:
		return c.checkField(n)
	case *ast.UnaryNode:
		return c.checkUnary(n, depth)
	case *ast.BinaryNode:
		return c.checkBinary(n, depth)
	case *ast.ConditionalNode:
		return c.checkConditional(n, depth)
	case *ast.BuiltinNode:
		return c.checkCall(n, n.Name, n.Arguments, depth)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.checkCall(n, callee.Value, n.Arguments, depth)
		}
	}
	return c.refuse(n)
}

func (c *checker) refuse(n ast.Node) (Kind, bool) {
	what := "this is not allowed in rules"
	switch n.(type) {
	case *ast.NilNode:
		what = "nil is not allowed in rules: has(field) asks whether a value is there"
	case *ast.ArrayNode:
		what = "a list is only allowed behind in"
	case *ast.MemberNode, *ast.ChainNode, *ast.SliceNode:
		what = "fields have no parts: . and [] are not allowed in rules"
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		what = "a rule is one expression: let and ; are not allowed"
	}
	c.fault(n, what)
	return 0, false
}

func (c *checker) checkField(n *ast.IdentifierNode) (Kind, bool) {
	f, slot, ok := c.schema.Lookup(n.Value)
	switch {
	case !ok && isOutcome(n.Value):
		c.fault(n, n.Value+" is what a model gives, so that its rules cannot read it; conditions, as those of pools, can")
		return 0, false
	case !ok:
		c.fault(n, fmt.Sprintf("unknown field %q%s", n.Value, hint(c.schema.Nearest(n.Value))))
		return 0, false
	}
	if !slices.Contains(c.slots, slot) {
		c.slots = append(c.slots, slot)
	}
	return f.Kind, true
}

func (c *checker) checkUnary(n *ast.UnaryNode, depth int) (Kind, bool) {
	kind, ok := c.check(n.Node, depth+1)
	if !ok {
		return 0, false
	}
	want := Number
	if n.Operator == "!" || n.Operator == "not" {
		want = Flag
	}
	if kind != want {
		c.fault(n, fmt.Sprintf("%s needs a %s, not a %s", n.Operator, want, kind))
		return 0, false
	}
	return want, true
}

// operand and result kinds of the operators that have only one.
var operators = map[string]struct{ operand, result Kind }{
	"&&": {Flag, Flag}, "and": {Flag, Flag}, "||": {Flag, Flag}, "or": {Flag, Flag},
	"+": {Number, Number}, "-": {Number, Number}, "*": {Number, Number}, "/": {Number, Number},
	"contains": {Text, Flag}, "startsWith": {Text, Flag}, "endsWith": {Text, Flag},
}

func (c *checker) checkBinary(n *ast.BinaryNode, depth int) (Kind, bool) {
	switch n.Operator {
	case "==", "!=", "<", "<=", ">", ">=":
		return c.checkComparison(n, depth)
	case "in":
		return c.checkIn(n, depth)
	}
	op, known := operators[n.Operator]
	if !known {
		c.fault(n, fmt.Sprintf("operator %s is not allowed in rules", n.Operator))
		return 0, false
	}
	left, okLeft := c.check(n.Left, depth+1)
	right, okRight := c.check(n.Right, depth+1)
	if !okLeft || !okRight {
		return 0, false
	}
	if left != op.operand || right != op.operand {
		c.fault(n, fmt.Sprintf("%s needs a %s on both sides, not a %s and a %s", n.Operator, op.operand, left, right))
		return 0, false
	}
	return op.result, true
}

func (c *checker) checkConditional(n *ast.ConditionalNode, depth int) (Kind, bool) {
	cond, okCond := c.check(n.Cond, depth+1)
	yes, okYes := c.check(n.Exp1, depth+1)
	no, okNo := c.check(n.Exp2, depth+1)
	if !okCond || !okYes || !okNo {
		return 0, false
	}
	if !n.Ternary {
		c.fault(n, "write condition ? a : b instead of if")
		return 0, false
	}
	if cond != Flag || yes != no || yes == Texts || yes == Events {
		c.fault(n, fmt.Sprintf("condition ? a : b needs a flag and two values of one kind, not a %s, a %s and a %s", cond, yes, no))
		return 0, false
	}
	return yes, true
}

// checkCall checks the few functions there are.
func (c *checker) checkCall(n ast.Node, name string, args []ast.Node, depth int) (Kind, bool) {
	want, least, most, result := Number, 1, 1, Number
	switch name {
	case "abs":
	case "min", "max":
		least, most = 2, 20
	case "days_since":
		if c.timeless {
			c.fault(n, "days_since is for models: a condition knows no instant; use a field that counts days, such as days_since_order")
			return 0, false
		}
		want = Time
	case "len":
		return c.checkLen(n, args)
	case "has":
		return c.checkHas(n, args)
	default:
		c.fault(n, fmt.Sprintf("function %s is not allowed in rules%s", name,
			didYouMean(name, []string{"abs", "min", "max", "has", "days_since", "len"})))
		return 0, false
	}
	if len(args) < least || len(args) > most {
		c.fault(n, fmt.Sprintf("%s takes %d to %d values, not %d", name, least, most, len(args)))
		return 0, false
	}
	good := true
	for _, arg := range args {
		kind, ok := c.check(arg, depth+1)
		if ok && kind != want {
			c.fault(arg, fmt.Sprintf("%s takes a %s, not a %s", name, want, kind))
		}
		good = good && ok && kind == want
	}
	return result, good
}

// checkLen lets len count a field that is a list.
func (c *checker) checkLen(n ast.Node, args []ast.Node) (Kind, bool) {
	if len(args) == 1 {
		if id, ok := args[0].(*ast.IdentifierNode); ok {
			kind, known := c.checkField(id)
			if known && kind != Texts && kind != Events {
				c.fault(n, fmt.Sprintf("len takes a list, not a %s", kind))
			}
			return Number, known && (kind == Texts || kind == Events)
		}
	}
	c.fault(n, "len takes one field name")
	return 0, false
}

func (c *checker) checkHas(n ast.Node, args []ast.Node) (Kind, bool) {
	if len(args) == 1 {
		if id, ok := args[0].(*ast.IdentifierNode); ok {
			_, known := c.checkField(id)
			return Flag, known
		}
	}
	c.fault(n, "has takes one field name")
	return 0, false
}
