package bots_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretWords are names of what a stranger sends and must not be compared byte by byte: the time that takes tells how much of a guess was right.
var secretWords = regexp.MustCompile(`(?i)^(sign|signature|msgSignature|mac)$`)

// Signatures are compared in constant time everywhere below this folder, and in the gateway's HTTP side.
func TestSignaturesAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, folder := range []string{".", "../internal/httpapi", "../internal/access", "../connectors/webhook"} {
		err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			looked++
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				b, ok := n.(*ast.BinaryExpr)
				if ok && (b.Op == token.EQL || b.Op == token.NEQ) && !constant(b.X) && !constant(b.Y) && (secret(b.X) || secret(b.Y)) {
					t.Errorf("%s compares a signature by %s", files.Position(b.Pos()), b.Op)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 40 {
		t.Errorf("only %d files were looked at", looked)
	}
}

func constant(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.BasicLit, *ast.CompositeLit:
		return true
	case *ast.ParenExpr:
		return constant(x.X)
	case *ast.Ident:
		return x.Name == "nil"
	}
	return false
}

func secret(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return secretWords.MatchString(x.Name)
	case *ast.SelectorExpr:
		return secretWords.MatchString(x.Sel.Name)
	}
	return false
}
