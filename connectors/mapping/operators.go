package mapping

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"lingke/connectors/jsondoc"
)

// field reads a name, or names with dots and indexes, as a path.
func (c *compiler) field(n ast.Node) (kind, step, error) {
	path, ok := pathOf(n)
	if !ok {
		return "", nil, fmt.Errorf("%s is no field", n)
	}
	return c.source(path)
}

func pathOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.MemberNode:
		before, ok := pathOf(n.Node)
		if !ok || n.Method || n.Optional {
			return "", false
		}
		switch p := n.Property.(type) {
		case *ast.StringNode:
			if strings.ContainsAny(p.Value, `.[]"$`) || p.Value == "" {
				return before + "[" + strconv.Quote(p.Value) + "]", true
			}
			return before + "." + p.Value, true
		case *ast.IntegerNode:
			return before + "[" + strconv.Itoa(p.Value) + "]", true
		}
	}
	return "", false
}

func (c *compiler) source(path string) (kind, step, error) {
	if _, err := jsondoc.ParsePath(path); err != nil {
		return "", nil, err
	}
	if !slices.Contains(c.sources, path) {
		c.sources = append(c.sources, path)
	}
	return aText, func(s scope) (value, error) {
		text, _, err := s.row(path)
		return value{text: strings.TrimSpace(text)}, err
	}, nil
}

// want compiles an operand that must be of a kind.
func (c *compiler) want(n ast.Node, wanted kind) (step, error) {
	got, run, err := c.compile(n)
	if err == nil && got != wanted {
		err = fmt.Errorf("%s is a %s, a %s is needed%s", n, got, wanted, conversion(got, wanted))
	}
	return run, err
}

func conversion(got, wanted kind) string {
	switch {
	case got == aText && wanted == aNumber:
		return ": write number(…)"
	case got == aNumber && wanted == aText:
		return ": write text(…)"
	}
	return ""
}

func (c *compiler) unary(n *ast.UnaryNode) (kind, step, error) {
	switch n.Operator {
	case "-", "+":
		run, err := c.want(n.Node, aNumber)
		sign := map[string]float64{"-": -1, "+": 1}[n.Operator]
		return aNumber, func(s scope) (value, error) {
			v, err := run(s)
			return value{number: sign * v.number}, err
		}, err
	case "!", "not":
		run, err := c.want(n.Node, aTruth)
		return aTruth, func(s scope) (value, error) {
			v, err := run(s)
			return value{truth: !v.truth}, err
		}, err
	}
	return "", nil, fmt.Errorf("%q cannot be used here", n.Operator)
}

func (c *compiler) conditional(n *ast.ConditionalNode) (kind, step, error) {
	cond, err := c.want(n.Cond, aTruth)
	if err != nil {
		return "", nil, err
	}
	kind, yes, err := c.compile(n.Exp1)
	if err != nil {
		return "", nil, err
	}
	no, err := c.want(n.Exp2, kind)
	return kind, func(s scope) (value, error) {
		v, err := cond(s)
		if err != nil {
			return v, err
		}
		if v.truth {
			return yes(s)
		}
		return no(s)
	}, err
}

func (c *compiler) binary(n *ast.BinaryNode) (kind, step, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return c.logic(n)
	case "in":
		return c.among(n)
	case "matches":
		return c.matches(n)
	case "??":
		return c.either(n)
	}
	left, a, err := c.compile(n.Left)
	if err != nil {
		return "", nil, err
	}
	op, ok := operators[signature{left, n.Operator}]
	if !ok {
		return "", nil, fmt.Errorf("%q cannot be used with a %s%s", n.Operator, left, conversion(left, aNumber))
	}
	b, err := c.want(n.Right, left)
	if err != nil {
		return "", nil, err
	}
	return op.result, func(s scope) (value, error) {
		x, err := a(s)
		if err != nil {
			return x, err
		}
		y, err := b(s)
		if err != nil {
			return y, err
		}
		return op.do(x, y)
	}, nil
}

type signature struct {
	kind     kind
	operator string
}

type operator struct {
	result kind
	do     func(a, b value) (value, error)
}

