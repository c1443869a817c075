package configs

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// What no config needs and the parser cannot bear: it calls itself for each level of nesting, and its time grows with the
// square of the keys of one mapping.
const (
	maxDepth = 64   // brackets inside each other, or dashes, tags and anchors on one line
	maxPairs = 500  // key-value pairs on one line
	maxKeys  = 3000 // lines of one mapping
)

// gauge measures tokens one by one.
type gauge struct {
	depth, line, marks, pairs int
	lines                     map[int]int // how many lines in a row begin with a key at a column
}

// excess returns where the tokens pass a limit, and which, or nil.
func excess(tokens token.Tokens) (*token.Position, string) {
	g := gauge{lines: map[int]int{}}
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		if t.Position.Line != g.line {
			g.newLine(t)
		}
		g.count(t)
		if g.depth > maxDepth || g.marks > maxDepth || g.pairs > maxPairs {
			return t.Position, "too much is nested here"
		}
		if g.lines[t.Position.Column] > maxKeys {
			return t.Position, fmt.Sprintf("more than %d lines of keys", maxKeys)
		}
	}
	return nil, ""
}

// newLine counts the line that t begins; what was deeper inside is over.
func (g *gauge) newLine(t *token.Token) {
	column := t.Position.Column
	g.line, g.marks, g.pairs = t.Position.Line, 0, 0
	if g.depth > 0 { // inside brackets indents mean nothing
		return
	}
	for deeper := range g.lines {
		if deeper > column {
			delete(g.lines, deeper)
		}
	}
	if t.Type != token.SequenceEntryType {
		g.lines[column]++
	}
}

func (g *gauge) count(t *token.Token) {
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		g.depth++
	case token.MappingEndType, token.SequenceEndType:
		g.depth = max(g.depth-1, 0)
	case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
		g.marks++
	case token.MappingValueType:
		g.pairs++
	}
}
