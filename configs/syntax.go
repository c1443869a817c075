package configs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const maxFile = 1 << 20 // bytes

// parse turns text into the tree of its one document, nil for a document without content.
func parse(file string, text []byte) (ast.Node, *Problem) {
	fail := func(line, column int, message, hint string) (ast.Node, *Problem) {
		last := bytes.Count(text, []byte("\n")) + 1
		return nil, &Problem{file, min(max(line, 1), last), max(column, 1), message, hint}
	}
	if len(text) > maxFile {
		return fail(1, 1, fmt.Sprintf("the file is larger than %d bytes", maxFile), "")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if line := firstBad(text); line > 0 {
		return fail(line, 1, "the line holds bytes that are no text", "save the file as UTF-8")
	}
	tokens := lexer.Tokenize(string(text))
	if at, message := excess(tokens); at != nil {
		return fail(at.Line, at.Column, message, "")
	}
	docs, err := documents(tokens)
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax) && syntax.GetToken() != nil:
		at := syntax.GetToken().Position
		return fail(at.Line, at.Column, "this is not YAML: "+plain(syntax.GetMessage()), "")
	case err != nil:
		return fail(1, 1, "this is not YAML: "+plain(err.Error()), "")
	case len(docs) == 0:
		return nil, nil
	case len(docs) > 1:
		line, column := position(docs[1])()
		return fail(line, column, "a second document begins here", "a config is one document, without ---")
	}
	return docs[0], nil
}

// firstBad returns the first line with bytes that are no UTF-8 or with a NUL, or 0.
func firstBad(text []byte) int {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return i + 1
		}
	}
	return 0
}

// documents parses the tokens into what has content. The parser's own panics become errors: a file must never take a
// running gateway down.
func documents(tokens token.Tokens) (bodies []ast.Node, err error) {
	defer func() {
		if recover() != nil {
			bodies, err = nil, errors.New("the parser cannot read it")
		}
	}()
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	for _, doc := range tree.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	return bodies, nil
}

// plain keeps the first line of what the parser says.
func plain(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return line
}