var operators = map[signature]operator{
	{aText, "+"}:          {aText, func(a, b value) (value, error) { return bounded(a.text + b.text) }},
	{aText, "=="}:         truth(func(a, b value) bool { return a.text == b.text }),
	{aText, "!="}:         truth(func(a, b value) bool { return a.text != b.text }),
	{aText, "contains"}:   truth(func(a, b value) bool { return strings.Contains(a.text, b.text) }),
	{aText, "startsWith"}: truth(func(a, b value) bool { return strings.HasPrefix(a.text, b.text) }),
	{aText, "endsWith"}:   truth(func(a, b value) bool { return strings.HasSuffix(a.text, b.text) }),
	{aNumber, "=="}:       truth(func(a, b value) bool { return a.number == b.number }),
	{aNumber, "!="}:       truth(func(a, b value) bool { return a.number != b.number }),
	{aNumber, "<"}:        truth(func(a, b value) bool { return a.number < b.number }),
	{aNumber, "<="}:       truth(func(a, b value) bool { return a.number <= b.number }),
	{aNumber, ">"}:        truth(func(a, b value) bool { return a.number > b.number }),
	{aNumber, ">="}:       truth(func(a, b value) bool { return a.number >= b.number }),
	{aNumber, "+"}:        {aNumber, func(a, b value) (value, error) { return finite(a.number + b.number) }},
	{aNumber, "-"}:        {aNumber, func(a, b value) (value, error) { return finite(a.number - b.number) }},
	{aNumber, "*"}:        {aNumber, func(a, b value) (value, error) { return finite(a.number * b.number) }},
	{aNumber, "/"}: {aNumber, func(a, b value) (value, error) {
		return divide(a.number, b.number, func(x, y float64) float64 { return x / y })
	}},
	{aNumber, "%"}: {aNumber, func(a, b value) (value, error) { return divide(a.number, b.number, math.Mod) }},
}

func truth(is func(a, b value) bool) operator {
	return operator{aTruth, func(a, b value) (value, error) { return value{truth: is(a, b)}, nil }}
}

func divide(a, b float64, op func(a, b float64) float64) (value, error) {
	if b == 0 {
		return value{}, errors.New("division by zero")
	}
	return finite(op(a, b))
}

func bounded(text string) (value, error) {
	if len(text) > maxText {
		return value{}, fmt.Errorf("the text has more than %d bytes", maxText)
	}
	return value{text: text}, nil
}

func (c *compiler) logic(n *ast.BinaryNode) (kind, step, error) {
	a, err := c.want(n.Left, aTruth)
	if err != nil {
		return "", nil, err
	}
	b, err := c.want(n.Right, aTruth)
	decides := n.Operator == "or" || n.Operator == "||"
	return aTruth, func(s scope) (value, error) {
		x, err := a(s)
		if err != nil || x.truth == decides {
			return x, err
		}
		return b(s)
	}, err
}

func (c *compiler) either(n *ast.BinaryNode) (kind, step, error) {
	a, err := c.want(n.Left, aText)
	if err != nil {
		return "", nil, err
	}
	b, err := c.want(n.Right, aText)
	return aText, func(s scope) (value, error) {
		x, err := a(s)
		if err != nil || x.text != "" {
			return x, err
		}
		return b(s)
	}, err
}

// among is a text in a list of constant texts.
func (c *compiler) among(n *ast.BinaryNode) (kind, step, error) {
	a, err := c.want(n.Left, aText)
	if err != nil {
		return "", nil, err
	}
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return "", nil, errors.New(`after "in" there must be a list such as ["A", "B"]`)
	}
	var texts []string
	for _, item := range list.Nodes {
		text, ok := item.(*ast.StringNode)
		if !ok {
			return "", nil, fmt.Errorf("%s is no text in quotes", item)
		}
		texts = append(texts, text.Value)
	}
	return aTruth, func(s scope) (value, error) {
		x, err := a(s)
		return value{truth: slices.Contains(texts, x.text)}, err
	}, nil
}

// matches takes a constant pattern of RE2, which needs time in proportion to the text only.
func (c *compiler) matches(n *ast.BinaryNode) (kind, step, error) {
	a, err := c.want(n.Left, aText)
	if err != nil {
		return "", nil, err
	}
	text, ok := n.Right.(*ast.StringNode)
	if !ok {
		return "", nil, errors.New("the pattern after \"matches\" must be a text in quotes")
	}
	pattern, err := regexp.Compile(text.Value)
	if err != nil {
		return "", nil, err
	}
	return aTruth, func(s scope) (value, error) {
		x, err := a(s)
		return value{truth: pattern.MatchString(x.text)}, err
	}, nil
}
