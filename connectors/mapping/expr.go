package mapping

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// Expr makes a value from several fields of the source, in the syntax of scoring rules: + - * / %, == != < <= > >=, and or not, in [..], contains, startsWith, endsWith,
// matches, ?? (the right where the left is empty), ?: and the functions of functions.go. A field's name is its path; field("a name") names one whose name is no word.
// Every field is a text, and number(…) makes a number of it, so that what cannot be reckoned with is named. Checked whole when it is read: it has no loops and is bounded in size, so it
// can neither hang nor grow.
type Expr struct {
	text    string
	sources []string
	run     step
	kind    kind
}

// Bounds of an expression and of the texts that it makes.
const (
	maxExpr   = 1000
	maxNodes  = 200
	maxText   = 16 << 10
	maxPlaces = 6
)

type kind string

const (
	aText   kind = "text"
	aNumber kind = "number"
	aTruth  kind = "condition"
)

// value is one of the three; its kind is known from the check.
type value struct {
	text   string
	number float64
	truth  bool
}

// scope is what an expression is worked out over.
type scope struct {
	row  Row
	zone *time.Location
}

type step func(scope) (value, error)

// ErrExpr says that a text is no expression that can be used here.
var ErrExpr = errors.New("not a usable expression")

// UnmarshalText reads and checks an expression.
func (e *Expr) UnmarshalText(text []byte) error {
	parsed, err := ParseExpr(string(text))
	*e = parsed
	return err
}

// ParseExpr reads and checks an expression. The error wraps ErrExpr.
func ParseExpr(text string) (Expr, error) {
	if len(text) > maxExpr {
		return Expr{}, fmt.Errorf("%w: more than %d bytes", ErrExpr, maxExpr)
	}
	tree, err := parse(text)
	if err != nil {
		return Expr{}, fmt.Errorf("%w: %w", ErrExpr, plainError(err))
	}
	c := &compiler{}
	kind, run, err := c.compile(tree.Node)
	if err == nil && kind == aTruth {
		err = errors.New("it gives a condition; a text or a number is needed (use … ? … : …)")
	}
	if err != nil {
		return Expr{}, fmt.Errorf("%w: %w", ErrExpr, err)
	}
	return Expr{text: text, sources: c.sources, run: run, kind: kind}, nil
}

// parse keeps a stumble of the parser an error.
func parse(text string) (tree *parser.Tree, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not readable: %v", r)
		}
	}()
	return parser.Parse(text)
}

func plainError(err error) error {
	if at := (*file.Error)(nil); errors.As(err, &at) {
		return errors.New(at.Message)
	}
	return err
}

// Empty reports whether there is no expression.
func (e Expr) Empty() bool { return e.run == nil }

// String returns the expression as it was written.
func (e Expr) String() string { return e.text }

// Sources are the fields that the expression reads, sorted by first use.
func (e Expr) Sources() []string { return e.sources }

// Value works the expression out over a row; dates without a zone are meant in zone. It is told where one of its fields is, and empty where all that are told are empty.
func (e Expr) Value(row Row, zone *time.Location) (text string, told bool, err error) {
	empty := len(e.sources) > 0
	for _, s := range e.sources {
		text, has, err := row(s)
		if err != nil {
			return "", false, err
		}
		told = told || has
		empty = empty && strings.TrimSpace(text) == ""
	}
	if empty {
		return "", told, nil
	}
	v, err := e.run(scope{row, zone})
	if err != nil {
		return "", false, err
	}
	if e.kind == aNumber {
		v.text = numberText(v.number)
	}
	return v.text, true, nil
}

// numberText is a plain decimal with at most maxPlaces places.
func numberText(n float64) string {
	text := strconv.FormatFloat(n, 'f', maxPlaces, 64)
	text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

// finite refuses what no plain decimal can say.
func finite(n float64) (value, error) {
	if math.IsNaN(n) || math.Abs(n) > 1e15 {
		return value{}, errors.New("the result is out of range")
	}
	return value{number: n}, nil
}

// compiler turns a syntax tree into steps, refusing whatever it does not know.
type compiler struct {
	sources []string
	nodes   int
}

func (c *compiler) compile(n ast.Node) (kind, step, error) {
	if c.nodes++; c.nodes > maxNodes {
		return "", nil, fmt.Errorf("has more than %d parts", maxNodes)
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return aText, constant(value{text: n.Value}), nil
	case *ast.IntegerNode:
		return aNumber, constant(value{number: float64(n.Value)}), nil
	case *ast.FloatNode:
		return aNumber, constant(value{number: n.Value}), nil
	case *ast.BoolNode:
		return aTruth, constant(value{truth: n.Value}), nil
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		return c.field(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.BuiltinNode:
		return c.call(n.Name, n.Arguments)
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(name.Value, n.Arguments)
		}
	}
	return "", nil, fmt.Errorf("%s cannot be used here", n)
}

func constant(v value) step { return func(scope) (value, error) { return v, nil } }
