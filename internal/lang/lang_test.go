package lang_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"lingke/internal/lang"
)

func TestTheZeroLanguageIsChinese(t *testing.T) {
	t.Parallel()
	var l lang.Language
	if got := l.Say("好", "good") + lang.English.Sayf("%d 个", "%d of them", 2); got != "好2 of them" {
		t.Error(got)
	}
	if got := (lang.Text{ZH: "好", EN: "good"}).In(lang.English); got != "good" {
		t.Error(got)
	}
	if _, err := lang.Parse("fr"); !errors.Is(err, lang.ErrUnknown) {
		t.Error(err)
	}
}

// pair is a saying in the source.
type pair struct{ zh, en, where string }

// pairs are the sayings of all packages. Where one is no constant text, it is given as "".
func pairs(t *testing.T) []pair {
	t.Helper()
	var all []pair
	eachFile(t, func(file *ast.File, set *token.FileSet) {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = f.Sel.Name
				}
				if slices.Contains([]string{"say", "sayf", "Say", "Sayf"}, name) && len(n.Args) >= 2 && !plumbing(n) {
					all = append(all, pair{literal(n.Args[0]), literal(n.Args[1]), set.Position(n.Pos()).String()})
				}
			case *ast.CompositeLit:
				if isText(n) {
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

func eachFile(t *testing.T, fn func(file *ast.File, set *token.FileSet)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err == nil && imports(file, "lingke/internal/lang") || strings.HasPrefix(path, "../chat/") || strings.HasPrefix(path, "../cards/") {
			fn(file, set)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func imports(file *ast.File, path string) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == strconv.Quote(path) })
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

func TestEverySayingExistsInBothLanguages(t *testing.T) {
	t.Parallel()
	all := pairs(t)
	if len(all) < 80 {
		t.Fatalf("only %d sayings found", len(all))
	}
	for _, p := range all {
		switch {
		case p.zh == "" || p.en == "":
			t.Errorf("%s: a wording is missing, or is no constant text", p.where)
		case han(p.en) && !strings.Contains(p.en, "“") && !strings.Contains(p.zh, p.en):
			t.Errorf("%s: the English wording is Chinese: %q", p.where, p.en)
		case !slices.Equal(verbs(p.zh), verbs(p.en)):
			t.Errorf("%s: %q and %q take different arguments", p.where, p.zh, p.en)
		}
	}
}

// chineseOnly names the files whose Chinese is not for one reader: what people type, what groups read, units in a value, and the name of who has none.
var chineseOnly = []string{"../chat/words.go", "../chat/outcome.go", "../dispatch/announce.go", "../cards/name.go", "../cards/units.go"}

// TestNothingIsSaidInChineseOnly finds Chinese texts beside the pairs in the packages that talk to people.
func TestNothingIsSaidInChineseOnly(t *testing.T) {
	t.Parallel()
	eachFile(t, func(file *ast.File, set *token.FileSet) {
		path := set.Position(file.Pos()).Filename
		if slices.Contains(chineseOnly, path) || !slices.Contains([]string{"../chat", "../cards", "../dispatch"}, filepath.Dir(path)) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				f, ok := n.Fun.(*ast.SelectorExpr)
				return !ok || !slices.Contains([]string{"say", "sayf", "Say", "Sayf"}, f.Sel.Name)
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
