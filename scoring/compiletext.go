package scoring

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// compileText compiles a checked text expression: a literal, a field, or a choice between two of these.
func (e *expression) compileText(n ast.Node) phrase {
	switch n := n.(type) {
	case *ast.StringNode:
		text := n.Value
		return func(*cells, float64) (string, bool) { return text, false }
	case *ast.IdentifierNode:
		slot := e.slot(n)
		return func(c *cells, _ float64) (string, bool) { return c.text[slot], c.missing(slot) }
	case *ast.ConditionalNode:
		return e.compileTextChoice(n)
	}
	return func(*cells, float64) (string, bool) { return "", true }
}

func (e *expression) compileTextChoice(n *ast.ConditionalNode) phrase {
	yes, no := e.compileTest(n.Cond, true), e.compileTest(n.Cond, false)
	a, b := e.compileText(n.Exp1), e.compileText(n.Exp2)
	return func(c *cells, at float64) (string, bool) {
		switch {
		case yes(c, at):
			return a(c, at)
		case no(c, at):
			return b(c, at)
		}
		return "", true
	}
}

// testText applies a test to a text that is there.
func (e *expression) testText(n ast.Node, holds func(string) bool) test {
	if id, ok := n.(*ast.IdentifierNode); ok {
		slot := e.slot(id)
		if e.coded {
			known := newByCode(e.schema.texts, func(s string) int64 { return int64(one(holds(s))) })
			return func(c *cells, _ float64) bool { return known.at(c.num[slot]) == 1 }
		}
		return func(c *cells, _ float64) bool { return !c.missing(slot) && holds(c.text[slot]) }
	}
	v := e.compileText(n)
	return func(c *cells, at float64) bool {
		s, missing := v(c, at)
		return !missing && holds(s)
	}
}

func (e *expression) compileTextEquality(n *ast.BinaryNode, sense bool) test {
	if id, literal, equal, ok := e.textBound(n, sense); ok {
		if _, code := e.schema.texts.intern(literal); e.coded && code != uncoded {
			return equalCode(e.slot(id), code, equal)
		}
		return equalText(e.slot(id), literal, equal)
	}
	equal := (n.Operator == "==") == sense
	return e.testTexts(n, func(a, b string) bool { return (a == b) == equal })
}

// equalText compares a field with a literal. Only an empty literal could be mistaken for a missing text.
func equalText(slot int, want string, equal bool) test {
	if equal && want != "" {
		return func(c *cells, _ float64) bool { return c.text[slot] == want }
	}
	return func(c *cells, _ float64) bool { return (c.text[slot] == want) == equal && !c.missing(slot) }
}

// equalCode does the same by the text's code.
func equalCode(slot int, want float64, equal bool) test {
	return func(c *cells, _ float64) bool {
		x := c.num[slot]
		return x == x && (x == want) == equal
	}
}

func (e *expression) compileSearch(n *ast.BinaryNode, sense bool) test {
	find := strings.Contains
	switch n.Operator {
	case "startsWith":
		find = strings.HasPrefix
	case "endsWith":
		find = strings.HasSuffix
	}
	if literal, ok := n.Right.(*ast.StringNode); ok {
		want := literal.Value
		return e.testText(n.Left, func(s string) bool { return find(s, want) == sense })
	}
	return e.testTexts(n, func(a, b string) bool { return find(a, b) == sense })
}

func (e *expression) testTexts(n *ast.BinaryNode, holds func(a, b string) bool) test {
	left, right := e.compileText(n.Left), e.compileText(n.Right)
	return func(c *cells, at float64) bool {
		a, noA := left(c, at)
		b, noB := right(c, at)
		return !noA && !noB && holds(a, b)
	}
}
