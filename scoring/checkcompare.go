package scoring

import (
	"fmt"
	"time"

	"github.com/expr-lang/expr/ast"
)

// checkComparison checks ==, !=, <, <=, >, >=: both sides of one kind, order only among numbers and instants.
func (c *checker) checkComparison(n *ast.BinaryNode, depth int) (Kind, bool) {
	left, okLeft := c.check(n.Left, depth+1)
	right, okRight := c.check(n.Right, depth+1)
	if !okLeft || !okRight {
		return 0, false
	}
	left, right = c.dateKind(n.Left, left, right), c.dateKind(n.Right, right, left)
	equality := n.Operator == "==" || n.Operator == "!="
	if left != right || left == Texts || left == Events || !equality && left != Number && left != Time {
		c.fault(n, fmt.Sprintf("%s cannot compare a %s with a %s", n.Operator, left, right))
		return 0, false
	}
	if n.Operator == "==" {
		c.noteTold(n.Left, n.Right)
		c.noteTold(n.Right, n.Left)
	}
	return Flag, true
}

// dateKind lets a text literal stand for an instant where it is compared with one.
func (c *checker) dateKind(n ast.Node, kind, other Kind) Kind {
	if s, ok := n.(*ast.StringNode); ok && other == Time {
		if _, err := parseInstant(s.Value); err == nil {
			return Time
		}
	}
	return kind
}

// parseInstant reads "2026-03-01" as that day's beginning in China, or an RFC 3339 instant.
func parseInstant(text string) (time.Time, error) {
	if t, err := time.ParseInLocation(time.DateOnly, text, china); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, text)
}

func (c *checker) noteTold(field, literal ast.Node) {
	id, ok := field.(*ast.IdentifierNode)
	if _, text := literal.(*ast.StringNode); ok && text {
		_, slot, _ := c.schema.Lookup(id.Value)
		c.told = append(c.told, slot)
	}
}

func (c *checker) checkIn(n *ast.BinaryNode, depth int) (Kind, bool) {
	kind, ok := c.check(n.Left, depth+1)
	if id, isField := n.Right.(*ast.IdentifierNode); isField && ok {
		return c.checkInField(n, kind, id)
	}
	list, isList := n.Right.(*ast.ArrayNode)
	if !isList {
		c.fault(n.Right, `behind in stands a list, e.g. ["华东", "华南"]`)
		return 0, false
	}
	if !ok {
		return 0, false
	}
	if kind != Number && kind != Text {
		c.fault(n, fmt.Sprintf("in looks for a number or a text, not a %s", kind))
		return 0, false
	}
	for _, item := range list.Nodes {
		if c.nodes++; literalKind(item) != kind || c.nodes > maxExpressionNodes {
			c.fault(item, fmt.Sprintf("the list may hold %s literals only, at most %d", kind, maxExpressionNodes))
			return 0, false
		}
	}
	return Flag, true
}

// checkInField checks "text in field", for a field that is a list of texts.
func (c *checker) checkInField(n *ast.BinaryNode, left Kind, id *ast.IdentifierNode) (Kind, bool) {
	kind, ok := c.checkField(id)
	if ok && (left != Text || kind != Texts) {
		c.fault(n, fmt.Sprintf("in looks for a text in a list of texts, not for a %s in a %s", left, kind))
		return 0, false
	}
	return Flag, ok
}

// literalKind is the kind of a literal number or text; an impossible kind for anything else.
func literalKind(n ast.Node) Kind {
	if u, ok := n.(*ast.UnaryNode); ok && u.Operator == "-" {
		n = u.Node
		if _, text := n.(*ast.StringNode); text {
			return Kind(255)
		}
	}
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return Number
	case *ast.StringNode:
		return Text
	}
	return Kind(255)
}
