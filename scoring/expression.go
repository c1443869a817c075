package scoring

import (
	"errors"
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// What an expression may measure. The parser recurses, so its input is bounded before it starts.
const (
	maxExpressionBytes = 4096
	maxExpressionDepth = 64
	maxExpressionNodes = 1000
)

// expression is a parsed and checked tree, ready to be compiled or put into words.
type expression struct {
	schema *Schema
	root   ast.Node
	kind   Kind
	slots  []int // fields it reads, each once, in the order they first appear
	coded  bool  // compile for cells of which every text has its code
	told   []int // those among them whose value the text itself tells (field == "literal")
}

// fault is something wrong in an expression: at the rune with this index.
type fault struct {
	at   int
	what string
}

// parseExpression parses text and checks it against the whitelist and the schema's types. It returns every fault it found;
// an expression without faults compiles.
func parseExpression(text string, s *Schema, want Kind) (*expression, []fault) {
	return checker{schema: s}.parse(text, want)
}

func (c checker) parse(text string, want Kind) (*expression, []fault) {
	if strings.TrimSpace(text) == "" {
		return nil, []fault{{0, "the expression is empty"}}
	}
	if len(text) > maxExpressionBytes {
		return nil, []fault{{0, fmt.Sprintf("the expression has %d bytes, at most %d are possible", len(text), maxExpressionBytes)}}
	}
	tree, err := parseTree(text)
	if err != nil {
		return nil, []fault{parseFault(err)}
	}
	kind, ok := c.check(tree.Node, 1)
	if ok && kind != want {
		c.fault(tree.Node, fmt.Sprintf("the expression gives a %s, a %s is needed", kind, want))
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	e := &expression{schema: c.schema, root: tree.Node, kind: kind, slots: c.slots, told: c.told}
	if e.cost(e.root) > maxCost {
		return nil, []fault{{0, "the expression is too large: it could take too many steps"}}
	}
	return e, nil
}

// parseTree keeps a stumble of the parser over a stranger's text an error.
func parseTree(text string) (tree *parser.Tree, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not readable: %v", r)
		}
	}()
	return parser.Parse(text)
}

func parseFault(err error) fault {
	var at *file.Error
	if errors.As(err, &at) {
		return fault{at.From, at.Message}
	}
	return fault{0, err.Error()}
}

// plain reports whether the expression is nothing but a field.
func (e *expression) plain() bool {
	_, ok := e.root.(*ast.IdentifierNode)
	return ok
}
