package scoring

import "github.com/expr-lang/expr/ast"

// maxCost bounds the steps that one evaluation may take. Comparing two conditions with == looks at each up to twice, so
// that nesting such comparisons would double the work each time; no rule that a person wrote comes near the bound.
const maxCost = 4000

// cost is the most steps that evaluating n can take, at most maxCost+1.
func (e *expression) cost(n ast.Node) int {
	sum := 1
	switch n := n.(type) {
	case *ast.UnaryNode:
		sum += e.cost(n.Node)
	case *ast.BinaryNode:
		sum += e.costBinary(n)
	case *ast.ConditionalNode:
		sum += 2*e.cost(n.Cond) + e.cost(n.Exp1) + e.cost(n.Exp2)
	case *ast.BuiltinNode:
		for _, arg := range n.Arguments {
			sum += e.cost(arg)
		}
	}
	return min(sum, maxCost+1)
}

func (e *expression) costBinary(n *ast.BinaryNode) int {
	if list, ok := n.Right.(*ast.ArrayNode); ok {
		return e.cost(n.Left) + len(list.Nodes)
	}
	both := e.cost(n.Left) + e.cost(n.Right)
	if id, ok := n.Right.(*ast.IdentifierNode); ok && e.kindOf(id) == Texts {
		both += 100 // walking a customer's list
	}
	if (n.Operator == "==" || n.Operator == "!=") && e.kindOf(n.Left) == Flag {
		both *= 2
	}
	return both
}
