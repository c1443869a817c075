package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"lingke/internal/delivery"
)

// kinds are what the source says of kinds of messages: constants named Kind…, and what stands as Kind of a delivery or a card, or as the kind of work.
type kinds struct {
	names map[string]string // constant → value
	sent  map[string]string // expression → where
	work  map[string]string
}

// TestEveryKindThatIsSentHasAPolicy reads the source: a new kind of card, or of work, has to be thought of in delivery's policies.
func TestEveryKindThatIsSentHasAPolicy(t *testing.T) {
	t.Parallel()
	k := kinds{names: map[string]string{}, sent: map[string]string{}, work: map[string]string{}}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "emulator") || strings.Contains(path, "storetest") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool { k.note(set, n); return true })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, all := range []map[string]string{k.sent, k.work} {
		for expr, where := range all {
			value := k.value(expr)
			if value == "" {
				continue
			}
			found++
			if !delivery.Known(value) {
				t.Errorf("%s sends %q, which has no policy in internal/delivery/policy.go", where, value)
			}
		}
	}
	for name, value := range k.names {
		if strings.HasPrefix(name, "Kind") && !delivery.Known(value) {
			t.Errorf("%s = %q has no policy in internal/delivery/policy.go", name, value)
		}
	}
	if found < 15 || len(k.names) < 15 {
		t.Fatalf("only %d kinds and %d names were found: the test no longer sees them", found, len(k.names))
	}
}

// note keeps what a node says of kinds.
func (k kinds) note(set *token.FileSet, n ast.Node) {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if strings.HasPrefix(name.Name, "Kind") && i < len(n.Values) {
				if lit, ok := n.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					k.names[name.Name], _ = strconv.Unquote(lit.Value)
				}
			}
		}
	case *ast.CompositeLit:
		into := map[string]map[string]string{"Delivery": k.sent, "Card": k.sent, "Work": k.work}[typeName(n.Type)]
		for _, e := range n.Elts {
			pair, ok := e.(*ast.KeyValueExpr)
			if key, named := keyOf(pair, ok); named && key == "Kind" && into != nil {
				into[exprText(pair.Value)] = set.Position(pair.Pos()).String()
			}
		}
	}
}

func keyOf(pair *ast.KeyValueExpr, ok bool) (string, bool) {
	if !ok {
		return "", false
	}
	id, ok := pair.Key.(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// exprText is a literal with its quotes or the last name of a constant; "" for what is only known when it runs.
func exprText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Value
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func (k kinds) value(expr string) string {
	if text, err := strconv.Unquote(expr); err == nil {
		return text
	}
	return k.names[expr]
}
