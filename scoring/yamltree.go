package scoring

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// loader walks a YAML tree, turning it into plain values and noting what is wrong where.
type loader struct {
	problems
	schema *Schema
	lines  []string
	ids    idSet
}

// root parses the file; nil if it cannot be read at all, which is noted.
func (l *loader) root(text []byte) (root ast.Node) {
	if !l.acceptable(text) {
		return nil
	}
	defer func() { // the file is a stranger's: a parser that stumbles over it must not take the gateway down
		if r := recover(); r != nil {
			l.add(1, 1, fmt.Sprintf("not readable as YAML: %v", r))
			root = nil
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		l.addYAML(err)
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		l.add(1, 1, "a model file holds one YAML document")
		return nil
	}
	return file.Docs[0].Body
}

func (l *loader) addYAML(err error) {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil {
		l.add(syntax.Token.Position.Line, syntax.Token.Position.Column, syntax.Message)
		return
	}
	l.add(1, 1, "not readable as YAML: "+strings.SplitN(err.Error(), "\n", 2)[0])
}

// at notes a problem at a node.
func (l *loader) at(n ast.Node, format string, args ...any) {
	line, column := place(n)
	l.add(line, column, fmt.Sprintf(format, args...))
}

// place is where a node begins. A mapping's own token is its first colon, so its first key is asked instead.
func place(n ast.Node) (line, column int) {
	switch m := n.(type) {
	case *ast.MappingNode:
		if len(m.Values) > 0 {
			return place(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return place(m.Key)
	}
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	p := n.GetToken().Position
	return p.Line, p.Column
}

// entry is one "key: value" of a mapping.
type entry struct {
	key   string
	keyAt ast.Node
	value ast.Node
}

// entries returns a mapping's entries in the order of the file; false, with a problem noted, for other nodes.
func (l *loader) entries(n ast.Node, what string) ([]entry, bool) {
	var pairs []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		l.at(n, "%s must be a mapping (key: value)", what)
		return nil, false
	}
	out := make([]entry, 0, len(pairs))
	for _, pair := range pairs {
		key, ok := scalar(pair.Key)
		if !ok {
			l.at(pair.Key, "%s: a key must be plain text", what)
			continue
		}
		out = append(out, entry{key, pair.Key, pair.Value})
	}
	return out, true
}

// object is the readers of a mapping's keys.
type object map[string]func(ast.Node)

// object gives each known key of a mapping to its reader, and notes unknown keys and required ones that are absent. It
// returns false for what is no mapping at all.
func (l *loader) object(n ast.Node, what string, keys object, required ...string) bool {
	entries, ok := l.entries(n, what)
	if !ok {
		return false
	}
	found := map[string]bool{}
	for _, e := range entries {
		read, ok := keys[e.key]
		if !ok {
			l.at(e.keyAt, "%s has no key %q%s", what, e.key, didYouMean(e.key, sortedKeys(keys)))
			continue
		}
		found[e.key] = true
		read(e.value)
	}
	for _, key := range required {
		if !found[key] {
			l.at(n, "%s needs the key %s", what, key)
		}
	}
	return true
}

// list calls read for each item of a sequence.
func (l *loader) list(n ast.Node, what string, read func(ast.Node)) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		l.at(n, "%s must be a list", what)
		return
	}
	for _, item := range seq.Values {
		read(item)
	}
}

// scalar returns the text of a scalar as it was written, without quotes. Anchors, aliases and tags are not scalars here:
// a model needs none, and they can make a small file large.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (l *loader) text(n ast.Node, what string) string {
	s, ok := scalar(n)
	if s = strings.TrimSpace(s); !ok || s == "" {
		l.at(n, "%s must be a text that is not empty", what)
	}
	return s
}

// words reads what people read: one text, or {zh: 画像, en: Profile}. en is "" where there is only the one.
func (l *loader) words(n ast.Node, what string) (zh, en string) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		l.object(n, what, object{
			"zh": func(v ast.Node) { zh = l.text(v, what) },
			"en": func(v ast.Node) { en = l.text(v, what) },
		}, "zh", "en")
		return zh, en
	}
	return l.text(n, what), ""
}

func (l *loader) number(n ast.Node, what string) float64 {
	s, ok := scalar(n)
	if _, quoted := n.(*ast.StringNode); ok && !quoted {
		v, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
		if err == nil && v >= -maxNumber && v <= maxNumber {
			return v
		}
	}
	l.at(n, "%s must be a number between -1e15 and 1e15", what)
	return 0
}

const maxNumber = 1e15

func (l *loader) choice(n ast.Node, what string, choices ...string) string {
	s := l.text(n, what)
	for _, c := range choices {
		if s == c {
			return s
		}
	}
	l.at(n, "%s must be one of %s%s", what, strings.Join(choices, ", "), didYouMean(s, choices))
	return choices[0]
}
