package configs

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

const (
	maxProblems = 200 // more help nobody
	storeURI    = "store.uri"
)

// position returns a function, since most positions are never asked for.
func position(n ast.Node) func() (line, column int) {
	return func() (int, int) {
		if mapping, ok := n.(*ast.MappingNode); ok && !mapping.IsFlowStyle && len(mapping.Values) > 0 {
			return position(mapping.Values[0].Key)()
		}
		if single, ok := n.(*ast.MappingValueNode); ok {
			return position(single.Key)()
		}
		if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
			return 1, 1
		}
		at := n.GetToken().Position
		return at.Line, at.Column
	}
}

// mark remembers where the value of path stands.
func (d *decoder) mark(path string, n ast.Node) {
	line, column := position(n)()
	null := n.Type() == ast.NullType
	d.places[path] = &place{line: line, column: column, ok: !null, null: null, literal: true}
}

func (d *decoder) problem(at func() (int, int), message, hint string) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, d.entry(at, message, hint))
	}
}

func (d *decoder) warning(at func() (int, int), message, hint string) {
	if len(d.warnings) < maxProblems {
		d.warnings = append(d.warnings, d.entry(at, message, hint))
	}
}

func (d *decoder) entry(at func() (int, int), message, hint string) Problem {
	line, column := at()
	if d.lastLine > 0 {
		line = min(line, d.lastLine)
	}
	return Problem{d.file, max(line, 1), max(column, 1), message, hint}
}

// refuse reports the value of path.
func (d *decoder) refuse(path, message, hint string) {
	d.problem(d.where(path), message, hint)
	if at := d.places[path]; at != nil {
		at.ok = false
	}
}

// where returns the position of path, or of the nearest thing around it that stands in the file.
func (d *decoder) where(path string) func() (int, int) {
	for {
		if at := d.places[path]; at != nil && at.line > 0 {
			return func() (int, int) { return at.line, at.column }
		}
		if path == "" {
			return func() (int, int) { return 1, 1 }
		}
		path = parent(path)
	}
}

func parent(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '.' || path[i] == '[' {
			return path[:i]
		}
	}
	return ""
}

// mismatch reports a value of another shape than wanted.
func (d *decoder) mismatch(path string, n ast.Node, wanted string) {
	found, hint := shape(n), ""
	if _, scalar := scalarText(n); scalar && confidential(path) {
		found = "a text"
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		hint = "this file knows no &, * and ! of YAML: write the value out, or quote it"
	}
	d.refuse(path, fmt.Sprintf("expected %s, found %s", wanted, found), hint)
}

func shape(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "keys with values"
	case *ast.AnchorNode:
		return "an anchor (&)"
	case *ast.AliasNode:
		return "an alias (*)"
	case *ast.TagNode:
		return "a tag (!)"
	}
	raw, _ := scalarText(n)
	return quote(raw)
}

// shown quotes the value of path as it stands in the file, but never one that may be a secret.
func (d *decoder) shown(path string) string {
	if confidential(path) {
		return "this value"
	}
	return quote(d.places[path].raw)
}

// quote shows at most 60 characters of text.
func quote(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return strconv.Quote(text)
}

// confidential reports whether the value of path may hold a secret. A store's URI may hold a password.
func confidential(path string) bool { return secretKey(lastKey(path)) || path == storeURI }

func (d *decoder) warnPlaceholder(at func() (int, int), name string) {
	d.warning(at, fmt.Sprintf("%s still holds the placeholder of the sample", name), "put the real value here")
}
