// Package langtest reads the source of packages that talk to people.
package langtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// Check fails where a saying of the package in dir lacks a language, or takes other arguments in one than in the other, and where Chinese is said beside such pairs. The
// files typed are left out of the latter: they hold what people type, and units.
func Check(t testing.TB, dir string, typed ...string) {
	t.Helper()
	checkPairs(t, dir)
	checkChinese(t, dir, typed)
}

// pair is a saying in the source.
type pair struct {
	zh, en, where string
	format        bool
}

// pairs are the sayings of all packages. Where one is no constant text, it is given as "".
func pairs(t testing.TB, dir string) []pair {
	t.Helper()
	var all []pair
	eachFile(t, dir, func(file *ast.File, set *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if saying(n) && len(n.Args) >= 2 && !plumbing(n) {
					all = append(all, pair{literal(n.Args[0]), literal(n.Args[1]), set.Position(n.Pos()).String(), formats(n)})
				}
			case *ast.CompositeLit:
				if isText(n) {
					switch n.Elts[0].(*ast.KeyValueExpr).Value.(type) {
					case *ast.SelectorExpr, *ast.CallExpr, *ast.Ident:
						return true // of a pair that stands elsewhere
					}
					p := pair{where: set.Position(n.Pos()).String()}
					for _, e := range n.Elts {
						kv, ok := e.(*ast.KeyValueExpr)
						if !ok {
							return true
						}
						switch key, _ := kv.Key.(*ast.Ident); key.Name {
						case "ZH":
							p.zh = literal(kv.Value)
						case "EN":
							p.en = literal(kv.Value)
						default:
							return true
						}
					}
					all = append(all, p)
				}
			}
			return true
		})
	})
	return all
}

// saying reports whether a call says something in both languages: one of lang.Language, or a package's short name for it.
func saying(n *ast.CallExpr) bool {
	f, ok := n.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"say", "sayf", "Say", "Sayf", "Both", "heads"}, f.Sel.Name)
}

// formats reports whether a saying is a format.
func formats(n *ast.CallExpr) bool {
	f, ok := n.Fun.(*ast.SelectorExpr)
	return !ok || strings.HasSuffix(f.Sel.Name, "f") || f.Sel.Name == "Both"
}

// isText reports whether a literal is a lang.Text, also an element of a map of them, which does not name its type.
func isText(n *ast.CompositeLit) bool {
	if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name != "Text" || len(n.Elts) == 0 {
		return false
	}
	kv, ok := n.Elts[0].(*ast.KeyValueExpr)
	if !ok {
		return false
	}
	key, ok := kv.Key.(*ast.Ident)
	return ok && (key.Name == "ZH" || key.Name == "EN")
}

// plumbing is a call that hands on what it was given.
func plumbing(n *ast.CallExpr) bool {
	zh, ok := n.Args[0].(*ast.Ident)
	return ok && zh.Name == "zh"
}

func eachFile(t testing.TB, dir string, fn func(file *ast.File, set *token.FileSet)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source in %s: %v", dir, err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		fn(file, set)
	}
}

func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return literal(e.X) + literal(e.Y)
	}
	return ""
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+# 0]*[\d.*]*[a-zA-Z]`)

// verbs are those of a format, sorted, without the numbers of their arguments.
func verbs(format string) []string {
	found := verb.FindAllString(strings.ReplaceAll(format, "%%", ""), -1)
	for i, v := range found {
		found[i] = regexp.MustCompile(`\[\d+\]`).ReplaceAllString(v, "")
	}
	slices.Sort(found)
	return found
}

func han(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func checkPairs(t testing.TB, dir string) {
	t.Helper()
	for _, p := range pairs(t, dir) {
		switch {
		case p.zh == "" || p.en == "":
			t.Errorf("%s: a wording is missing, or is no constant text", p.where)
		case han(p.en) && !strings.Contains(p.en, "“") && !strings.Contains(p.zh, p.en):
			t.Errorf("%s: the English wording is Chinese: %q", p.where, p.en)
		case p.format && !slices.Equal(verbs(p.zh), verbs(p.en)):
			t.Errorf("%s: %q and %q take different arguments", p.where, p.zh, p.en)
		}
	}
}

// checkChinese finds Chinese texts beside the pairs. Tables of a package (var) hold what people type, or names that have pairs of their own.
func checkChinese(t testing.TB, dir string, typed []string) {
	t.Helper()
	eachFile(t, dir, func(file *ast.File, set *token.FileSet) {
		if slices.Contains(typed, filepath.Base(set.Position(file.Pos()).Filename)) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GenDecl:
				return n.Tok != token.VAR
			case *ast.CallExpr:
				return !saying(n)
			case *ast.CompositeLit:
				return !isText(n)
			case *ast.KeyValueExpr: // words that people type
				key, ok := n.Key.(*ast.Ident)
				return !ok || key.Name != "words" && key.Name != "forms"
			case *ast.BasicLit:
				if text := literal(n); n.Kind == token.STRING && han(text) {
					t.Errorf("%s: %q is said in Chinese only", set.Position(n.Pos()), text)
				}
			}
			return true
		})
	})
}
