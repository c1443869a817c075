package followup

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestEveryTypeOfActivityHasAName reads the types out of the package that names them: a new one without a Chinese name would stand as its code on cards.
func TestEveryTypeOfActivityHasAName(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../connectors/connectors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Activity") || spec.Names[0].Name == "Activity" || len(spec.Values) == 0 {
			return true
		}
		value, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		kind, err := strconv.Unquote(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		n++
		if _, named := activityNames[kind]; !named {
			t.Errorf("activities of the type %q have no name", kind)
		}
		return true
	})
	if n < 15 {
		t.Fatalf("found %d types of activities, which cannot be all", n)
	}
}
